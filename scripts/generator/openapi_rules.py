"""Hold a contract against OpenAPI's own schema of documents, and against what contract_rules.yaml adds to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from jsonschema_rs import Draft202012, Draft202012Validator, Registry, ValidationError

from generator.json_pointer import Pointer, at, written
from generator.merging import ANNOTATIONS, KEYWORDS
from generator.structure import PARTS

Fault = tuple[Pointer, str]


def broken_rules(document: dict[str, Any]) -> Iterator[Fault]:
    """Yield what breaks a rule, as a place and a message."""
    rules, known = _rules()
    try:
        errors = [(_place(document, error), error) for error in Draft202012Validator(rules).iter_errors(document)]
    except ValueError:  # jsonschema_rs counts the levels itself.
        raise RecursionError from None
    own = {place for place, error in errors if _own(rules, error)}
    for place, error in errors:
        inside = {each for each, _ in errors if each[: len(place)] == place and each != place}
        unexpected = getattr(error.kind, "unexpected", ())
        for word in unexpected:
            # What holds a fault has not been evaluated, and that is no other fault.
            if not any(each[len(place)] == word for each in inside) and not (inside and word in known):
                yield (*place, word), f"unknown keyword {word}: {_way_out(word, known)}"
        if place in own:
            yield place, _own(rules, error)
        elif not unexpected and not inside:
            yield place, said(error)


def _own(rules: dict[str, Any], error: ValidationError) -> str:
    """Return what our own rule says of an error; nothing for a rule of OpenAPI."""
    rule = at(rules, tuple(error.schema_path[:-1]))
    text = str(rule.get("says", "")) if isinstance(rule, dict) else ""
    key = str(error.instance_path[-1]) if error.instance_path else ""
    return text.replace("{key}", key).replace("{value}", str(error.instance))


def _way_out(word: str, known: set[str]) -> str:
    near = get_close_matches(word, known - {word}, 1)
    if word in known:
        return "it has a meaning elsewhere, and none here"
    return f"did you mean {near[0]}?" if near else "the name of an extension begins with x-"


@cache
def _rules() -> tuple[dict[str, Any], set[str]]:
    """Return the rules for documents, and the keywords that OpenAPI and JSON Schema know."""
    package = find_spec("openapi_spec_validator")
    if package is None or package.origin is None:
        raise FileNotFoundError(2, "is not installed: run make setup", "openapi-spec-validator")
    file = Path(package.origin).parent / "resources" / "schemas" / "v3.1" / "schema.json"
    rules = json.loads(file.read_text(encoding="utf-8"))
    own = yaml.safe_load(Path(__file__).with_name("contract_rules.yaml").read_text(encoding="utf-8"))
    known = {word for each in rules["$defs"].values() for word in each.get("properties", ())}
    known |= ANNOTATIONS | PARTS["schema"].keys() | {word for words in KEYWORDS.values() for word in words}
    rules["$defs"]["schema"] |= own.pop("schema")
    for name, rule in own.items():
        whole = rules if name == "document" else rules["$defs"][name]
        whole["allOf"] = [*whole.get("allOf", ()), rule]
    return rules, known


def _place(document: Any, error: ValidationError) -> Pointer:
    """Return where an error is; the validator takes each key of digits for an index."""
    found: list[str | int] = []
    for key in error.instance_path:
        found.append(key if isinstance(document, list) else str(key))
        document = document[found[-1]]
    return tuple(found)


def said(error: ValidationError) -> str:
    """Return what an error says, in the quotes of all other messages."""
    return error.message.replace('"', "'")


class Fits:
    """Tells whether values fit the schemas of a document, by the places of these."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._registry = Registry([("urn:contract", document)], draft=Draft202012)

    def fault(self, place: Pointer, value: Any) -> str:
        """Return why a value does not fit; nothing if it does, or if a pattern is not one that Rust reads."""
        reference = f"urn:contract#{quote(written(place)[1:])}"
        try:
            rules = Draft202012Validator({"$ref": reference}, registry=self._registry, validate_formats=True)
        except (ValidationError, ValueError):
            return ""
        error = next(rules.iter_errors(value), None)
        return said(error) if error else ""
