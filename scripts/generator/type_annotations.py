"""Write the type of a plain schema as Python does."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.merging import Schema, kind_of, types
from generator.plain_schema import name_of

SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
FORMATS = {"date-time": "datetime.datetime", "date": "datetime.date", "uuid": "UUID"}
# What generated modules import from the client's types.
TYPES = ("UNSET", "FileStream", "File", "MaybeNull", "OpenEnum", "Response", "UnknownKind", "Unset")


def annotation(classes: dict[str, Schema], plain: Schema, *, answered: bool = False) -> str:
    """Return the type of a plain schema.

    Args:
        classes: The classes that it may stand for.
        plain: The schema.
        answered: Whether values come from a server, which may be newer and know more values of an enum.
    """
    if name := name_of(plain):
        enum = classes.get(name, {}) if answered else {}
        kinds = {SIMPLE[kind_of(each)] for each in enum.get("enum", ())}
        kinds |= {"float", "int"} if kinds and "number" in types(enum) else set()
        return f"OpenEnum[{name}, {' | '.join(sorted(kinds))}]" if kinds else name

    def of(each: Schema) -> str:
        return annotation(classes, each, answered=answered)

    if "anyOf" in plain:
        members = list(dict.fromkeys(of(each) for each in plain["anyOf"]))
        if answered and "newer" in plain and "Any" not in members:
            members.insert(len(members) - (members[-1] == "None"), plain["newer"])
        return " | ".join(members)
    if "literal" in plain:
        return f"Literal[{', '.join(map(repr, plain['literal']))}]"
    if "exactly" in plain:
        bare = {key: each for key, each in plain.items() if key != "exactly"}
        return f"Annotated[{of(bare)}, Exactly({plain['exactly']!r})]"
    kind = plain.get("type")
    if kind == "array":
        return _array(plain, of)
    if kind == "object":
        return f"dict[str, {of(plain['additionalProperties'])}]"
    if kind == "string":
        return "File" if plain.get("file") else FORMATS.get(plain.get("format", ""), "str")
    return SIMPLE.get(str(kind), "Any")


def _array(plain: Schema, of: Callable[[Schema], str]) -> str:
    """Return a list; or if the first positions have types of their own, a tuple for each length up to theirs."""
    starts, items = [of(each) for each in plain.get("prefixItems", ())], plain["items"]
    if not starts:
        return f"list[{of(items) if items is not False else 'Any'}]"
    least, most = plain.get("minItems", 0), plain.get("maxItems")
    whole = f"tuple[{', '.join(starts)}]"
    if items is not False and (most is None or most > len(starts)):
        whole = f"{whole[:-1]}, *tuple[{of(items)}, ...]]"
    shorter = [f"tuple[{', '.join(starts[:length]) or '()'}]" for length in range(least, len(starts))]
    return " | ".join([*shorter, whole])


def names_in(code: str) -> set[str]:
    """Return the names that an annotation uses."""
    return set(re.findall(r"\b[^\W\d]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", code)))
