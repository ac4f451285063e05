"""What the templates are given: operations and models, as they are called and typed in Python."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from generator.json_pointer import Pointer
from generator.merging import Schema
from generator.naming import tag_name


@dataclass
class Property:
    """A property of a model, or a parameter of an operation."""

    name: str
    schema: Schema
    type: str
    required: bool
    description: str
    python_name: str = ""
    default: str = ""
    deprecated: bool = False
    location: str = ""
    # What the client is told of how it is written or read, apart from the usual.
    facts: list[str] = field(default_factory=list[str])
    # The parameter as it stands in the contract.
    said: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def default_of_server(self) -> str:
        """The default that the signature does not show, such as a list, in JSON; nothing if there is none."""
        stated = self.schema.get("default")
        return "" if stated is None or self.default not in {"", "UNSET"} else json.dumps(stated, ensure_ascii=False)


@dataclass
class Model:
    """A class or an alias of the client."""

    name: str
    module: str
    kind: Literal["model", "enum", "alias"]
    schema: Schema
    properties: list[Property] = field(default_factory=list[Property])
    # The type of an alias, or of a model's further properties.
    type: str = ""

    @property
    def description(self) -> str:
        """What the contract says of it."""
        return str(self.schema.get("description", ""))


@dataclass
class Body:
    """What an operation takes in one media type."""

    media_type: str
    kind: str
    type: str
    schema: Schema
    said: dict[str, Any]

    @property
    def encoding(self) -> dict[str, str]:
        """How parts of a form are written, apart from the usual, as arguments in Python."""
        found: dict[str, str] = {}
        for name, each in self.said.get("encoding", {}).items() if self.kind in {"form", "multipart"} else ():
            facts = [f"content_type={each['contentType']!r}"] if "contentType" in each else []
            facts += ["explode=False"] if each.get("explode") is False else []
            found |= {name: ", ".join(facts)} if facts else {}
        return found


@dataclass
class Outcome:
    """A documented response: its status or range, its type, how its body is read, and what the contract says of it."""

    status: str
    type: str
    reader: str
    description: str

    @property
    def key(self) -> str:
        """The status as a Python literal."""
        return self.status if self.status.isdigit() else f'"{self.status}"'

    @property
    def summary(self) -> str:
        """What the contract says of it, or its status where it says nothing."""
        return self.description or f"What comes with {self.status}."


@dataclass
class Operation:
    """An operation.

    Attributes:
        place: Where it stands in the contract, or where its path refers to it.
        said: What the contract says of it.
    """

    name: str
    path: str
    method: str
    place: Pointer
    said: dict[str, Any]
    parameters: list[Property] = field(default_factory=list[Property])
    bodies: list[Body] = field(default_factory=list[Body])
    body_required: bool = False
    outcomes: list[Outcome] = field(default_factory=list[Outcome])

    @property
    def tag(self) -> str:
        """The name of the package of its first tag."""
        return tag_name((self.said.get("tags") or ["default"])[0])

    @cached_property
    def successes(self) -> list[Outcome]:
        """The documented successes and redirects; without any, what holds by default."""
        found = [each for each in self.outcomes if each.status[0] in "23"]
        return found or [each for each in self.outcomes if each.status == "default"]

    @property
    def failures(self) -> list[Outcome]:
        """The documented responses that are no successes, and what holds by default."""
        return [each for each in self.outcomes if each.status[0] not in "23"]

    @cached_property
    def result(self) -> str:
        """The type of a success."""
        return union(each.type for each in self.successes)

    @property
    def is_download(self) -> bool:
        """Whether a success is a file."""
        return any("File" in each.type.split(" | ") for each in self.successes)

    @property
    def body_type(self) -> str:
        """The type of the body, in any of the media types."""
        return union(each.type for each in self.bodies)

    @property
    def in_path(self) -> list[Property]:
        """What stands in the path, and is passed by position."""
        return [each for each in self.parameters if each.location == "path"]

    @property
    def by_name(self) -> list[Property]:
        """What is passed by name."""
        return [each for each in self.parameters if each.location != "path"]


def union(types: Any) -> str:
    """Return the union of types, in the order of the alphabet, with None last; None for no type."""
    members = {one for each in types for one in split(each)}
    if "Any" in members:
        return "Any"
    return " | ".join(sorted(members, key=lambda one: (one == "None", one))) or "None"


def split(annotation: str) -> list[str]:
    """Return the members of a union that is written as an annotation."""
    found, depth = [""], 0
    for part in annotation.split(" | "):
        if depth:
            found[-1] += f" | {part}"
        else:
            found.append(part)
        depth += part.count("[") - part.count("]")
    return found[1:]
