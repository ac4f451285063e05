"""Judge what changed for programs that use the packages, from the lines of two listings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from versioning.findings import Finding, adds, breaks

MODEL = re.compile(r"pacerpro_client\.models\.\w+\.\w+")
# Whether a property may be absent or null matters in one direction alone, which the wire's facts know.
LEFT_TO_THE_WIRE = frozenset({"Unset", "None"})


def python_changes(old: dict[str, str], new: dict[str, str]) -> Iterator[Finding]:
    """Yield what changed for programs."""
    for name in _topmost(old.keys() - new.keys()):
        yield breaks(name, "is gone")
    for name in _topmost(new.keys() - old.keys()):
        yield adds(name, "is new")
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield from _changed(name, old[name], new[name])


def _topmost(names: set[str]) -> list[str]:
    return [name for name in sorted(names) if not any(name.startswith(f"{whole}.") for whole in names)]


def _changed(name: str, old: str, new: str) -> Iterator[Finding]:
    if "def " in old and "def " in new:
        yield from _signature(name, _function(old), _function(new))
    elif old.startswith("class ") and new.startswith("class "):
        gone, more = _bases(old) - _bases(new), _bases(new) - _bases(old)
        yield from (breaks(name, f"is no {base} any more") for base in sorted(gone))
        yield from (adds(name, f"is a {base} now") for base in sorted(more))
    elif MODEL.fullmatch(name) and _types(old) - LEFT_TO_THE_WIRE == _types(new) - LEFT_TO_THE_WIRE:
        return
    elif _types(old) == _types(new):
        yield adds(name, f"was {_said(old)} and is {_said(new)}")
    else:
        yield breaks(name, f"was {_said(old)} and is {_said(new)}")


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _function(line: str) -> Function:
    """Return a listed function as Python sees it, which takes no dots in a name."""
    text = re.sub(r"def [\w.]+", "def function", line, count=1)
    node = ast.parse(f"{text}: ...").body[0]
    if not isinstance(node, Function):
        raise TypeError(f"not a function: {line}")
    return node


def _signature(name: str, old: Function, new: Function) -> Iterator[Finding]:
    if type(old) is not type(new):
        yield breaks(name, "has to be awaited now" if isinstance(new, ast.AsyncFunctionDef) else "is not awaited now")
    before, after = _parameters(old), _parameters(new)
    for parameter in before.keys() - after.keys():
        yield breaks(name, f"takes no {parameter} any more")
    for parameter in after.keys() - before.keys():
        required = after[parameter][1]
        text = f"takes {parameter}"
        yield breaks(name, f"{text}, which is required") if required else adds(name, text)
    for parameter in before.keys() & after.keys():
        yield from _parameter(f"{name}({parameter})", before[parameter], after[parameter])
    positions = [[each.arg for each in (*one.args.posonlyargs, *one.args.args)] for one in (old, new)]
    if positions[1][: len(positions[0])] != positions[0]:
        yield breaks(name, f"takes ({', '.join(positions[1])}) by position, and took ({', '.join(positions[0])})")
    returned = [_union(ast.unparse(each.returns)) if each.returns else set[str]() for each in (old, new)]
    if returned[0] != returned[1]:
        text = f"returned {' | '.join(sorted(returned[0]))} and returns {' | '.join(sorted(returned[1]))}"
        yield adds(name, text) if returned[1] < returned[0] else breaks(name, text)


def _parameter(name: str, old: tuple[set[str], bool, str], new: tuple[set[str], bool, str]) -> Iterator[Finding]:
    if new[1] and not old[1]:
        yield breaks(name, "is required now")
    elif not old[0] <= new[0]:
        yield breaks(name, f"was {' | '.join(sorted(old[0]))} and is {' | '.join(sorted(new[0]))}")
    elif old != new:
        yield adds(name, f"takes more, or its default is another: {' | '.join(sorted(new[0]))}{new[2]}")


def _parameters(function: Function) -> dict[str, tuple[set[str], bool, str]]:
    """Return the type, whether it has to be given, and the default of each parameter."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    found = {
        each.arg: (
            _union(ast.unparse(each.annotation) if each.annotation else "Any"),
            default is None,
            f" = {ast.unparse(default)}" if default else "",
        )
        for each, default in pairs
    }
    for each, stars in ((arguments.vararg, "*"), (arguments.kwarg, "**")):
        if each:
            found[stars] = (_union(ast.unparse(each.annotation) if each.annotation else "Any"), False, "")
    return found


def _said(line: str) -> str:
    return re.split(r": | = ", line, maxsplit=1)[-1]


def _types(line: str) -> set[str]:
    return _union(line.partition(": ")[2].partition(" = ")[0] or line)


def _union(annotation: str) -> set[str]:
    """Return the members of a union, which are parted by bars outside of brackets."""
    members, depth = [""], 0
    for character in annotation:
        depth += (character in "[(") - (character in "])")
        if character == "|" and not depth:
            members.append("")
        else:
            members[-1] += character
    return {member.strip() for member in members}


def _bases(line: str) -> set[str]:
    return set(filter(None, re.split(r", ", line.partition("(")[2].rstrip(")"))))
