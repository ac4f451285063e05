"""Write a value of JSON as the Python code that a caller of the client would write for it."""

from typing import Any

from generator.example_values import Values
from generator.merging import Schema
from generator.naming import attributes_of
from generator.plain_schema import name_of

# How the values of a format are written.
FORMS = {
    "date": "datetime.date.fromisoformat({!r})",
    "date-time": "datetime.datetime.fromisoformat({!r})",
    "uuid": "UUID({!r})",
}


def expression(values: Values, plain: Schema, value: Any) -> str:
    """Return a value that a plain schema allows."""

    def of(inner: Schema, each: Any) -> str:
        return expression(values, inner, each)

    if name := name_of(plain):
        schema = values.classes[name]
        return _of_class(values, name, value) if "names" in schema or "closed" in schema else of(schema, value)
    if "anyOf" in plain:
        # A date says more than a string that looks like one.
        order = sorted(plain["anyOf"], key=lambda each: each.keys() == {"type"})
        return of(next(each for each in order if values.allows(each, value)), value)
    if plain.get("type") == "array" and "exactly" not in plain:
        starts, items = plain.get("prefixItems", []), plain["items"] or {}
        parts = [of(starts[index] if index < len(starts) else items, each) for index, each in enumerate(value)]
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})" if starts else f"[{', '.join(parts)}]"
    if isinstance(value, dict):
        inner = plain.get("additionalProperties", {})
        return f"{{{', '.join(f'{key!r}: {of(inner, each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(of({}, each) for each in value)}]"
    if plain.get("file"):
        return 'File(b"content", "file.txt")'
    if isinstance(value, str) and plain.get("type") == "string":
        return FORMS.get(plain.get("format", ""), "{!r}").format(value)
    return repr(int(value) if plain.get("type") == "integer" else value)


def _of_class(values: Values, name: str, value: Any) -> str:
    schema = values.classes[name]
    if "names" in schema:
        return f"{name}.{next(key for key, each in schema['names'].items() if each == value)}"
    properties = schema["properties"]
    attributes = attributes_of(properties)
    shown = (
        f"{attributes[key]}={expression(values, each, value[key])}" for key, each in properties.items() if key in value
    )
    return f"{name}({', '.join(shown)})"
