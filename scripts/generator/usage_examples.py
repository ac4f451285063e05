"""Write the programs of the reference: each calls one operation, with values that the contract allows."""

from __future__ import annotations

from typing import Any

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import Property
from openapi_python_client.strings import PythonIdentifier

from generator.contract import ContractError
from generator.example_values import Endless
from generator.python_literals import Code, Expressions
from generator.template_context import Facts


class Program:
    """An example of an operation."""

    def __init__(self, facts: Facts, endpoint: Endpoint) -> None:
        self._facts = facts
        self._endpoint = endpoint
        self._expressions = Expressions(facts)

    def text(self, *, awaited: bool = False) -> str:
        """Return the program, for threads or for asyncio.

        Raises:
            ContractError: No value fits what the operation takes.
        """
        name, result = self._endpoint.name, self._variable()
        function = f"await {name}.asyncio(" if awaited else f"{name}.sync("
        call = Code(f"{f'{result} = ' if result else ''}{function}", tuple(self._arguments()), ")")
        block = [
            f"with Client({self._auth()}) as client:",
            f"    {call.laid_out(8 if awaited else 4)}",
            *([f"print({result})"] if result else []),
        ]
        imports = self._imports(awaited=awaited)
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
        return "auth=SessionAuth.from_env()" if self._facts.logs_in else 'auth="token"'

    def _imports(self, *, awaited: bool) -> list[str]:
        needed = self._expressions
        modules = {*needed.modules, *(["import asyncio"] if awaited else [])}
        standard = sorted(modules, key=lambda line: line.split()[1])
        session = ", SessionAuth" if "SessionAuth" in self._auth() else ""
        ours = [
            f"from pacerpro_client import Client{session}",
            f"from pacerpro_client.api.{self._endpoint.tags[0]} import {self._endpoint.name}",
        ]
        ours += [f"from pacerpro_client.models import {', '.join(sorted(needed.models))}"] if needed.models else []
        ours += [f"from pacerpro_client.types import {', '.join(sorted(needed.types))}"] if needed.types else []
        return [*standard, *([""] if standard else []), *ours]

    def _arguments(self) -> list[Code]:
        endpoint = self._endpoint
        said = {(each["in"], each["name"]): each for each in self._facts.parameters(endpoint)}
        taken = [
            (place, prop, said[place, prop.name.get_untrusted_value()])
            for place, prop in endpoint.iter_all_parameters()
        ]
        arguments = [self._value(prop, each) for place, prop, each in taken if place == "path"]
        arguments.append(Code("client=client"))
        if endpoint.bodies:
            content = self._facts.resolve(self._facts.operation(endpoint)["requestBody"])["content"]
            body = endpoint.bodies[0]
            media = content[body.content_type.get_untrusted_value()]
            arguments.append(self._value(body.prop, media).named("body"))
        others = [(prop, each) for place, prop, each in taken if place != "path" and prop.required]
        return [*arguments, *(self._value(prop, each).named(prop.python_name) for prop, each in others)]

    def _value(self, prop: Property, holder: dict[str, Any]) -> Code:
        """Return a value of a parameter or a body, of which the contract may give examples."""
        named = [self._facts.resolve(each).get("value") for each in holder.get("examples", {}).values()]
        given = [*([holder["example"]] if "example" in holder else []), *named]
        try:
            return self._expressions.of(prop, self._facts.values.fitting(holder.get("schema", {}), given))
        except Endless as error:
            place = ("paths", self._facts.path(self._endpoint), self._endpoint.method)
            raise ContractError(f"nothing can be sent: {error} requires itself", place) from None
