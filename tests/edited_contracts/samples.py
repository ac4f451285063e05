"""Schemas of a contract: a value that fits, and whether a value fits."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

FORMATS = {
    "date-time": "2030-01-01T12:00:00Z",
    "date": "2030-01-01",
    "uuid": "5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10",
    "email": "ada@example.com",
}


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def resolve(self, value: Any) -> Any:
        """Return what a reference stands for."""
        while isinstance(value, dict) and "$ref" in value:
            target: Any = self._document
            for key in value["$ref"].removeprefix("#/").split("/"):
                target = target[key.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def check(self, schema: dict[str, Any], value: Any) -> None:
        """Raise jsonschema's error where a value does not fit."""
        whole = {**schema, "components": self._document.get("components", {})}
        Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)

    def sample(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """Return a value that fits; objects have all their properties, down to a depth."""
        schema = self.resolve(schema)
        for word in ("const", "default", "example"):
            if word in schema:
                return schema[word]
        for word in ("examples", "enum"):
            if schema.get(word):
                return schema[word][0]
        for word in ("oneOf", "anyOf"):
            if schema.get(word):
                return self.sample(schema[word][0], depth)
        if "allOf" in schema or "properties" in schema:
            return self._object(schema, depth)
        return self._simple(schema, depth)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for part in schema.get("allOf", []):
            value |= self.sample(part, depth)
        required = schema.get("required", [])
        for name, each in schema.get("properties", {}).items():
            if depth < 3 or name in required:
                value[name] = self.sample(each, depth + 1)
        return value

    def _simple(self, schema: dict[str, Any], depth: int) -> Any:
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            kind = kind[0]
        if kind == "array":
            return [self.sample(schema["items"], depth + 1)] if depth < 4 else []
        if kind == "string":
            return FORMATS.get(schema.get("format", ""), "text")
        values: dict[str, Any] = {
            "integer": schema.get("minimum", 1),
            "number": min(1.5, schema.get("maximum", 1.5)),
            "boolean": True,
            "null": None,
        }
        return values.get(kind, {})
