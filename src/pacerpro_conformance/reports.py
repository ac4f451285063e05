"""The outcome of a run: on the console, and as JUnit XML, JSON and Markdown, each with all findings."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from .errors import CannotRunError
from .findings import Deviation, Finding, Level, Result

MOST_SHOWN = 5  # findings of one check on the console; the files have them all
UNPRINTABLE = {number: "?" for number in range(32) if chr(number) not in "\t\n\r"}


@dataclass
class Run:
    """The results of a run, and what they came from."""

    url: str
    contract: str
    strict: bool
    results: list[Result] = field(default_factory=list[Result])
    stale: list[Deviation] = field(default_factory=list[Deviation])
    seconds: float = 0.0

    def findings(self, level: Level) -> list[Finding]:
        """The findings of a level that are not accepted."""
        return [finding for each in self.results for finding in each.findings if finding.level is level]

    def outcomes(self) -> Counter[str]:
        """How many checks had each outcome."""
        return Counter(each.outcome(strict=self.strict) for each in self.results)

    def remarks(self) -> Iterator[tuple[str, str]]:
        """What else there is to say, each as its kind and a line."""
        for finding, known in (pair for each in self.results for pair in each.accepted):
            yield "accepted", f"{finding.check}: {finding.expected} ({known.reason}, {known.date})"
        for known in self.stale:
            yield "stale", f"{known.check} no longer deviates: remove it from --known ({known.reason}, {known.date})"
        reasons: dict[str, list[str]] = {}
        for each in self.results:
            for why in each.left_out():
                reasons.setdefault(why, []).append(each.check.name)
        yield from (("not tried", f"{', '.join(names)}: {why}") for why, names in reasons.items())

    def add(self, group: str, results: Sequence[Result]) -> None:
        """Take in the results of a group of checks, and print a line about it."""
        self.results += results
        outcomes = [each.outcome(strict=self.strict) for each in results]
        failed, tried = outcomes.count("failed"), len(outcomes) - outcomes.count("not tried")
        word = "FAIL" if failed else "ok" if tried else "skip"
        count = f"{failed} of {tried} checks failed" if failed else f"{tried} checks"
        say(f"  {word:4}  {group:12}  {count}, {sum(each.seconds for each in results):.1f} s")

    def status(self) -> int:
        """The exit status. Raises CannotRunError if nothing was checked."""
        if self.outcomes()["failed"]:
            return 1
        # The answers are judged on the way, whatever was asked for.
        chosen = [each for each in self.results if each.check.group != "answers"]
        if all(each.outcome(strict=self.strict) == "not tried" for each in chosen):
            raise CannotRunError("nothing was checked: no check that was asked for could run")
        return 0

    @property
    def verdict(self) -> str:
        """The outcome in a sentence."""
        counts = self.outcomes()
        rest = "".join(f", {counts[each]} {each}" for each in ("advice", "accepted", "not tried") if counts[each])
        if counts["failed"]:
            tried = len(self.results) - counts["not tried"]
            return f"The server does not hold the contract: {counts['failed']} of {tried} checks failed{rest}"
        return f"The server holds the contract: {counts['passed']} checks passed{rest}"


def say(line: str = "") -> None:
    """Print a line at once, so that progress shows."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def conclude(run: Run) -> None:
    """Print what was found."""
    shown = Counter[str]()
    for finding in run.findings(Level.VIOLATION):
        shown[finding.check] += 1
        if shown[finding.check] <= MOST_SHOWN:
            say(f"\n{_text_of(finding)}")
    for name, count in shown.items():
        if count > MOST_SHOWN:
            say(f"\n{name}: {count - MOST_SHOWN} more")
    advice: dict[tuple[str, str], list[Finding]] = {}
    for finding in run.findings(Level.ADVICE):
        advice.setdefault((finding.check, finding.source), []).append(finding)
    if advice:
        say(f"\nAdvice, which {'fails because of --strict' if run.strict else 'does not fail'}:")
    for (name, source), (first, *others) in advice.items():
        more = f" (and {len(others)} more)" if others else ""
        say(f"  {name}: expected {first.expected}; came {first.came[:40]}{more}\n      written: {source}")
    for kind, line in run.remarks():
        say(f"  {kind:9}  {line}")
    say(f"\n{run.verdict}, {run.seconds:.1f} s.")


def _text_of(finding: Finding) -> str:
    lines = {"expected": finding.expected, "came": finding.came, "with": finding.note}
    lines |= {"written": finding.source, "repeat": finding.repeat}
    return "\n".join([finding.check, *(f"  {name:8}  {text}" for name, text in lines.items() if text)])


def _junit(run: Run) -> str:
    """JUnit XML. Accepted deviations and checks that were not tried are skipped; advice is output."""
    outcomes = run.outcomes()
    skipped = outcomes["accepted"] + outcomes["not tried"]
    counts = {"tests": len(run.results), "failures": outcomes["failed"], "errors": 0, "skipped": skipped}
    root = ET.Element("testsuite", {"name": "pacerpro-conformance"} | {key: str(each) for key, each in counts.items()})
    for each in run.results:
        about = {"classname": each.check.group, "name": each.check.name, "time": f"{each.seconds:.3f}"}
        case = ET.SubElement(root, "testcase", about)
        texts = "\n\n".join(_text_of(finding) for finding in each.findings).translate(UNPRINTABLE)
        outcome = each.outcome(strict=run.strict)
        if outcome == "failed":
            ET.SubElement(case, "failure", message=each.check.title).text = texts
        elif outcome == "advice":
            ET.SubElement(case, "system-out").text = texts
        elif outcome != "passed":
            reasons = sorted({f"accepted: {known.reason} ({known.date})" for _, known in each.accepted})
            ET.SubElement(case, "skipped", message="; ".join(reasons) or each.not_tried)
    ET.indent(root)
    return str(ET.tostring(root, "utf-8", xml_declaration=True), "utf-8")


def _json(run: Run) -> str:
    def described(each: Result) -> dict[str, Any]:
        about = {name: getattr(each.check, name) for name in ("name", "title", "level", "source")}
        accepted = [{**asdict(finding), "known": asdict(known)} for finding, known in each.accepted]
        return {
            **about, "outcome": each.outcome(strict=run.strict), "seconds": round(each.seconds, 3),
            "findings": [asdict(finding) for finding in each.findings], "accepted": accepted,
            "not_tried": each.left_out(),
        }  # fmt: skip

    report = {
        "url": run.url, "contract": run.contract, "strict": run.strict, "verdict": run.verdict, "seconds": run.seconds,
        "counts": run.outcomes(), "checks": [described(each) for each in run.results],
        "stale": [asdict(each) for each in run.stale],
    }  # fmt: skip
    return json.dumps(report, indent=2, default=str)


def _markdown(run: Run) -> str:
    lines = [f"# {run.url} against {run.contract}\n\n{run.verdict}."]
    for level, title in ((Level.VIOLATION, "Violations"), (Level.ADVICE, "Advice")):
        findings = run.findings(level)
        lines += [f"\n## {title}\n"] if findings else []
        lines += [f"````text\n{_text_of(each)}\n````\n" for each in findings]
    remarks = [f"- {kind}: {line}" for kind, line in run.remarks()]
    return "\n".join([*lines, *(["\n## Remarks\n", *remarks] if remarks else [])])


WRITERS: dict[str, Callable[[Run], str]] = {"junit": _junit, "json": _json, "markdown": _markdown}
