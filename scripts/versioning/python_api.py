"""List what a program can name, with signatures and types as the source states them; read such lines as facts.

The source is read (by griffe) and not imported: the result is the same on every Python. The facts are judged as those
of the wire are.
"""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import griffe

from versioning.wire_api import Attributes, Facts

PACKAGES = ("pacerpro_client", "pacerpro_mock")
# The modules to import from, beside the packages themselves and the operations.
MODULES = frozenset({"errors", "models", "operations", "stores", "types"})
MODEL = re.compile(r"pacerpro_client\.models\.(\w+)")
# Whether a property may be absent or null matters in one direction only, which the facts of the wire know.
LEFT_TO_THE_WIRE = frozenset({"Unset", "None"})


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
        for name in module.exports or _own(module)
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


def _own(module: griffe.Module) -> list[str]:
    members = [each for each in module.members.values() if not each.is_alias and (each.is_function or each.is_class)]
    return [each.name for each in members if not each.name.startswith("_")]


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


def python_facts(lines: list[str]) -> Facts:
    """Return the facts of some lines: a place is a name, or a parameter, a base or the result of what has the name."""
    facts: Facts = {}
    used: set[str] = set()
    for line in lines:
        kind, name, rest = re.split(r"^((?:async )?def |class |)([\w.]+)", line)[1:]
        # A definition has a body, and no dots in its name.
        facts |= dict(_facts(name, ast.parse(f"{kind}name{rest}: ..." if kind else line).body[0]))
        own = MODEL.match(name)
        used |= {*re.findall(r"\w+", rest)} - {own[1] if own else ""}
    for name in filter(MODEL.fullmatch, list(facts)):
        # A base that others share, and nothing takes or gives, is part of them.
        if name.rpartition(".")[2] not in used:
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
