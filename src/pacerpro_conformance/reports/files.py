"""Reports for machines and for issues: JUnit XML, JSON and Markdown, each with all findings."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from pacerpro_conformance.findings import Level, Result

from .console import text_of
from .run import Run

UNPRINTABLE = {number: "?" for number in range(32) if chr(number) not in "\t\n\r"}


def write_junit(path: Path, run: Run) -> None:
    """Write JUnit XML. Accepted deviations and checks that were not tried are skipped; advice is output."""
    outcomes = run.outcomes()
    skipped = outcomes["accepted"] + outcomes["not tried"]
    counts = {"tests": len(run.results), "failures": outcomes["failed"], "errors": 0, "skipped": skipped}
    root = ET.Element("testsuite", {"name": "pacerpro-conformance"} | {key: str(each) for key, each in counts.items()})
    for each in run.results:
        about = {"classname": each.check.group, "name": each.check.name, "time": f"{each.seconds:.3f}"}
        case = ET.SubElement(root, "testcase", about)
        texts = "\n\n".join(text_of(finding) for finding in each.findings).translate(UNPRINTABLE)
        match each.outcome(strict=run.strict):
            case "failed":
                ET.SubElement(case, "failure", message=each.check.title).text = texts
            case "advice":
                ET.SubElement(case, "system-out").text = texts
            case "passed":
                pass
            case _:
                reasons = sorted({f"accepted: {deviation.reason} ({deviation.date})" for _, deviation in each.accepted})
                ET.SubElement(case, "skipped", message="; ".join(reasons) or each.not_tried)
    document = ET.ElementTree(root)
    ET.indent(document)
    document.write(path, "utf-8", xml_declaration=True)


def write_json(path: Path, run: Run) -> None:
    """Write JSON."""

    def described(each: Result) -> dict[str, Any]:
        check = each.check
        return {
            "name": check.name, "title": check.title, "level": check.level, "source": check.source,
            "outcome": each.outcome(strict=run.strict),
            "seconds": round(each.seconds, 3),
            "findings": [asdict(finding) for finding in each.findings],
            "accepted": [{**asdict(finding), "known": asdict(known)} for finding, known in each.accepted],
            "not_tried": [each.not_tried] if each.not_tried else each.gaps,
        }  # fmt: skip

    report = {
        "url": run.url, "contract": run.contract, "strict": run.strict, "verdict": run.verdict, "seconds": run.seconds,
        "counts": run.outcomes(), "checks": [described(each) for each in run.results],
        "stale": [asdict(each) for each in run.stale], "documented_and_not_seen": run.unseen,
    }  # fmt: skip
    path.write_text(json.dumps(report, indent=2, default=str) + "\n", "utf-8")


def write_markdown(path: Path, run: Run) -> None:
    """Write Markdown."""
    path.write_text("\n".join(_markdown(run)) + "\n", "utf-8")


def _markdown(run: Run) -> Iterator[str]:
    yield f"# {run.url} against {run.contract}\n\n{run.verdict}."
    for level, title in ((Level.VIOLATION, "Violations"), (Level.ADVICE, "Advice")):
        if findings := run.findings(level):
            yield f"\n## {title}\n"
            yield from (f"````text\n{text_of(each)}\n````\n" for each in findings)
    pairs = (pair for each in run.results for pair in each.accepted)
    sections = {
        "Accepted": [f"{each.check}: {each.expected} ({known.reason}, {known.date})" for each, known in pairs],
        "No longer happens": [f"{each.check}: {each.reason} ({each.date})" for each in run.stale],
        "Not tried": [f"{', '.join(names)}: {why}" for why, names in run.not_tried().items()],
        "Documented and not seen": run.unseen,
    }
    for title, lines in sections.items():
        if lines:
            yield "\n".join([f"\n## {title}\n", *(f"- {line}" for line in lines)])


WRITERS: dict[str, Callable[[Path, Run], None]] = {
    "junit": write_junit,
    "json": write_json,
    "markdown": write_markdown,
}
