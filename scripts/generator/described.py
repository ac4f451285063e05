"""What the templates are given: operations and models, as they are called and typed in Python."""

from dataclasses import dataclass, field
from typing import Any, Literal

from generator.json_pointer import Pointer
from generator.merging import Schema


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
    # Of a parameter: how it stands in the contract, and its examples.
    said: dict[str, Any] = field(default_factory=dict[str, Any])
    examples: list[Any] = field(default_factory=list[Any])


@dataclass
class Model:
    """A class or an alias of the client."""

    name: str
    module: str
    kind: Literal["model", "enum", "alias"]
    schema: Schema
    properties: list[Property] = field(default_factory=list[Property])
    # The type of an alias, or of a model's further properties; what an enum derives from.
    type: str = ""
    # The attribute that stands for the whole in a line of text.
    display: str = ""

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
    examples: list[Any]
    # How parts of a form are written, apart from the usual, as arguments in Python.
    encoding: dict[str, str]


@dataclass
class Outcome:
    """A documented response: its status or range, also as a Python literal; its type, and how its body is read."""

    status: str
    key: str
    type: str
    reader: str
    summary: str


@dataclass
class Operation:
    """An operation."""

    name: str
    path: str
    method: str
    place: Pointer
    said: dict[str, Any]
    secured: bool
    tag: str  # The package of its first tag.
    deprecated: str  # The words with which to warn of one that is on its way out; nothing for any other.
    parameters: list[Property]
    bodies: list[Body]
    body_required: bool
    body_description: str
    outcomes: list[Outcome]

    def __post_init__(self) -> None:
        self.summary = " ".join(str(self.said.get("summary", "")).split()) or self.name
        # Parameters of the path are passed by position.
        self.in_path = [each for each in self.parameters if each.location == "path"]
        self.by_name = [each for each in self.parameters if each.location != "path"]
        self.body_type = union(each.type for each in self.bodies)
        # Successes and redirects; without any, what holds by default.
        self.failures = [each for each in self.outcomes if each.status[0] not in "23"]
        self.successes = [each for each in self.outcomes if each.status[0] in "23"]
        self.successes = self.successes or [each for each in self.outcomes if each.status == "default"]
        self.result = union(each.type for each in self.successes)
        self.is_download = any("File" in each.type.split(" | ") for each in self.successes)


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
