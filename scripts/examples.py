"""Write the programs of the reference: each calls one operation, with values that the contract gives as examples."""

from __future__ import annotations

import json
from typing import Any

from facts import Facts
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import (
    ConstProperty,
    DateProperty,
    DateTimeProperty,
    EnumProperty,
    FileProperty,
    ListProperty,
    ModelProperty,
    NoneProperty,
    Property,
    UnionProperty,
    UuidProperty,
)
from openapi_python_client.strings import PythonIdentifier

WIDTH = 100  # characters of a line that is not broken

# What stands in for a value of which the contract gives no example.
SAMPLES: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True, "string": "text", "array": [], "null": None}
UUID_SAMPLE = "5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10"


class Program:
    """An example under construction: the expressions that are asked for note what has to be imported."""

    def __init__(self, facts: Facts, endpoint: Endpoint) -> None:
        self._facts = facts
        self._endpoint = endpoint
        self._models: set[str] = set()
        self._modules: set[str] = set()

    def text(self, *, awaited: bool = False) -> str:
        """Return the program, for threads or for asyncio."""
        name, result = self._endpoint.name, self._variable()
        arguments = self._arguments()
        function = f"await {name}.asyncio" if awaited else f"{name}.sync"
        call = _call(f"{f'{result} = ' if result else ''}{function}", arguments, 8 if awaited else 4)
        imports = self._imports(awaited=awaited)
        block = [f"with Client({self._auth()}) as client:", f"    {call}", *([f"print({result})"] if result else [])]
        if not awaited:
            return "\n".join([*imports, "", *block]) + "\n"
        inside = [f"    async {block[0]}", *(f"    {line}" for line in block[1:])]
        return "\n".join([*imports, "", "", "async def main() -> None:", *inside, "", "", "asyncio.run(main())"]) + "\n"

    def _variable(self) -> str:
        """Return a name for what a call returns; none for nothing."""
        result = self._facts.result(self._endpoint)
        if result == "None":
            return ""
        is_class = result.isidentifier() and result[0].isupper() and result != "Any"
        name = str(PythonIdentifier(result, "value_")) if is_class else "result"
        return "result" if name in {"client", self._endpoint.name} else name

    def _auth(self) -> str:
        if not self._facts.secured(self._endpoint):
            return ""
        return "auth=SessionAuth.from_env()" if self._facts.lifecycle else 'auth="a token"'

    def _imports(self, *, awaited: bool) -> list[str]:
        standard = sorted({*self._modules, *(["import asyncio"] if awaited else [])}, key=lambda line: line.split()[1])
        session = ", SessionAuth" if "SessionAuth" in self._auth() else ""
        ours = [
            f"from pacerpro_client import Client{session}",
            f"from pacerpro_client.api.{self._endpoint.tags[0]} import {self._endpoint.name}",
        ]
        models = sorted(self._models - {"File"})
        ours += [f"from pacerpro_client.models import {', '.join(models)}"] if models else []
        ours += ["from pacerpro_client.types import File"] if "File" in self._models else []
        return [*standard, *([""] if standard else []), *ours]

    def _arguments(self) -> list[str]:
        endpoint = self._endpoint
        operation = self._facts.operation(endpoint)
        schemas = {each["name"]: each for each in self._facts.parameters(endpoint)}
        arguments = [self._parameter(each, schemas) for each in endpoint.path_parameters]
        arguments.append("client=client")
        if endpoint.bodies:
            media = self._facts.resolve(operation["requestBody"])["content"][
                endpoint.bodies[0].content_type.get_untrusted_value()
            ]
            example = next(iter(media.get("examples", {}).values()), {}).get("value")
            arguments.append(f"body={self._expression(endpoint.bodies[0].prop, media.get('schema', {}), example)}")
        others = [*endpoint.query_parameters, *endpoint.header_parameters, *endpoint.cookie_parameters]
        named = [(each.python_name, self._parameter(each, schemas)) for each in others if each.required]
        return [*arguments, *(f"{name}={value}" for name, value in named)]

    def _parameter(self, prop: Property, schemas: dict[str, dict[str, Any]]) -> str:
        parameter = schemas.get(prop.name.get_untrusted_value(), {})
        return self._expression(prop, parameter.get("schema", {}), parameter.get("example"))

    def _expression(self, prop: Property, schema: dict[str, Any], example: Any = None) -> str:
        """Return a value of a type as Python code."""
        schema = self._facts.resolve(schema)
        value = _sample(schema) if example is None else example
        if isinstance(prop, ModelProperty):
            return self._model(prop, schema, value if isinstance(value, dict) else {})
        if isinstance(prop, ListProperty):
            items = [self._expression(prop.inner_property, schema.get("items", {}), each) for each in value or [None]]
            return f"[{', '.join(items)}]"
        if isinstance(prop, UnionProperty):
            return self._union(prop, schema, example)
        if isinstance(prop, EnumProperty):
            self._models.add(prop.class_info.name)
            key = next((key for key, one in prop.values.items() if one == value), next(iter(prop.values)))
            return f"{prop.class_info.name}.{key}"
        return self._simple(prop, value)

    def _union(self, prop: UnionProperty, schema: dict[str, Any], example: Any) -> str:
        inner = next(each for each in prop.inner_properties if not isinstance(each, NoneProperty))
        alternatives = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
        return self._expression(inner, alternatives[0] if alternatives else schema, example)

    def _model(self, prop: ModelProperty, schema: dict[str, Any], value: dict[str, Any]) -> str:
        self._models.add(prop.class_info.name)
        schemas = self._facts.properties(schema)
        named = [(each.name.get_untrusted_value(), each) for each in prop.required_properties or []]
        named += [(each.name.get_untrusted_value(), each) for each in prop.optional_properties or []]
        shown = [(name, each) for name, each in named if each.required or name in value] or named[:1]
        values = [self._expression(each, schemas.get(name, {}), value.get(name)) for name, each in shown]
        arguments = [f"{each.python_name}={one}" for (_, each), one in zip(shown, values, strict=True)]
        return f"{prop.class_info.name}({', '.join(arguments)})"

    def _simple(self, prop: Property, value: Any) -> str:
        if isinstance(prop, FileProperty):
            self._models.add("File")
            return 'File(b"content", "file.txt")'
        if isinstance(prop, UuidProperty):
            self._modules.add("from uuid import UUID")
            return f'UUID("{value if len(str(value)) == len(UUID_SAMPLE) else UUID_SAMPLE}")'
        if isinstance(prop, DateTimeProperty | DateProperty):
            self._modules.add("import datetime")
            day = "datetime.date(2030, 1, 1)"
            return day if isinstance(prop, DateProperty) else "datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)"
        if isinstance(prop, ConstProperty):
            return prop.value.python_code.as_unembedded_code()
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _sample(schema: dict[str, Any]) -> Any:
    for word in ("example", "const", "default"):
        if word in schema:
            return schema[word]
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    kinds = schema.get("type", "string")
    return SAMPLES.get(kinds if isinstance(kinds, str) else kinds[0])


def _call(function: str, arguments: list[str], indent: int) -> str:
    """Return a call in one line, or in several where it is long."""
    line = f"{function}({', '.join(arguments)})"
    if indent + len(line) <= WIDTH:
        return line
    pad = " " * (indent + 4)
    return f"{function}(\n{''.join(f'{pad}{each},{chr(10)}' for each in arguments)}{' ' * indent})"
