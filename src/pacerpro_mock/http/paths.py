"""Templates of paths, such as `/matters/{number}`."""

from __future__ import annotations

import re


class Template:
    """Matches paths; each of its `{names}` stands for one segment."""

    def __init__(self, text: str) -> None:
        self.text = text
        parts = re.split(r"\{([^{}]*)\}", text)
        self.names = parts[1::2]
        self._pattern = re.compile("([^/]+)".join(map(re.escape, parts[::2])))

    def matches(self, path: str) -> bool:
        """Whether it is such a path."""
        return self._pattern.fullmatch(path) is not None

    def read(self, path: str) -> dict[str, str]:
        """The segments by name."""
        found = self._pattern.fullmatch(path)
        return dict(zip(self.names, found.groups(), strict=True)) if found else {}
