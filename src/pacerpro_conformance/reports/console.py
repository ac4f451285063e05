"""What is printed during a run and at its end."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from pacerpro_conformance.findings import Finding, Level, Result

from .run import Run

MOST_SHOWN = 5  # findings of one check; the files have them all


def say(line: str = "") -> None:
    """Print a line at once, so that progress shows."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def say_group(title: str, results: Sequence[Result], *, strict: bool) -> None:
    """Print a line about a group of checks."""
    tried = [each for each in results if not each.not_tried]
    failed = sum(each.outcome(strict=strict) == "failed" for each in tried)
    word = "FAIL" if failed else "ok" if tried else "skip"
    count = f"{failed} of {len(tried)} checks failed" if failed else f"{len(tried)} checks"
    say(f"  {word:4}  {title} ({count}, {sum(each.seconds for each in results):.1f} s)")


def conclude(run: Run) -> None:
    """Print what was found."""
    for _, findings in _grouped(run.findings(Level.VIOLATION), lambda each: each.check):
        for finding in findings[:MOST_SHOWN]:
            say(f"\n{text_of(finding)}")
        if len(findings) > MOST_SHOWN:
            say(f"\n{findings[0].check}: {len(findings) - MOST_SHOWN} more")
    if advice := run.findings(Level.ADVICE):
        say(f"\nAdvice, which {'fails because of --strict' if run.strict else 'does not fail'}:")
    for _, findings in _grouped(advice, lambda each: f"{each.check} {each.source}"):
        first, more = findings[0], f" (and {len(findings) - 1} more)" if findings[1:] else ""
        say(f"  {first.check}: expected {first.expected}; came {first.came[:40]}{more}\n      written: {first.source}")
    for finding, deviation in (pair for each in run.results for pair in each.accepted):
        say(f"  accepted   {finding.check}: {finding.expected} ({deviation.reason}, {deviation.date})")
    for known in run.stale:
        say(f"  stale      {known.check} no longer deviates: remove it from the accepted deviations ({known.reason})")
    for why, names in run.not_tried().items():
        say(f"  not tried  {', '.join(names)}: {why}")
    for line in run.unseen:
        say(f"  note       Documented and not seen, {line}")
    say(f"\n{run.verdict}, {run.seconds:.1f} s.")


def _grouped(findings: Iterable[Finding], key: Callable[[Finding], str]) -> Iterator[tuple[str, list[Finding]]]:
    return ((name, list(each)) for name, each in groupby(sorted(findings, key=key), key))


def text_of(finding: Finding) -> str:
    """A finding as a few lines."""
    lines = {"expected": finding.expected, "came": finding.came, "with": finding.note}
    lines |= {"written": finding.source, "repeat": finding.repeat}
    return "\n".join([finding.check, *(f"  {name:8}  {text}" for name, text in lines.items() if text)])
