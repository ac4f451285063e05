"""Write the reference: a page for each tag with its operations, and one for each model."""

from __future__ import annotations

import re
from typing import Any

from openapi_python_client.strings import pascal_case

from generator.described import Model, Operation, Property, split
from generator.json_pointer import resolve
from generator.template_context import Facts
from generator.usage_examples import program

LIMITS = "minimum exclusiveMinimum maximum exclusiveMaximum minLength maxLength minItems maxItems"


class Reference:
    """Answers what the templates of the reference ask. The rows of a table are lists of cells."""

    def __init__(self, document: dict[str, Any], facts: Facts) -> None:
        self._document = document
        self._facts = facts
        self._models = facts.models.all

    def tag_page(self, tag: str) -> str:
        """Return the name of the page of a tag's operations."""
        return f"{pascal_case(tag)}Api.md"

    def example(self, operation: Operation, tag: str, *, awaited: bool = False) -> str:
        """Return a program that calls an operation."""
        return program(self._facts, operation, tag, awaited=awaited)

    def parameters(self, operation: Operation) -> list[list[str]]:
        """Return what an operation takes, apart from the client."""
        rows = [self._row(each) for each in operation.parameters]
        rows = [[row[0], each.location, *row[1:]] for row, each in zip(rows, operation.parameters, strict=True)]
        if operation.bodies:
            notes = "required" if operation.body_required else "optional"
            type_, description = self.linked(operation.body_type), cell(operation.body_description)
            rows.append(["`body`", "body", type_, "", description, notes])
        return rows

    def properties(self, model: Model) -> list[list[str]]:
        """Return a model's properties."""
        rows = [self._row(each) for each in model.properties]
        for row, each in zip(rows, model.properties, strict=True):
            row[-1] += "; a secret: not shown in a repr" if self._facts.is_secret(model, each) else ""
        return rows

    def headers(self, operation: Operation) -> list[list[str]]:
        """Return the headers of the request, and those that the contract documents of the answers."""
        found: dict[tuple[str, str], list[str]] = {}
        for body in operation.bodies:
            found.setdefault(("Content-Type", f"`{body.media_type}`"), []).append("sent")
        if operation.secured:
            found.setdefault(("Authorization", "`Bearer` and the token"), []).append("sent")
        for status, each in operation.said.get("responses", {}).items():
            response = resolve(self._document, each) if not str(status).startswith("x-") else {}
            if types := " or ".join(f"`{media_type}`" for media_type in response.get("content", {})):
                found.setdefault(("Content-Type", types), []).append(str(status))
            for name, header in response.get("headers", {}).items():
                said = resolve(self._document, header)
                description = ("Deprecated. " if said.get("deprecated") else "") + cell(said.get("description"))
                found.setdefault((name, description), []).append(str(status))
        return [[", ".join(when), *what] for what, when in found.items()]

    def authorization(self, operation: Operation) -> str:
        """Return which token an operation asks for."""
        if not operation.secured:
            return "None."
        return "A token: `Client(auth=...)` takes one" + (", or a `SessionAuth`." if self._facts.logs_in else ".")

    def line(self, said: object) -> str:
        """Return the first sentence of a text of the contract, in one line."""
        return re.split(r"(?<=\.)\s", cell(said))[0]

    def linked(self, type_: str) -> str:
        """Return a type as a table shows it, with links to the pages of models."""
        parts = re.split(r"(\w+)", type_)
        shown = [f"[`{part}`]({part}.md)" if part in self._models else part for part in parts]
        return ("".join(shown) if self._models.keys() & set(parts) else f"`{type_}`").replace("|", "\\|")

    def _row(self, prop: Property) -> list[str]:
        schema = self._facts.models.schemas.resolve(prop.schema)
        said = {**schema, **prop.schema}
        notes = ["required" if prop.required else "optional", *(["deprecated"] if prop.deprecated else [])]
        notes += [f"`{prop.name}` in the contract"] if prop.name != prop.python_name else []
        words = {"readOnly": "set by the server", "writeOnly": "never answered"}
        notes += [text for word, text in words.items() if said.get(word)]
        notes += [f"one of {', '.join(f'`{each}`' for each in said['enum'])}"] if "enum" in said else []
        notes += [f"{limit} {said[limit]:g}" for limit in LIMITS.split() if limit in said]
        notes += [f"default `{said['default']}`"] if "default" in said else []
        notes += [f"for example `{each}`" for each in prop.schema.get("examples", [])[:1] if len(str(each)) <= 60]
        bare = prop.type.removeprefix("MaybeNull[").removesuffix("]") if prop.type[:9] == "MaybeNull" else prop.type
        type_ = self.linked(" | ".join(each for each in split(bare) if each != "Unset"))
        description = cell(prop.description or ("" if prop.location else schema.get("description")))
        return [f"`{prop.python_name}`", type_, cell(said.get("format")), description, cell("; ".join(notes))]


def cell(said: object) -> str:
    """Return a text as it stands in a table: in one line, without the mark that parts the columns."""
    return " ".join(str(said or "").split()).replace("|", "\\|")
