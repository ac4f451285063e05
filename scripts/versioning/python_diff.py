"""Judge what changed for programs that use the packages, from the lines of two listings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from versioning.findings import Finding, adds, breaks, topmost

MODEL = re.compile(r"pacerpro_client\.models\.\w+")
# Whether a property may be absent or null matters in one direction only, which the facts of the wire know.
LEFT_TO_THE_WIRE = frozenset({"Unset", "None"})
Function = ast.FunctionDef | ast.AsyncFunctionDef
Type = ast.expr | None


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
    match _statement(old), _statement(new):
        case ast.ClassDef() as before, ast.ClassDef() as after:
            was, now = ({ast.unparse(base) for base in each.bases} for each in (before, after))
            yield from (breaks(name, f"is no longer a {base}") for base in sorted(was - now))
            yield from (adds(name, f"is now a {base}") for base in sorted(now - was))
        case (ast.FunctionDef() | ast.AsyncFunctionDef()) as before, (
            ast.FunctionDef() | ast.AsyncFunctionDef()
        ) as after:
            yield from _signature(name, before, after)
        case ast.AnnAssign(annotation=before), ast.AnnAssign(annotation=after) if MODEL.match(name):
            was, now = ({ast.unparse(each) for each in _members(one)} - LEFT_TO_THE_WIRE for one in (before, after))
            if was != now:
                yield adds(name, text) if _fits(before, after) or _fits(after, before) else breaks(name, text)
        case ast.AnnAssign(annotation=before), ast.AnnAssign(annotation=after):
            yield adds(name, text) if _fits(after, before) else breaks(name, text)
        case _:  # A value; further fields that a class takes by position break nothing.
            yield adds(name, text) if new.startswith(f"{old},") else breaks(name, text)


def _statement(line: str) -> ast.stmt:
    """Return a line of a listing as Python reads it: a definition has a body, and no dots in its name."""
    head, found = re.subn(r"^((?:async )?def|class) [\w.]+", r"\1 name", line)
    return ast.parse(f"{head}: ..." if found else line).body[0]


def _signature(name: str, old: Function, new: Function) -> Iterator[Finding]:
    if type(old) is not type(new):
        yield breaks(name, "must be awaited now" if isinstance(new, ast.AsyncFunctionDef) else "is no longer awaited")
    before, after = _parameters(old), _parameters(new)
    yield from (breaks(name, f"no longer takes {each}") for each in before.keys() - after.keys())
    for each in after.keys() - before.keys():
        yield adds(name, f"takes {each}") if after[each][1] else breaks(name, f"takes {each}, which is required")
    for each in before.keys() & after.keys():
        (was, usual), (now, default) = before[each], after[each]
        if usual and not default:
            yield breaks(f"{name}({each})", "is required now")
        elif not _fits(was, now):
            yield breaks(f"{name}({each})", f"was {_text(was)} and is {_text(now)}")
        elif (_text(was), usual) != (_text(now), default):
            yield adds(f"{name}({each})", f"takes more, or its default is another: {_text(now)} = {default}")
    taken, takes = ([each.arg for each in (*one.args.posonlyargs, *one.args.args)] for one in (old, new))
    if takes[: len(taken)] != taken:
        yield breaks(name, f"takes ({', '.join(takes)}) by position, and took ({', '.join(taken)})")
    if _text(old.returns) != _text(new.returns):
        text = f"returned {_text(old.returns)} and returns {_text(new.returns)}"
        yield adds(name, text) if _fits(new.returns, old.returns) else breaks(name, text)


def _parameters(function: Function) -> dict[str, tuple[Type, str | None]]:
    """Return the type and the default of each parameter."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    rest = {"*": arguments.vararg, "**": arguments.kwarg}
    return {
        **{each.arg: (each.annotation, ast.unparse(default) if default else None) for each, default in pairs},
        **{stars: (each.annotation, stars) for stars, each in rest.items() if each},
    }


def _text(node: Type) -> str:
    return " | ".join(sorted(map(ast.unparse, _members(node))))


def _fits(one: Type, other: Type) -> bool:
    """Tell whether what is of one type is of the other too; what a container holds may be narrower."""
    return all(any(_is(each, wanted) for wanted in _members(other)) for each in _members(one))


def _is(one: Type, other: Type) -> bool:
    match one, other:
        case (_, ast.Name(id="Any")) | (ast.Name(id="int"), ast.Name(id="float")):
            return True
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Constant(value=value)), ast.Name(id=name):
            return type(value).__name__ == name
        case ast.Subscript(), ast.Subscript() if ast.unparse(one.value) == ast.unparse(other.value):
            inner, wanted = _arguments(one), _arguments(other)  # Tuples of other lengths are other types.
            return len(inner) == len(wanted) and all(map(_fits, inner, wanted))
    return one is not None and other is not None and ast.unparse(one) == ast.unparse(other)


def _members(node: Type) -> list[ast.expr]:
    """Return the members of a union; of the client's own generic types, and of a Literal, what they stand for."""
    match node:
        case None:
            return [ast.Name("Any")]
        case ast.BinOp(op=ast.BitOr()):
            return [*_members(node.left), *_members(node.right)]
        case ast.Subscript(value=ast.Name(id="MaybeNull")):
            return [*_members(node.slice), ast.Name("Unset"), ast.Constant(None)]
        case ast.Subscript(value=ast.Name(id="OpenEnum")):
            return _arguments(node)
        case ast.Subscript(value=ast.Name(id="Literal")):
            return [ast.Subscript(node.value, each) for each in _arguments(node)]
    return [node]


def _arguments(node: ast.Subscript) -> list[ast.expr]:
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
