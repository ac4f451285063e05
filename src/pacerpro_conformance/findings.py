"""What a check has found."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One way in which the server does not hold the contract. No field holds a secret."""

    check: str
    expected: str
    came: str
    note: str = ""
    curl: str = ""


@dataclass
class Result:
    """How one check went."""

    name: str
    title: str
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0
    skipped: str = ""

    @property
    def group(self) -> str:
        """The part of the suite that the check belongs to."""
        return self.name.partition(".")[0]


class StopCheckError(Exception):
    """What a check still wanted to ask makes no sense after what it found."""
