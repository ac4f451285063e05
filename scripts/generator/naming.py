"""Choose the names of the generated code: each once, and the same again for the same contract."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from itertools import chain, count
from keyword import iskeyword
from typing import Any
from unicodedata import normalize

from openapi_python_client.config import ClassOverride, Config
from openapi_python_client.parser.properties.schemas import Class
from openapi_python_client.strings import PythonIdentifier, snake_case

# What generated functions call and take.
IN_A_FUNCTION = frozenset({"body", "client", "operation"})
# What generated modules import; a schema of such a name becomes a class with another.
CLASSES = """
    AbstractAsyncContextManager AbstractContextManager Annotated Any Client Encoding Enum Exactly File FileStream
    IntEnum Lifecycle Literal MaybeNull Model OpenEnum Operation Parameter Response SessionAuth StrEnum TypeAliasType
    UNSET UUID UnknownKind Unset
"""
# What the body of a generated class calls and is typed by, and what its base class has.
IN_A_MODEL = frozenset({"additional_properties", "field", "from_dict", "masked", "to_dict", *CLASSES.split()})
CLASS_OVERRIDES = {
    name: ClassOverride.model_validate({"class_name": f"{name.title()}Model"}) for name in CLASSES.split()
}


def operation_name(operation_id: str, otherwise: str = "") -> str:
    """Return the name of an operation's module: that of its id, or of its method and path."""
    return str(PythonIdentifier(_one_form(operation_id or re.sub(r"\W+", "_", otherwise)), "field_"))


def _one_form(text: str) -> str:
    """Return a text in the form in which Python compares names."""
    return normalize("NFKC", text)


def async_name(name: str, taken: Container[str]) -> str:
    """Return the name of the method that calls an operation without blocking."""
    return f"a{name}_" if iskeyword(f"a{name}") or f"a{name}" in taken else f"a{name}"


def tag_name(tag: str) -> str:
    """Return the name of the package of a tag's operations."""
    return str(PythonIdentifier(_one_form(tag), "tag"))


class ClassNames:
    """Gives each class a name and a module of its own."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._modules: set[str] = set()
        self.modules: dict[str, str] = {}

    def plain(self, text: str) -> str:
        """Return the name that a text makes."""
        return str(self._class(text).name)

    def take(self, text: str, otherwise: str = "") -> str:
        """Return a name made from a text, or from the other if that is taken, or with a number behind it."""
        numbered = (f"{otherwise or text}{number}" for number in count(2))
        candidates = map(self._class, chain([text, otherwise or text], numbered))
        # Some file systems do not tell upper case from lower.
        found = next(each for each in candidates if each.module_name.lower() not in self._modules)
        self._modules.add(found.module_name.lower())
        self.modules[str(found.name)] = str(found.module_name)
        return str(found.name)

    def _class(self, text: str) -> Class:
        # A slash would be taken for the path of a reference.
        return Class.from_string(string=_one_form(text).replace("/", "_"), config=self._config)


def python_names(names: Sequence[tuple[str, str]], taken: frozenset[str]) -> list[str]:
    """Return an identifier for each name, which has a location or none.

    Those that would be alike say their locations if these differ, else they keep the case they have; what is left over
    has a number.
    """
    plain = [_identifier(name, taken) for name, _ in names]
    found: list[str] = []
    for (name, location), identifier in zip(names, plain, strict=True):
        alike = {place for (_, place), other in zip(names, plain, strict=True) if other == identifier}
        chosen = identifier
        if plain.count(identifier) > 1:
            chosen = f"{identifier}_{location}" if len(alike) > 1 else _identifier(name, taken, keep=True)
        found.append(_numbered(chosen, found))
    return found


def _identifier(name: str, taken: frozenset[str], *, keep: bool = False) -> str:
    identifier = str(PythonIdentifier(_one_form(name), "field_", skip_snake_case=keep))
    return f"{identifier}_" if identifier in taken else identifier


def _numbered(name: str, taken: Container[str]) -> str:
    return next(each for each in chain([name], (f"{name}_{number}" for number in count(2))) if each not in taken)


def attributes_of(properties: Iterable[str]) -> dict[str, str]:
    """Return the attribute of a model for each of its properties."""
    names = list(properties)
    return dict(zip(names, python_names([(each, "") for each in names], IN_A_MODEL), strict=True))


def member_names(values: list[Any]) -> dict[str, Any]:
    """Return a name for each value of an enum."""
    found: dict[str, Any] = {}
    for index, value in enumerate(values):
        upper = snake_case(_member(index, value)).upper()
        found[_numbered(upper if upper.isidentifier() and upper != "MRO" else f"VALUE_{upper}", found)] = value
    return found


def _member(index: int, value: Any) -> str:
    if isinstance(value, str):
        return value.upper() if value[:1].isalpha() else f"VALUE_{index}"
    return f"VALUE_{'NEGATIVE_' if value < 0 else ''}{abs(value)}" if type(value) is int else f"VALUE_{index}"
