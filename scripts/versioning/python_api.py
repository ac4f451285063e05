"""List what a program can name: the public names of the packages, with signatures and types as the source states them.

The source is read (by griffe) and not imported: the result is the same on every Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import griffe

PACKAGES = ("pacerpro_client", "pacerpro_mock")
# The modules to import from, beside the packages themselves and the operations.
MODULES = frozenset({"errors", "models", "operations", "stores", "types"})


def python_lines(*folders: Path) -> list[str]:
    """Return a line for each public name of the packages below some folders."""
    loader = griffe.GriffeLoader(search_paths=folders, allow_inspection=False)
    modules = [each for name in PACKAGES for each in _modules(loader.load(name))]
    stated = [dict(module.members) for module in modules]
    loader.resolve_aliases(implicit=True, external=True)
    for module, members in zip(modules, stated, strict=True):
        module.members.update(members)  # What type checkers see, and not the import of all that is beside it.
    public = {
        f"{module.path}.{name}": found
        for module in modules
        for name in module.exports or [name for name, each in module.members.items() if _is_own(each)]
        if (found := _target(module.members.get(str(name))))
    }
    paths = {each.path for each in public.values()}
    facts: dict[str, str] = {}
    for path, found in public.items():
        if isinstance(found, griffe.Class):
            facts |= _class(path, list(_lineage(found, paths)))
        elif isinstance(found, griffe.Function | griffe.Attribute):
            facts[path] = path if path.endswith(".__version__") else _line(path, found)
    return [facts[path] for path in sorted(facts)]


def _modules(package: griffe.Object | griffe.Alias) -> Iterator[griffe.Module]:
    for module in [package, *package.modules.values()]:
        if isinstance(module, griffe.Module) and (module is package or module.name in MODULES):
            yield module
    for tag in package.modules["api"].modules.values() if "api" in package.modules else ():
        yield from (each for each in tag.modules.values() if isinstance(each, griffe.Module))


def _is_own(each: griffe.Object | griffe.Alias) -> bool:
    return not each.is_alias and (each.is_function or each.is_class) and not each.name.startswith("_")


def _target(found: griffe.Object | griffe.Alias | None) -> griffe.Object | None:
    """Return what a name stands for; None for what comes from another project."""
    try:
        return found.final_target if isinstance(found, griffe.Alias) else found
    except griffe.AliasResolutionError:
        return None


def _lineage(found: griffe.Class, public: set[str]) -> Iterator[griffe.Class]:
    """Yield a class and its bases, without those that are public: their members are listed there."""
    yield found
    for base in map(_target, found.resolved_bases):
        if isinstance(base, griffe.Class) and base.path not in public:
            yield from _lineage(base, public)


def _class(path: str, lineage: list[griffe.Class]) -> dict[str, str]:
    bases = {str(base) for each in lineage for base in each.bases}
    named = ", ".join(sorted(base for base in bases if not base.startswith("_")))
    found = {path: f"class {path}({named})" if named else f"class {path}"}
    is_enum = any(base.endswith("Enum") for base in bases)
    untyped: dict[str, str] = {}  # An attribute that a class only sets may have its type from a base.
    for each in lineage:
        if positional := ", ".join(_positional(each)):
            found.setdefault(f"{path}.__match_args__", f"{path}.__match_args__ = {positional}")
        for name, member in each.members.items():
            if name == "__init__" and isinstance(member, griffe.Function) and ".errors." not in path:
                found.setdefault(f"{path}.__init__", f"def {_signature(path, member)}")
            elif isinstance(member, griffe.Function | griffe.Attribute) and not name.startswith("_"):
                line = _line(f"{path}.{name}", member, is_value=is_enum)
                (untyped if line.endswith(": Any") else found).setdefault(f"{path}.{name}", line)
    return untyped | found


def _positional(found: griffe.Class) -> list[str]:
    """Return the fields that the constructor of a dataclass or an attrs class takes by position."""
    decorators = [str(each.value) for each in found.decorators]
    if not any(each.startswith(("define", "dataclass")) and "kw_only=True" not in each for each in decorators):
        return []
    fields = [each for each in found.attributes.values() if each.annotation and "instance-attribute" in each.labels]
    return [each.name for each in fields if "init=False" not in str(each.value)]


def _line(path: str, found: griffe.Function | griffe.Attribute, *, is_value: bool = False) -> str:
    if isinstance(found, griffe.Function):
        return f"{'async def' if 'async' in found.labels else 'def'} {_signature(path, found)}"
    owner = None if is_value or not isinstance(found.parent, griffe.Class) else found.parent
    if str(found.annotation or "Final") != "Final":
        default = f" = {found.value}" if owner and isinstance(found.value, str) else ""  # Not an expression.
        return f"{path}: {found.annotation}{default}"
    if not owner:
        return f"{path} = {found.value}"
    # An attribute that the constructor sets from a parameter has the parameter's type.
    constructor = owner.members.get("__init__")
    taken = constructor.parameters if isinstance(constructor, griffe.Function) else griffe.Parameters()
    return f"{path}: {taken[str(found.value)].annotation if str(found.value) in taken else 'Any'}"


def _signature(path: str, found: griffe.Function) -> str:
    rest = next((each for each in found.parameters if str(each.annotation).startswith("Unpack[")), None)
    settings = _target(found.module.members.get(str(rest.annotation)[7:-1])) if rest else None
    if rest and isinstance(settings, griffe.Class):  # Each keyword argument of a TypedDict has its own name.
        kind = rest.kind = griffe.ParameterKind.keyword_only
        fields = settings.attributes.values()
        named = (griffe.Parameter(each.name, annotation=each.annotation, kind=kind, default="...") for each in fields)
        found.parameters = griffe.Parameters(*(each for each in found.parameters if each is not rest), *named)
    return found.signature(name=path, return_type=found.name != "__init__")
