"""Read the lines that list the Python API as facts, which are judged as those of the wire are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product

from versioning.wire_api import Attributes, Facts

MODEL = re.compile(r"pacerpro_client\.models\.\w+")
# Whether a property may be absent or null matters in one direction only, which the facts of the wire know.
LEFT_TO_THE_WIRE = frozenset({"Unset", "None"})


def python_facts(lines: list[str]) -> Facts:
    """Return the facts of some lines: a place is a name, or a parameter, a base or the result of what has the name."""
    facts: Facts = {}
    for line in lines:
        kind, name, rest = re.split(r"^((?:async )?def |class |)([\w.]+)", line)[1:]
        # A definition has a body, and no dots in its name.
        facts |= dict(_facts(name, ast.parse(f"{kind}name{rest}: ..." if kind else line).body[0]))
    for name in filter(MODEL.fullmatch, list(facts)):
        # A base that others share, and nothing takes or gives, is part of them.
        word = re.compile(rf"\b{name.rpartition('.')[2]}\b")
        if not any(word.search(line) for line in lines if not re.match(rf"\w* ?{re.escape(name)}\b", line)):
            facts[name] = {"unused": []}
    return facts


def _facts(name: str, statement: ast.stmt) -> Iterator[tuple[str, Attributes]]:
    match statement:
        case ast.ClassDef(bases=bases):
            yield name, {}
            yield from ((f"{name} is a {ast.unparse(base)}", {}) for base in bases)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            # A class and the call that makes one have the same name.
            name = f"{name}.__init__" if name.rpartition(".")[2][:1].isupper() else name
            yield name, {"kind": ["async def" if isinstance(statement, ast.AsyncFunctionDef) else "def"]}
            yield from _parameters(name, statement.args)
            if statement.returns:
                yield f"{name} returns", {"type": sorted(_types(statement.returns))}
        case ast.AnnAssign(annotation=annotation, value=value):
            types = _types(annotation) - (LEFT_TO_THE_WIRE if MODEL.match(name) else set())
            yield name, {"kind": ["attribute"], "type": sorted(types)} | _default(value)
        case ast.Assign(value=ast.Tuple(elts=fields)):  # What a class takes by position.
            yield name, {}
            yield from ((f"{name}[{index}]", {"value": [ast.unparse(each)]}) for index, each in enumerate(fields))
        case ast.Assign(value=value):
            yield name, {"value": [ast.unparse(value)]}
        case _:
            yield name, {}


def _parameters(name: str, arguments: ast.arguments) -> Iterator[tuple[str, Attributes]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [*[None] * (len(positional) - len(arguments.defaults)), *arguments.defaults, *arguments.kw_defaults]
    for index, (each, default) in enumerate(zip([*positional, *arguments.kwonlyargs], defaults, strict=True)):
        position: Attributes = {"position": [str(index)]} if index < len(positional) else {}
        needed: Attributes = {"optional" if default else "required": [], "type": sorted(_types(each.annotation))}
        yield f"{name}({each.arg})", needed | position | _default(default)
    for stars, rest in (("*", arguments.vararg), ("**", arguments.kwarg)):
        if rest:
            yield f"{name}({stars})", {"optional": [], "type": sorted(_types(rest.annotation))}


def _default(value: ast.expr | None) -> Attributes:
    return {"default": [ast.unparse(value)]} if value else {}


def _types(node: ast.expr | None) -> set[str]:
    """Return the members of a union; a container of a union is a union of containers."""
    match node:
        case None:
            return {"Any"}
        case ast.Name(id="float"):  # An int will do.
            return {"float", "int"}
        case ast.BinOp(op=ast.BitOr()):
            return _types(node.left) | _types(node.right)
        case ast.Subscript(value=value, slice=inner):
            name, held = ast.unparse(value), inner.elts if isinstance(inner, ast.Tuple) else [inner]
            if name == "Literal":  # The wire knows the values.
                return {type(ast.literal_eval(each)).__name__ for each in held}
            members = list(map(_types, held))
            if name in {"MaybeNull", "OpenEnum"}:
                return set[str]().union(*members, LEFT_TO_THE_WIRE if name == "MaybeNull" else ())
            return {f"{name}[{', '.join(each)}]" for each in product(*members)}
    return {ast.unparse(node)}
