"""What a report is made of."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from pacerpro_conformance.contract import Contract
from pacerpro_conformance.findings import Deviation, Finding, Level, Result


@dataclass
class Run:
    """The results of a run, and what they came from."""

    url: str
    contract: str
    strict: bool = False
    results: list[Result] = field(default_factory=list[Result])
    stale: list[Deviation] = field(default_factory=list[Deviation])
    unseen: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    def findings(self, level: Level) -> list[Finding]:
        """The findings of a level that are not accepted."""
        return [finding for each in self.results for finding in each.findings if finding.level is level]

    def outcomes(self) -> Counter[str]:
        """How many checks had each outcome."""
        return Counter(each.outcome(strict=self.strict) for each in self.results)

    def not_tried(self) -> dict[str, list[str]]:
        """The checks that did not run, or not completely, by the reason."""
        reasons: dict[str, list[str]] = {}
        for each in self.results:
            for why in [each.not_tried] if each.not_tried else each.gaps:
                reasons.setdefault(why, []).append(each.check.name)
        return reasons

    @property
    def verdict(self) -> str:
        """The outcome in a sentence."""
        counts = self.outcomes()
        rest = "".join(f", {counts[each]} {each}" for each in ("advice", "accepted", "not tried") if counts[each])
        if counts["failed"]:
            tried = len(self.results) - counts["not tried"]
            return f"The server does not hold the contract: {counts['failed']} of {tried} checks failed{rest}"
        return f"The server holds the contract: {counts['passed']} checks passed{rest}"


def unseen(contract: Contract, seen: Iterable[tuple[str, int]]) -> list[str]:
    """The documented statuses that no answer had, by operation."""
    lines: list[str] = []
    for operation in contract.session_operations:
        met = [operation.key(status) for name, status in seen if name == operation.name]
        missing = [key for key in operation.responses if key not in met]
        lines += [f"{operation.name}: {', '.join(missing)}"] if missing else []
    return lines
