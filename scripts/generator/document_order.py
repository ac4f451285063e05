"""Bring what the generator has read into the order of the contract: it has one of its own, GET before POST."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.properties import (
    EnumProperty,
    ListProperty,
    LiteralEnumProperty,
    ModelProperty,
    Property,
    UnionProperty,
)
from openapi_python_client.parser.properties.schemas import Class
from openapi_python_client.strings import PythonIdentifier

from generator.lint import METHODS

Schema = ModelProperty | EnumProperty | LiteralEnumProperty


def in_order(data: GeneratorData, document: dict[str, Any]) -> None:
    """Order operations and their tags; an operation with several tags is one of each."""
    items = document.get("paths", {}).values()
    names = [item[method]["operationId"] for item in items for method in item if method in METHODS]
    operations = [PythonIdentifier(name, "field_") for name in names]
    collections = data.endpoint_collections_by_tag
    for tag, each in collections.items():
        found = {endpoint.name: replace(endpoint, tags=[tag]) for endpoint in each.endpoints}
        each.endpoints = [found[name] for name in operations if name in found]
    stated = [PythonIdentifier(tag["name"], "tag") for tag in document.get("tags", [])]
    # What the contract's list of tags leaves out comes last, as it is met in the paths.
    order = dict.fromkeys([*(tag for tag in stated if tag in collections), *collections])
    data.endpoint_collections_by_tag = {tag: collections[tag] for tag in order}


def schemas(data: GeneratorData, document: dict[str, Any], config: Config) -> list[Schema]:
    """Return all models and enums: those with a name in the order of the contract, each before what is inside of it."""
    classes: dict[str, Schema] = {each.class_info.name: each for each in [*data.enums, *data.models]}
    named = document.get("components", {}).get("schemas", {}).items()
    titles = [str(schema.get("title", name)) for name, schema in named]
    tops = [name for title in titles if (name := Class.from_string(string=title, config=config).name) in classes]
    found: dict[str, Schema] = {}

    def add(name: str) -> None:
        if name not in found:
            found[name] = classes[name]
            for inside in _inside(found[name]):
                if inside not in tops:
                    add(inside)

    for name in [*tops, *classes]:
        add(name)
    return list(found.values())


def _inside(prop: Schema) -> Iterator[str]:
    """Yield the names of the classes that a model's properties are made of."""
    if isinstance(prop, ModelProperty):
        for each in [*(prop.required_properties or []), *(prop.optional_properties or []), prop.additional_properties]:
            if each:
                yield from _classes(each)


def _classes(prop: Property) -> Iterator[str]:
    if isinstance(prop, Schema):
        yield prop.class_info.name
    elif isinstance(prop, ListProperty):
        yield from _classes(prop.inner_property)
    elif isinstance(prop, UnionProperty):
        for each in prop.inner_properties:
            yield from _classes(each)
