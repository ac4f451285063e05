"""Write the reference: a page for each tag with its operations, and one for each model."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import Environment
from openapi_python_client.strings import pascal_case

from generator.described import Model, Operation, Property, split
from generator.template_context import Facts
from generator.usage_examples import Program

LIMITS = (
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)


@dataclass(frozen=True)
class Row:
    """A property or a parameter, as a table shows it."""

    name: str
    type: str
    format: str
    description: str
    notes: str = ""
    place: str = ""


@dataclass(frozen=True)
class Header:
    """A header that travels with a request or with an answer."""

    when: str
    name: str
    description: str


class Reference:
    """Answers what the templates of the reference ask."""

    def __init__(self, facts: Facts, tags: dict[str, list[Operation]]) -> None:
        self._tags = tags
        self._facts = facts
        self._models = facts.models.all

    def pages(self, env: Environment) -> dict[str, str]:
        """Return the text of each page by its file name."""
        common: dict[str, Any] = {"reference": self, "facts": self._facts}
        index = env.get_template("reference_index.md.jinja")
        pages = {"README.md": index.render(tags=self._tags, models=self._models.values(), **common)}
        for tag, operations in self._tags.items():
            page = env.get_template("reference_tag.md.jinja").render(tag=tag, operations=operations, **common)
            pages[self.tag_page(tag)] = page
        for model in self._models.values():
            pages[f"{model.name}.md"] = env.get_template("reference_model.md.jinja").render(model=model, **common)
        # One blank line, wherever a part is left out.
        return {name: re.sub(r"\n{3,}", "\n\n", text).strip() + "\n" for name, text in pages.items()}

    def tag_page(self, tag: str) -> str:
        """Return the name of the page of a tag's operations."""
        return f"{pascal_case(tag)}Api.md"

    def example(self, operation: Operation, tag: str, *, awaited: bool = False) -> str:
        """Return a program that calls an operation."""
        return Program(self._facts, operation, tag).text(awaited=awaited).rstrip()

    def parameters(self, operation: Operation) -> list[Row]:
        """Return what an operation takes, apart from the client."""
        rows = [replace(self._row(each), place=each.location) for each in operation.parameters]
        if operation.bodies:
            notes = "required" if operation.body_required else "optional"
            description = cell(self._facts.body_description(operation))
            rows.append(Row("body", self.linked(operation.body_type), "", description, notes, "body"))
        return rows

    def properties(self, model: Model) -> list[Row]:
        """Return a model's properties."""
        rows: list[Row] = []
        for each in model.properties:
            row = self._row(each)
            masked = ["a secret: not shown in a repr"] if self._facts.is_secret(model, each) else []
            rows.append(replace(row, notes="; ".join([row.notes, *masked])))
        return rows

    def headers(self, operation: Operation) -> list[Header]:
        """Return the headers of the request, and those that the contract documents of the answers."""
        found: dict[tuple[str, str], list[str]] = {}
        for body in operation.bodies:
            found.setdefault(("Content-Type", f"`{body.media_type}`"), []).append("sent")
        if self._facts.secured(operation):
            found.setdefault(("Authorization", "`Bearer` and the token"), []).append("sent")
        for status, each in operation.said.get("responses", {}).items():
            response = self._facts.resolve(each) if not str(status).startswith("x-") else {}
            if types := " or ".join(f"`{media_type}`" for media_type in response.get("content", {})):
                found.setdefault(("Content-Type", types), []).append(str(status))
            for name, header in response.get("headers", {}).items():
                description = cell(self._facts.resolve(header).get("description"))
                found.setdefault((name, description), []).append(str(status))
        return [Header(", ".join(when), *what) for what, when in found.items()]

    def authorization(self, operation: Operation) -> str:
        """Return which token an operation asks for."""
        if not self._facts.secured(operation):
            return "None."
        return "A token: `Client(auth=...)` takes one" + (", or a `SessionAuth`." if self._facts.logs_in else ".")

    def text(self, said: object) -> str:
        """Return a text of the contract as it is."""
        return str(said or "").strip()

    def line(self, said: object) -> str:
        """Return the first sentence of a text of the contract, in one line."""
        return re.split(r"(?<=\.)\s", cell(self.text(said)))[0]

    def linked(self, type_: str) -> str:
        """Return a type as a table shows it, with links to the pages of models."""
        parts = re.split(r"(\w+)", type_)
        if not self._models.keys() & set(parts):
            return f"`{type_}`".replace("|", "\\|")
        shown = [f"[`{part}`]({part}.md)" if part in self._models else part for part in parts]
        return "".join(shown).replace("|", "\\|")

    def _row(self, prop: Property) -> Row:
        schema = self._facts.models.schemas.resolve(prop.schema)
        said = {**schema, **prop.schema}
        notes = ["required" if prop.required else "optional", *(["deprecated"] if prop.deprecated else [])]
        notes += [f"`{prop.name}` in the contract"] if prop.name != prop.python_name else []
        words = {"readOnly": "set by the server", "writeOnly": "never answered"}
        notes += [text for word, text in words.items() if said.get(word)]
        notes += [f"one of {', '.join(f'`{each}`' for each in said['enum'])}"] if "enum" in said else []
        notes += [f"{limit} {said[limit]:g}" for limit in LIMITS if limit in said]
        notes += [f"default `{said['default']}`"] if "default" in said else []
        notes += [f"for example `{each}`" for each in prop.schema.get("examples", [])[:1] if len(str(each)) <= 60]
        type_ = " | ".join(each for each in split(unwrapped(prop.type)) if each != "Unset")
        description = cell(prop.description or ("" if prop.location else schema.get("description")))
        return Row(prop.python_name, self.linked(type_), cell(said.get("format")), description, cell("; ".join(notes)))


def unwrapped(annotation: str) -> str:
    """Return the type of a property without what says that it may be absent."""
    return annotation[len("MaybeNull[") : -1] if annotation.startswith("MaybeNull[") else annotation


def cell(said: object) -> str:
    """Return a text as it stands in a table: in one line, without the mark that parts the columns."""
    return " ".join(str(said or "").split()).replace("|", "\\|")
