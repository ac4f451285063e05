"""Give way where the contract uses a name that the generated code has for itself, as it does for Python's own words."""

from __future__ import annotations

from typing import Any

from openapi_python_client.config import ClassOverride
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.properties import Property
from openapi_python_client.strings import PythonIdentifier

# What the body of a generated class calls, and what its base class has.
IN_A_MODEL = frozenset({"additional_properties", "field", "from_dict", "masked", "to_dict"})
# What generated functions call and take, beside `client`, which the generator minds itself.
IN_A_FUNCTION = frozenset({"body", "operation"})
# What generated modules import; a schema of such a name becomes a class with another.
CLASSES = (
    *("Any", "BytesIO", "Client", "File", "Lifecycle", "Literal", "Model", "Operation", "Parameter", "Response"),
    *("SessionAuth", "UNSET", "UUID", "Unset"),
)
CLASS_OVERRIDES = {name: ClassOverride.model_validate({"class_name": f"{name.title()}Model"}) for name in CLASSES}


def give_way(data: GeneratorData) -> None:
    """Add an underscore to the Python names that clash."""
    for model in data.models:
        for prop in [*(model.required_properties or []), *(model.optional_properties or [])]:
            _rename(prop, IN_A_MODEL)
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            for prop in [*endpoint.path_parameters, *endpoint.query_parameters]:
                _rename(prop, IN_A_FUNCTION)
            for prop in [*endpoint.header_parameters, *endpoint.cookie_parameters]:
                _rename(prop, IN_A_FUNCTION)


def one_class_for_each_enum(value: Any, name: str = "", within: str = "") -> Any:
    """Return a document in which an enum that holds null is a union with null, or it would become three classes."""
    if isinstance(value, list):
        return [one_class_for_each_enum(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: one_class_for_each_enum(each, key, name) for key, each in value.items()}
    values = found.get("enum")
    if not isinstance(values, list) or None not in values or len(values) == 1:
        return found
    kinds = [each for each in found.get("type", []) if each != "null"]
    inner = {"enum": [each for each in values if each is not None], **({"type": kinds[0]} if kinds else {})}
    # The class is called after a title, and else after the place in the union.
    title = {"title": found.get("title", name)} if "title" in found or within in {"properties", "schemas"} else {}
    kept = {key: each for key, each in found.items() if key not in {"enum", "title", "type"}}
    return {**kept, "anyOf": [{**inner, **title}, {"type": "null"}]}


def _rename(prop: Property, taken: frozenset[str]) -> None:
    if prop.python_name in taken:
        object.__setattr__(prop, "python_name", PythonIdentifier(f"{prop.python_name}_", "", skip_snake_case=True))
