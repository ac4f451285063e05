"""Judge what changed for programs that use the packages, from the lines of two listings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from generator.described import split

from versioning.versions import Finding, adds, breaks
from versioning.wire_diff import topmost

MODEL = re.compile(r"pacerpro_client\.models\.\w+")
# Whether a property may be absent or null matters in one direction only, which the facts of the wire know.
LEFT_TO_THE_WIRE = frozenset({"Unset", "None"})
Function = ast.FunctionDef | ast.AsyncFunctionDef
Parameter = tuple[set[str], str | None]  # its types, and its default


def python_changes(old: dict[str, str], new: dict[str, str]) -> Iterator[Finding]:
    """Yield what changed for programs."""
    for name in topmost(old.keys() - new.keys()):
        yield breaks(name, "is gone")
    for name in topmost(new.keys() - old.keys()):
        if not MODEL.fullmatch(name) or _is_used(name, new):
            yield adds(name, "is new")
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield from _changed(name, old[name], new[name])


def _is_used(model: str, lines: dict[str, str]) -> bool:
    """Tell whether anything takes or gives a model. A base that others share is part of them."""
    word = re.compile(rf"\b{model.rpartition('.')[2]}\b")
    return any(word.search(line) for name, line in lines.items() if name != model and not name.startswith(f"{model}."))


def _changed(name: str, old: str, new: str) -> Iterator[Finding]:
    text = "was {} and is {}".format(*(re.split(r": | = ", line, maxsplit=1)[-1] for line in (old, new)))
    if "def " in old and "def " in new:
        yield from _signature(name, _function(old), _function(new))
    elif old.startswith("class ") and new.startswith("class "):
        before, after = ({*re.split(r", ", line.partition("(")[2].rstrip(")"))} - {""} for line in (old, new))
        yield from (breaks(name, f"is no longer a {base}") for base in sorted(before - after))
        yield from (adds(name, f"is now a {base}") for base in sorted(after - before))
    elif " = " in old.partition(": ")[0]:
        yield adds(name, text) if new.startswith(f"{old},") else breaks(name, text)
    else:
        before, after = (_members(line.partition(": ")[2].partition(" = ")[0]) for line in (old, new))
        if not MODEL.match(name):
            yield adds(name, text) if _fits(after, before) else breaks(name, text)
        elif before - LEFT_TO_THE_WIRE != after - LEFT_TO_THE_WIRE:
            yield adds(name, text) if _fits(before, after) or _fits(after, before) else breaks(name, text)


def _function(line: str) -> Function:
    """Return a listed function as Python's parser sees it, which allows no dots in a name."""
    node = ast.parse(re.sub(r"def [\w.]+", "def function", line, count=1) + ": ...").body[0]
    if not isinstance(node, Function):
        raise TypeError(f"not a function: {line}")
    return node


def _signature(name: str, old: Function, new: Function) -> Iterator[Finding]:
    if type(old) is not type(new):
        yield breaks(name, "must be awaited now" if isinstance(new, ast.AsyncFunctionDef) else "is no longer awaited")
    before, after = _parameters(old), _parameters(new)
    yield from (breaks(name, f"no longer takes {parameter}") for parameter in before.keys() - after.keys())
    for parameter in after.keys() - before.keys():
        text = f"takes {parameter}"
        yield adds(name, text) if after[parameter][1] else breaks(name, f"{text}, which is required")
    for parameter in before.keys() & after.keys():
        yield from _parameter(f"{name}({parameter})", before[parameter], after[parameter])
    was, now = ([each.arg for each in (*one.args.posonlyargs, *one.args.args)] for one in (old, new))
    if now[: len(was)] != was:
        yield breaks(name, f"takes ({', '.join(now)}) by position, and took ({', '.join(was)})")
    returned, returns = _annotated(old.returns), _annotated(new.returns)
    if returned != returns:
        text = f"returned {_joined(returned)} and returns {_joined(returns)}"
        yield adds(name, text) if _fits(returns, returned) else breaks(name, text)


def _parameter(name: str, old: Parameter, new: Parameter) -> Iterator[Finding]:
    if old[1] and not new[1]:
        yield breaks(name, "is required now")
    elif not _fits(old[0], new[0]):
        yield breaks(name, f"was {_joined(old[0])} and is {_joined(new[0])}")
    elif old != new:
        yield adds(name, f"takes more, or its default is another: {_joined(new[0])} = {new[1]}")


def _parameters(function: Function) -> dict[str, Parameter]:
    """Return the types and the default of each parameter."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    found = {
        each.arg: (_annotated(each.annotation), ast.unparse(default) if default else None) for each, default in pairs
    }
    rest = {"*": arguments.vararg, "**": arguments.kwarg}
    return {**found, **{stars: (_annotated(each.annotation), stars) for stars, each in rest.items() if each}}


def _annotated(node: ast.expr | None) -> set[str]:
    return _members(ast.unparse(node) if node else "Any")


def _members(annotation: str) -> set[str]:
    """Return the members of a union; of the client's own generic types, what they stand for."""
    found: set[str] = set()
    for each in split(annotation):
        inner = re.fullmatch(r"(MaybeNull|OpenEnum)\[(.*)\]", each)
        if inner and inner[1] == "MaybeNull":
            found |= {*_members(inner[2]), *LEFT_TO_THE_WIRE}
        else:
            found |= set(inner[2].split(", ")) if inner else {each}
    return found


def _fits(one: set[str], other: set[str]) -> bool:
    """Tell whether all members of a union are members of another; to type checkers an int is a float."""
    return one <= other | ({"int"} if "float" in other else set())


def _joined(types: set[str]) -> str:
    return " | ".join(sorted(types))
