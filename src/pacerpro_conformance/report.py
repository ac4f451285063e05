"""Says what came of a run: in words on the way and at the end, and as JUnit for machines."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from .contract import Contract
from .findings import Finding, Result
from .suite import title_of

MOST_SHOWN = 5  # findings of one check
UNPRINTABLE = {number: "?" for number in range(32) if chr(number) not in "\t\n\r"}


def say(line: str = "") -> None:
    """Write a line at once, so that who watches sees progress."""
    print(
        line.encode(sys.stdout.encoding or "utf-8", "backslashreplace").decode(sys.stdout.encoding or "utf-8"),
        flush=True,
    )


def say_group(group: str, results: Sequence[Result]) -> None:
    """One line about a group of checks."""
    ran = [each for each in results if not each.skipped]
    failed = sum(bool(each.findings) for each in ran)
    word = "FAIL" if failed else "ok" if ran else "skip"
    count = f"{failed} of {len(ran)} checks failed" if failed else f"{len(ran)} checks"
    say(f"  {word:4}  {title_of(group)} ({count}, {sum(each.seconds for each in results):.1f} s)")
    for reason, number in Counter(each.skipped for each in results if each.skipped).items():
        say(f"        {number} more skipped: {reason}")


def texts_of(findings: Iterable[Finding]) -> list[str]:
    """Each finding in words; of a check that has found much, the first few."""
    shown: Counter[str] = Counter()
    texts: list[str] = []
    for finding in findings:
        shown[finding.check] += 1
        if shown[finding.check] <= MOST_SHOWN:
            texts.append(text_of(finding))
    return texts + [f"{check}: {n - MOST_SHOWN} more" for check, n in shown.items() if n > MOST_SHOWN]


def text_of(finding: Finding) -> str:
    """A finding as a few lines."""
    lines = [finding.check, f"  expected  {finding.expected}", f"  came      {finding.came}"]
    lines += [f"  with      {finding.note}"] if finding.note else []
    lines += [f"  repeat    {finding.curl}"] if finding.curl else []
    return "\n".join(lines)


def unseen(contract: Contract, seen: Counter[tuple[str, int]]) -> list[str]:
    """The documented statuses that no answer had, by operation."""
    lines = []
    for operation in contract.operations.values():
        codes = {str(status) for name, status in seen if name == operation.name}
        missing = [key for key in operation.responses if not any(_covers(key, code) for code in codes)]
        lines += [f"{operation.name}: {', '.join(missing)}"] if missing else []
    return lines


def _covers(key: str, code: str) -> bool:
    return key == code or (key.upper().endswith("XX") and key[0] == code[0])


def write_junit(path: Path, results: Iterable[Result]) -> None:
    """Write the results as JUnit XML. Raises OSError."""
    results = list(results)
    suite = ET.Element(
        "testsuite",
        name="conformance",
        tests=str(len(results)),
        failures=str(sum(bool(each.findings) for each in results)),
        errors="0",
        skipped=str(sum(bool(each.skipped) for each in results)),
        time=f"{sum(each.seconds for each in results):.3f}",
    )
    for each in results:
        case = ET.SubElement(suite, "testcase", classname=each.group, name=each.name, time=f"{each.seconds:.3f}")
        if each.skipped:
            ET.SubElement(case, "skipped", message=each.skipped)
        if each.findings:
            failure = ET.SubElement(case, "failure", message=each.title.translate(UNPRINTABLE))
            failure.text = "\n\n".join(texts_of(each.findings)).translate(UNPRINTABLE)
    document = ET.ElementTree(suite)
    ET.indent(document)
    document.write(path, "utf-8", xml_declaration=True)
