"""Find mistakes in the contract that the generator tolerates: they make no client wrong, and mislead its readers."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from generator.contract import ContractError, load, refuse
from generator.generate import configuration
from generator.json_pointer import Pointer, at, parsed, resolve, walk
from generator.lint import Fault, each_of
from generator.reading import Reading
from generator.structure import parts

CONTRACT = Path(__file__).resolve().parents[2] / "openapi.yaml"
RANGES = (
    *(("minimum", "maximum"), ("minLength", "maxLength")),
    *(("minItems", "maxItems"), ("minProperties", "maxProperties")),
)
# The registry of media types (RFC 6838, section 4.2.7), and OpenAPI's ranges.
MEDIA_TYPE = re.compile(r"(application|audio|font|haptics|image|message|model|multipart|text|video|\*)/\S+")


def mistakes(document: dict[str, Any]) -> Iterator[Fault]:
    """Yield the mistakes of a valid contract, as a place and a message: first those that the generator refuses."""
    yield from Reading(document, configuration()).problems
    yield from _operations(document)
    yield from _links(document)
    yield from _examples(document)
    yield from _unused(document)
    for place, schema in each_of(document, "schema"):
        yield from ((place, message) for message in _contradictions(schema))
    for place, _ in each_of(document, "media"):
        if "content" in place and not MEDIA_TYPE.fullmatch(str(place[-1])):
            yield place, f"{place[-1]} is not a media type, such as application/json"


def _operations(document: dict[str, Any]) -> Iterator[Fault]:
    tags = [each["name"] for each in document.get("tags", [])]
    is_protected = "securitySchemes" in document.get("components", {}) and "security" not in document
    for place, operation in each_of(document, "operation"):
        if place[0] == "webhooks" or "callbacks" in place:  # The service sends them.
            continue
        if is_protected and "security" not in operation:
            yield place, "no security is stated: name what it needs, or write `security: []` if it needs none"
        for index, name in enumerate(operation.get("tags", [])):
            if name not in tags:
                yield (*place, "tags", index), f"the tag {name} is not declared: add it to the document's tags"
        if not any(status[0] in "23d" for status in operation["responses"]):
            yield (*place, "responses"), "no success is documented: add a status from 200 to 399"


def _links(document: dict[str, Any]) -> Iterator[Fault]:
    known = {operation.get("operationId") for _, operation in each_of(document, "operation")}
    for place, link in each_of(document, "link"):
        reference = str(link.get("operationRef", ""))
        if "operationId" in link and link["operationId"] not in known:
            yield place, f"there is no operation {link['operationId']}: a link names an operationId of this document"
        elif reference.startswith("#/") and at(document, parsed(reference)) is None:
            yield place, f"there is no operation at {reference}: name its operationId instead"


def _examples(document: dict[str, Any]) -> Iterator[Fault]:
    components = document.get("components", {})
    for place, kind, holder in parts(document):
        schema = (
            holder if kind == "schema" else holder.get("schema") if kind in {"media", "parameter", "header"} else None
        )
        for where, example in _examples_of(document, holder) if isinstance(holder, dict) and schema else ():
            whole = {"allOf": [schema], "components": components}
            validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
            with suppress(re.error):  # See _contradictions.
                if error := best_match(validator.iter_errors(example)):
                    yield (*place, *where), f"the example does not fit its schema: {error.message}"


def _examples_of(document: dict[str, Any], holder: dict[str, Any]) -> Iterator[tuple[Pointer, Any]]:
    if "example" in holder:
        yield ("example",), holder["example"]
    given = holder.get("examples", ())
    if isinstance(given, list):
        yield from ((("examples", index), each) for index, each in enumerate(given))
    for name, each in given.items() if isinstance(given, dict) else ():
        if "value" in (found := resolve(document, each)):
            yield ("examples", name), found["value"]


def _unused(document: dict[str, Any]) -> Iterator[Fault]:
    used = {str(value) for place, value in walk(document) if place[-1:] == ("$ref",) or "mapping" in place[-2:]}
    heirs = {
        place[1] for place, value in walk(document.get("components", {})) if "allOf" in place and place[-1] == "$ref"
    }
    for kind in ("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "links", "pathItems"):
        for name in document.get("components", {}).get(kind, {}):
            if f"#/components/{kind}/{name}" not in used and name not in heirs:
                yield ("components", kind, name), f"nothing uses {name}: refer to it, or leave it out"


def _contradictions(schema: dict[str, Any]) -> Iterator[str]:
    for least, most in RANGES:
        if least in schema and most in schema and schema[least] > schema[most]:
            yield f"no value fits: {least} is {schema[least]} and {most} is {schema[most]}"
    if schema.get("readOnly") and schema.get("writeOnly"):
        yield "it is readOnly and writeOnly, so it never travels: leave one out"
    properties = schema.get("properties", {})
    for name in schema.get("required", []) if properties and not {"allOf", "$ref"} & schema.keys() else ():
        if name not in properties:
            near = get_close_matches(name, properties, 1)
            way_out = f"did you mean {near[0]}?" if near else "add it to the properties"
            yield f"{name} is required and not described: {way_out}"
    # Patterns of JSON Schema follow ECMA-262, which has some groups and classes that Python lacks.
    if "pattern" in schema and not re.search(r"\\p|\\k|\(\?<", schema["pattern"]):
        try:
            re.compile(schema["pattern"])
        except re.error as error:
            yield f"the pattern cannot be read: {error}"


def main(path: Path = CONTRACT) -> int:
    """Print what is wrong with the contract, and return the exit status."""
    try:
        refuse(mistakes(load(path)))
    except ContractError as error:
        print("\n".join(error.located(path)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
