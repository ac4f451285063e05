"""What a program can name, as facts: the public names of the packages, with signatures and types as they are written.

Read from the source: the same on every Python, and scripts import nothing that ships.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy

from versioning.python_source import Function, Package, assigned


def python_facts(package: Package, prefixes: list[str]) -> dict[str, str]:
    """Return a line for each public name of the packages."""
    public: dict[str, tuple[str, ast.stmt]] = {}
    for prefix in prefixes:
        for module in package.modules(prefix):
            if package.is_public(prefix, module):
                found = {f"{module}.{name}": package.find(module, name) for name in package.exported(module)}
                public |= {path: each for path, each in found.items() if each}
    definitions = [node for _, node in public.values()]
    facts: dict[str, str] = {}
    for path, (module, node) in public.items():
        if isinstance(node, ast.ClassDef):
            facts |= dict(_class(package, path, module, node, definitions))
        elif line := _line(path, node):
            facts[path] = line
    return dict(sorted(facts.items()))


def _line(path: str, node: ast.stmt) -> str:
    if isinstance(node, Function):
        return _signature(path, node)
    if path.endswith(".__version__"):
        return path  # Which one it is stands in the listing's head.
    if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) != "Final":
        return f"{path}: {ast.unparse(node.annotation)}"
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        return f"{path} = {ast.unparse(node.value)}"
    return ""


def _class(
    package: Package, path: str, module: str, node: ast.ClassDef, public: list[ast.stmt]
) -> Iterator[tuple[str, str]]:
    lineage = list(_lineage(package, module, node, public))
    bases = {ast.unparse(base) for _, each in lineage for base in each.bases}
    named = ", ".join(sorted(base for base in bases if not base.startswith("_")))
    yield path, f"class {path}({named})" if named else f"class {path}"
    members: dict[str, str] = {}
    for home, each in lineage:
        for name, line in [*_members(path, each), *_settings(package, path, home, each)]:
            members.setdefault(name, line)
    for name, line in members.items():
        yield f"{path}.{name}", line


def _lineage(
    package: Package, module: str, node: ast.ClassDef, public: list[ast.stmt]
) -> Iterator[tuple[str, ast.ClassDef]]:
    """Yield a class and its bases, but for those that are public: what they have is listed there."""
    yield module, node
    for base in node.bases:
        name = base.value if isinstance(base, ast.Subscript) else base
        found = package.find(module, name.id) if isinstance(name, ast.Name) else None
        if found and isinstance(found[1], ast.ClassDef) and found[1] not in public:
            yield from _lineage(package, found[0], found[1], public)


def _settings(package: Package, path: str, module: str, node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield the keyword arguments that a class takes by way of a TypedDict."""
    for each in node.body:
        if isinstance(each, Function) and each.name == "__init__" and each.args.kwarg and each.args.kwarg.annotation:
            annotation = each.args.kwarg.annotation
            if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value).endswith("Unpack"):
                found = package.find(module, ast.unparse(annotation.slice))
                for line in found[1].body if found and isinstance(found[1], ast.ClassDef) else []:
                    if isinstance(line, ast.AnnAssign):
                        yield f"({assigned(line)})", f"{path}({assigned(line)}): {ast.unparse(line.annotation)}"


def _members(path: str, node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    is_enum = any(ast.unparse(base).endswith("Enum") for base in node.bases)
    for each in node.body:
        if isinstance(each, Function) and each.name == "__init__":
            if ".errors." not in path:  # Errors are made by the package alone.
                yield "__init__", _signature(path, each, bound=True)
            yield from _set_in_init(path, each)
        elif isinstance(each, Function) and not each.name.startswith("_"):
            yield each.name, _method(path, each)
        elif isinstance(each, ast.AnnAssign) and not assigned(each).startswith("_"):
            default = f" = {ast.unparse(each.value)}" if isinstance(each.value, ast.Constant) else ""
            yield assigned(each), f"{path}.{assigned(each)}: {ast.unparse(each.annotation)}{default}"
        elif isinstance(each, ast.Assign) and is_enum and not assigned(each).startswith("_"):
            yield assigned(each), f"{path}.{assigned(each)} = {ast.unparse(each.value)}"


def _method(path: str, node: Function) -> str:
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    if decorators & {"property", "cached_property"}:
        return f"{path}.{node.name}: {ast.unparse(node.returns) if node.returns else 'Any'}"
    return _signature(f"{path}.{node.name}", node, bound="staticmethod" not in decorators)


def _set_in_init(path: str, function: Function) -> Iterator[tuple[str, str]]:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    annotated = {each.arg: ast.unparse(each.annotation) for each in arguments if each.annotation}
    for node in function.body:
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Attribute):
            value = node.value.id if isinstance(node.value, ast.Name) else ""
            if not target.attr.startswith("_"):
                yield target.attr, f"{path}.{target.attr}: {annotated.get(value, 'Any')}"


def _signature(path: str, function: Function, *, bound: bool = False) -> str:
    arguments = deepcopy(function.args)
    if bound:  # `self` and `cls` are no business of whoever calls.
        del (arguments.posonlyargs or arguments.args)[:1]
    returns = f" -> {ast.unparse(function.returns)}" if function.returns and function.name != "__init__" else ""
    start = "async def" if isinstance(function, ast.AsyncFunctionDef) else "def"
    return f"{start} {path}({ast.unparse(arguments)}){returns}"
