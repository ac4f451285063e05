"""Write the programs of the reference: each calls one operation, with values that the contract allows."""

from __future__ import annotations

from typing import Any

from openapi_python_client.strings import PythonIdentifier

from generator.contract import ContractError
from generator.described import Operation
from generator.example_values import Endless
from generator.merging import Schema
from generator.python_literals import Code, Expressions
from generator.template_context import Facts

# What a program calls its own things, so that an operation of such a name has another there.
OWN = ("asyncio", "client", "main", "result")


def program(facts: Facts, operation: Operation, tag: str, *, awaited: bool = False) -> str:
    """Return a program that calls an operation, for threads or for asyncio.

    Raises:
        ContractError: No value fits what the operation takes.
    """
    needed, result = Expressions(facts.models.schemas.classes, facts.models.values), _variable(operation)
    name = f"{operation.name}_operation" if operation.name in OWN else operation.name
    arguments = tuple(_arguments(facts, operation, needed))
    auth = "" if not operation.secured else 'auth="token"'
    auth = "auth=SessionAuth.from_env()" if auth and facts.logs_in else auth
    function = f"await {name}.asyncio(" if awaited else f"{name}.sync("
    call = Code(f"{f'{result} = ' if result else ''}{function}", arguments, ")").laid_out(8 if awaited else 4)
    block = [f"with Client({auth}) as client:", f"    {call}", *([f"print({result})"] if result else [])]

    standard = sorted({*needed.modules, *(["import asyncio"] if awaited else [])}, key=lambda line: line.split()[1])
    imports = {"pacerpro_client": {"Client", *(["SessionAuth"] if "SessionAuth" in auth else [])}}
    imports |= {
        f"pacerpro_client.api.{tag}": {operation.name if name == operation.name else f"{operation.name} as {name}"}
    }
    imports |= {"pacerpro_client.models": needed.models, "pacerpro_client.types": needed.types}
    ours = [f"from {module} import {', '.join(sorted(names))}" for module, names in imports.items() if names]
    head = [*standard, *([""] if standard else []), *ours, ""]
    if not awaited:
        return "\n".join([*head, *block])
    inside = [f"    async {block[0]}", *(f"    {line}" for line in block[1:])]
    return "\n".join([*head, "", "async def main() -> None:", *inside, "", "", "asyncio.run(main())"])


def _variable(operation: Operation) -> str:
    """Return a name for what a call returns; none for nothing."""
    result = operation.result
    if result == "None":
        return ""
    is_class = result.isidentifier() and result[0].isupper() and result != "Any"
    name = str(PythonIdentifier(result, "value_")) if is_class else "result"
    return "result" if name in {*OWN, operation.name} else name


def _arguments(facts: Facts, operation: Operation, needed: Expressions) -> list[Code]:
    def value(plain: Schema, examples: list[Any]) -> Code:
        try:
            return needed.of(plain, facts.models.values.fitting(plain, examples))
        except Endless as error:
            raise ContractError(f"nothing can be sent: {error} requires itself", operation.place) from None

    arguments = [value(each.schema, each.examples) for each in operation.in_path]
    arguments.append(Code("client=client"))
    if operation.bodies:
        body = operation.bodies[0]
        plain = {"type": "string", "file": True} if body.kind == "file" else body.schema
        arguments.append(value(plain, body.examples).named("body"))
    by_name = [each for each in operation.by_name if each.required and not each.default]
    return [*arguments, *(value(each.schema, each.examples).named(each.python_name) for each in by_name)]
