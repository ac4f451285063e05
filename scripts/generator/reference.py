"""Write the reference: a page for each tag with its operations, and one for each model."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import Environment
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import EnumProperty, ModelProperty, Property
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonIdentifier, pascal_case

from generator.document_order import Schema
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

    def __init__(self, data: GeneratorData, facts: Facts, schemas: list[Schema]) -> None:
        self._tags = list(data.endpoint_collections_by_tag.values())
        self._facts = facts
        self._models = schemas
        self._pages = {each.class_info.name for each in schemas}

    def pages(self, env: Environment) -> dict[str, str]:
        """Return the text of each page by its file name."""
        common: dict[str, Any] = {"reference": self, "facts": self._facts}
        index = env.get_template("reference_index.md.jinja")
        pages = {"README.md": index.render(tags=self._tags, models=self._models, **common)}
        for tag in self._tags:
            page = env.get_template("reference_tag.md.jinja").render(tag=tag, **common)
            pages[self.tag_page(tag.tag)] = page
        for model in self._models:
            kind = "enum" if isinstance(model, EnumProperty) else "model"
            pages[f"{model.class_info.name}.md"] = env.get_template(f"reference_{kind}.md.jinja").render(
                model=model, **common
            )
        # One blank line, wherever a part is left out.
        return {name: re.sub(r"\n{3,}", "\n\n", text).strip() + "\n" for name, text in pages.items()}

    def tag_page(self, tag: PythonIdentifier) -> str:
        """Return the name of the page of a tag's operations."""
        return f"{pascal_case(str(tag))}Api.md"

    def example(self, endpoint: Endpoint, *, awaited: bool = False) -> str:
        """Return a program that calls an operation."""
        return Program(self._facts, endpoint).text(awaited=awaited).rstrip()

    def parameters(self, endpoint: Endpoint) -> list[Row]:
        """Return what an operation takes, apart from the client."""
        said = {(each["in"], each["name"]): each for each in self._facts.parameters(endpoint)}
        props = {(str(place), prop.name.get_untrusted_value()): prop for place, prop in endpoint.iter_all_parameters()}
        rows = [self._row(props[key], self._facts.resolve(said[key].get("schema", {})), key[0]) for key in said]
        for body in endpoint.bodies[:1]:
            types = " | ".join(
                one.prop.get_type_string(no_optional=True).as_unembedded_code() for one in endpoint.bodies
            )
            notes = "required" if body.prop.required else "optional"
            rows.append(
                Row("body", self.linked(types), "", cell(self._facts.body_description(endpoint)), notes, "body")
            )
        return rows

    def properties(self, model: ModelProperty) -> list[Row]:
        """Return a model's properties."""
        schemas = self._facts.properties(self._facts.schema(model))
        props = [*(model.required_properties or []), *(model.optional_properties or [])]
        by_name = {prop.name.get_untrusted_value(): prop for prop in props}
        rows: list[Row] = []
        for name, prop in {name: by_name[name] for name in [*schemas, *by_name] if name in by_name}.items():
            row = self._row(prop, self._facts.resolve(schemas.get(name, {})), "")
            masked = ["a secret: not shown in a repr"] if self._facts.is_secret(model, prop) else []
            rows.append(replace(row, notes="; ".join([row.notes, *masked])))
        return rows

    def headers(self, endpoint: Endpoint) -> list[Header]:
        """Return the headers of the request, and those that the contract documents of the answers."""
        found: dict[tuple[str, str], list[str]] = {}
        for body in endpoint.bodies:
            found.setdefault(("Content-Type", f"`{body.content_type.get_untrusted_value()}`"), []).append("sent")
        if self._facts.secured(endpoint):
            found.setdefault(("Authorization", "`Bearer` and the token"), []).append("sent")
        for status, each in self._facts.operation(endpoint).get("responses", {}).items():
            response = self._facts.resolve(each)
            if types := " or ".join(f"`{media_type}`" for media_type in response.get("content", {})):
                found.setdefault(("Content-Type", types), []).append(str(status))
            for name, header in response.get("headers", {}).items():
                description = cell(self._facts.resolve(header).get("description"))
                found.setdefault((name, description), []).append(str(status))
        return [Header(", ".join(when), *what) for what, when in found.items()]

    def authorization(self, endpoint: Endpoint) -> str:
        """Return which token an operation asks for."""
        if not self._facts.secured(endpoint):
            return "None."
        return "A token: `Client(auth=...)` takes one" + (", or a `SessionAuth`." if self._facts.logs_in else ".")

    def text(self, said: object) -> str:
        """Return a text of the contract as it is."""
        return str(said.get_untrusted_value() if isinstance(said, UntrustedString) else said or "").strip()

    def line(self, said: object) -> str:
        """Return the first sentence of a text of the contract, in one line."""
        return re.split(r"(?<=\.)\s", cell(self.text(said)))[0]

    def linked(self, type_: str) -> str:
        """Return a type as a table shows it, with links to the pages of models."""
        parts = re.split(r"(\w+)", type_)
        if not self._pages & set(parts):
            return f"`{type_}`".replace("|", "\\|")
        shown = [f"[`{part}`]({part}.md)" if part in self._pages else part for part in parts]
        return "".join(shown).replace("|", "\\|")

    def _row(self, prop: Property, schema: dict[str, Any], place: str) -> Row:
        wire = prop.name.get_untrusted_value()
        notes = ["required" if prop.required else "optional"]
        notes += [f"`{wire}` in the contract"] if wire != prop.python_name else []
        notes += [
            words
            for word, words in (("readOnly", "set by the server"), ("writeOnly", "never answered"))
            if schema.get(word)
        ]
        notes += [f"one of {', '.join(f'`{each}`' for each in schema['enum'])}"] if "enum" in schema else []
        notes += [f"{limit} {schema[limit]:g}" for limit in LIMITS if limit in schema]
        notes += [f"default `{schema['default']}`"] if "default" in schema else []
        notes += [f"for example `{each}`" for each in schema.get("examples", [])[:1] if len(str(each)) <= 60]
        type_ = prop.get_type_string(no_optional=True).as_unembedded_code()
        row = Row(prop.python_name, self.linked(type_), cell(schema.get("format")), cell(self.text(prop.description)))
        return replace(row, notes=cell("; ".join(notes)), place=place)


def cell(said: object) -> str:
    """Return a text as it stands in a table: in one line, without the mark that parts the columns."""
    return " ".join(str(said or "").split()).replace("|", "\\|")
