"""Find mistakes in the contract that the generator tolerates: they make no client wrong, and mislead its readers."""

import re
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from generator.contract import ContractError, load, refuse
from generator.generate import configuration
from generator.json_pointer import Pointer, at, parsed, resolve
from generator.lint import Fault, Fits, each_of
from generator.reading import Reading
from generator.structure import parts

CONTRACT = Path(__file__).resolve().parents[2] / "openapi.yaml"


def mistakes(document: dict[str, Any]) -> Iterator[Fault]:
    """Yield the mistakes of a valid contract, as a place and a message: first those that the generator refuses."""
    yield from Reading(document, configuration()).problems
    yield from _examples(document)
    yield from _links(document)
    yield from _unused(document)
    for place, schema in each_of(document, "schema"):
        yield from ((place, message) for message in _contradictions(schema))


def _examples(document: dict[str, Any]) -> Iterator[Fault]:
    fits = Fits(document)
    for place, kind, holder in parts(document):
        within = ("schema",) if kind in {"media", "parameter", "header"} else ()
        if not isinstance(holder, dict) or (kind != "schema" and not within) or (within and "schema" not in holder):
            continue
        for where, example in _examples_of(document, holder):
            if fault := fits.fault((*place, *within), example):
                yield (*place, *where), f"the example does not fit its schema: {fault}"


def _examples_of(document: dict[str, Any], holder: dict[str, Any]) -> Iterator[tuple[Pointer, Any]]:
    if "example" in holder:
        yield ("example",), holder["example"]
    given = holder.get("examples", ())
    if isinstance(given, list):
        yield from ((("examples", index), each) for index, each in enumerate(given))
    for name, each in given.items() if isinstance(given, dict) else ():
        if "value" in (found := resolve(document, each)):
            yield ("examples", name), found["value"]


def _links(document: dict[str, Any]) -> Iterator[Fault]:
    known = {operation.get("operationId") for _, operation in each_of(document, "operation")}
    for place, link in each_of(document, "link"):
        reference = str(link.get("operationRef", ""))
        if "operationId" in link and link["operationId"] not in known:
            yield place, f"there is no operation {link['operationId']}: a link names an operationId of this document"
        elif reference.startswith("#/") and at(document, parsed(reference)) is None:
            yield place, f"there is no operation at {reference}: name its operationId instead"


def _unused(document: dict[str, Any]) -> Iterator[Fault]:
    used = {str(each["$ref"]) for _, _, each in parts(document) if isinstance(each, dict) and "$ref" in each}
    for _, schema in each_of(document, "schema"):
        used |= set(schema.get("discriminator", {}).get("mapping", {}).values())
    for kind in ("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "links", "pathItems"):
        for name, each in document.get("components", {}).get(kind, {}).items():
            is_heir = isinstance(each, dict) and any("$ref" in part for part in each.get("allOf", ()))
            if f"#/components/{kind}/{name}" not in used and not is_heir:
                yield ("components", kind, name), f"nothing uses {name}: refer to it, or leave it out"


def _contradictions(schema: dict[str, Any]) -> Iterator[str]:
    for least in [word for word in schema if word.startswith("min")]:
        most = least.replace("min", "max", 1)
        if most in schema and schema[least] > schema[most]:
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
