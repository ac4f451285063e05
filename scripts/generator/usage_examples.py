"""Write the programs of the reference: each calls one operation, with values that the contract allows."""

from __future__ import annotations

from typing import Any

from openapi_python_client.strings import PythonIdentifier

from generator.contract import ContractError
from generator.described import Operation, Property
from generator.example_values import Endless
from generator.merging import Schema
from generator.python_literals import Code, Expressions
from generator.template_context import Facts


class Program:
    """An example of an operation."""

    def __init__(self, facts: Facts, operation: Operation, tag: str) -> None:
        self._facts = facts
        self._operation = operation
        self._tag = tag
        self._expressions = Expressions(facts.models)

    def text(self, *, awaited: bool = False) -> str:
        """Return the program, for threads or for asyncio.

        Raises:
            ContractError: No value fits what the operation takes.
        """
        name, result = self._operation.name, self._variable()
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
        result = self._operation.result
        if result == "None":
            return ""
        is_class = result.isidentifier() and result[0].isupper() and result != "Any"
        name = str(PythonIdentifier(result, "value_")) if is_class else "result"
        return "result" if name in {"client", self._operation.name} else name

    def _auth(self) -> str:
        if not self._facts.secured(self._operation):
            return ""
        return "auth=SessionAuth.from_env()" if self._facts.logs_in else 'auth="token"'

    def _imports(self, *, awaited: bool) -> list[str]:
        needed = self._expressions
        modules = {*needed.modules, *(["import asyncio"] if awaited else [])}
        standard = sorted(modules, key=lambda line: line.split()[1])
        session = ", SessionAuth" if "SessionAuth" in self._auth() else ""
        ours = [
            f"from pacerpro_client import Client{session}",
            f"from pacerpro_client.api.{self._tag} import {self._operation.name}",
        ]
        ours += [f"from pacerpro_client.models import {', '.join(sorted(needed.models))}"] if needed.models else []
        ours += [f"from pacerpro_client.types import {', '.join(sorted(needed.types))}"] if needed.types else []
        return [*standard, *([""] if standard else []), *ours]

    def _arguments(self) -> list[Code]:
        operation = self._operation
        arguments = [self._parameter(each) for each in operation.in_path]
        arguments.append(Code("client=client"))
        if operation.bodies:
            body = operation.bodies[0]
            plain = {"type": "string", "file": True} if body.kind == "file" else body.schema
            arguments.append(self._value(plain, body.said).named("body"))
        needed = [each for each in operation.by_name if each.required and not each.default]
        return [*arguments, *(self._parameter(each).named(each.python_name) for each in needed)]

    def _parameter(self, parameter: Property) -> Code:
        return self._value(parameter.schema, parameter.said)

    def _value(self, plain: Schema, said: dict[str, Any]) -> Code:
        """Return a value of a parameter or a body, of which the contract may give examples."""
        named = [self._facts.resolve(each).get("value") for each in said.get("examples", {}).values()]
        given = [*([said["example"]] if "example" in said else []), *named]
        try:
            return self._expressions.of(plain, self._facts.models.values.fitting(plain, given))
        except Endless as error:
            raise ContractError(f"nothing can be sent: {error} requires itself", self._operation.place) from None
