"""What is wrong with a value: where, what the contract says, and what it is, but never the value itself."""

from __future__ import annotations


class Mismatch(ValueError):
    """A value is not what the contract says. The message names the place (RFC 6901) and the kinds, never the value."""

    def __init__(self, expected: str, value: object, pointer: str = "") -> None:
        self.expected = expected
        self.kind = _kind(value)
        self.pointer = pointer
        super().__init__(pointer)

    def __str__(self) -> str:
        return f"{self.pointer or 'the body'} should be {self.expected}, and is {self.kind}"

    def inside(self, key: str | int) -> Mismatch:
        """Return the same mismatch as it is seen from the container."""
        self.pointer = f"/{str(key).replace('~', '~0').replace('/', '~1')}{self.pointer}"
        return self


class Missing(Mismatch):
    """A required property is not there."""

    def __str__(self) -> str:
        return f"{self.pointer} is missing"


def _kind(value: object) -> str:
    kinds: dict[type, str] = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "an object",
        type(None): "null",
    }
    return kinds.get(type(value), "something else")
