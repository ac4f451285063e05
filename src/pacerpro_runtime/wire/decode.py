"""Turn JSON into the types of the contract, and refuse whatever the contract does not allow.

The types are the annotations of the generated models, so they are stated once. A decoder is made for each type the
first time it is met.
"""

from __future__ import annotations

import datetime
import json
import sys
import types
from collections.abc import Callable
from enum import Enum
from functools import cache
from io import BytesIO
from typing import Any, Literal, NoReturn, Union, get_args, get_origin
from uuid import UUID

import attrs

from pacerpro_runtime.types import UNSET, File, Unset

from .json_types import is_array, is_object

Decoder = Callable[[Any], Any]

_TOO_DEEP = "nested too deeply"


class Mismatch(ValueError):
    """A value is not what the contract says. The message names the place (RFC 6901) and the kinds, never the value."""

    def __init__(self, expected: str, value: object, pointer: str = "") -> None:
        self.expected = expected
        self.kind = _kind(value)
        self.pointer = pointer
        super().__init__(pointer)

    def __str__(self) -> str:
        return f"{self.pointer or 'the body'} should be {self.expected}, and is {self.kind}"

    def inside(self, key: str | int) -> Mismatch:
        """Return the same mismatch as it is seen from the container."""
        self.pointer = f"/{str(key).replace('~', '~0').replace('/', '~1')}{self.pointer}"
        return self


class Missing(Mismatch):
    """A required property is not there."""

    def __str__(self) -> str:
        return f"{self.pointer} is missing"


def parse_json(content: bytes) -> Any:
    """Parse JSON strictly (RFC 8259): UTF-8, and neither NaN nor Infinity.

    Raises:
        ValueError: It is something else, or is nested too deeply to be read.
    """
    if not content:
        raise ValueError("the body is empty")
    try:
        return _JSON.decode(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON from character {error.pos} on") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"the body is not UTF-8 from byte {error.start} on") from None
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def decode(type_: Any, value: Any) -> Any:
    """Return the value as the type.

    Raises:
        Mismatch: The value is not of that type.
        ValueError: It is nested too deeply to be read.
    """
    try:
        return decoder(type_)(value)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


@cache
def decoder(type_: Any) -> Decoder:
    """Return the function that decodes values of a type."""
    # By name, because freezegun puts subclasses of its own in the place of these classes.
    mro = getattr(type_, "__mro__", ())
    dated = next((f"datetime.{each.__name__}" for each in mro if each.__module__ == "datetime"), type_)
    if (simple := _SIMPLE.get(dated)) is not None:
        return simple
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is list:
        return _list_of(decoder(arguments[0]))
    if origin is dict:
        return _dict_of(decoder(arguments[1]))
    if origin in (Union, types.UnionType):
        return _first_of([decoder(each) for each in arguments if each is not Unset])
    if origin is Literal:
        return _one_of(arguments)
    cls: Any = type_
    if isinstance(type_, type) and issubclass(type_, Enum):
        return _member_of(type_)
    if attrs.has(cls):
        return _model(cls)
    raise TypeError(f"no decoder for {type_!r}")


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_JSON = json.JSONDecoder(parse_constant=_constant)


def _kind(value: object) -> str:
    kinds: dict[type, str] = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "an object",
        type(None): "null",
    }
    return kinds.get(type(value), "something else")


def _exactly(type_: type, expected: str) -> Decoder:
    def decode_exactly(value: Any) -> Any:
        if type(value) is type_:
            return value
        raise Mismatch(expected, value)

    return decode_exactly


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():  # In JSON Schema 1.0 is an integer.
        return int(value)
    raise Mismatch("an integer", value)


def _number(value: Any) -> float:
    if type(value) is int or type(value) is float:
        return value
    raise Mismatch("a number", value)


def _from_string(construct: Callable[[str], Any], expected: str) -> Decoder:
    def decode_string(value: Any) -> Any:
        if type(value) is str:
            try:
                return construct(value)
            except (ValueError, OverflowError):
                pass  # The mismatch below says what was expected; why the text is none is no help.
        raise Mismatch(expected, value)

    return decode_string


def _date_time(text: str) -> datetime.datetime:
    if len(text) <= len("2030-01-01"):
        raise ValueError("a date alone")
    leap = text[16:19] == ":60"  # RFC 3339, section 5.7. Python has no such second: it is the one after.
    text = f"{text[:16]}:59{text[19:]}" if leap else text
    instant = datetime.datetime.fromisoformat(text.upper())  # "t" and "z" are as good (RFC 3339, section 5.6).
    instant = instant if instant.tzinfo else instant.replace(tzinfo=datetime.UTC)
    return instant + datetime.timedelta(seconds=1) if leap else instant


def _list_of(item: Decoder) -> Decoder:
    def decode_list(value: Any) -> list[Any]:
        if not is_array(value):
            raise Mismatch("an array", value)
        decoded: list[Any] = []
        for index, element in enumerate(value):
            try:
                decoded.append(item(element))
            except Mismatch as mismatch:
                raise mismatch.inside(index) from None
        return decoded

    return decode_list


def _dict_of(item: Decoder) -> Decoder:
    def decode_dict(value: Any) -> dict[str, Any]:
        if not is_object(value):
            raise Mismatch("an object", value)
        decoded: dict[str, Any] = {}
        for key, element in value.items():
            try:
                decoded[key] = item(element)
            except Mismatch as mismatch:
                raise mismatch.inside(key) from None
        return decoded

    return decode_dict


def _first_of(decoders: list[Decoder]) -> Decoder:
    def decode_first(value: Any) -> Any:
        mismatches: list[Mismatch] = []
        for each in decoders:
            try:
                return each(value)
            except Mismatch as mismatch:
                mismatches.append(mismatch)
        # The alternative that got furthest is most likely the one that was meant.
        raise max(mismatches, key=lambda mismatch: mismatch.pointer.count("/"))

    return decode_first if len(decoders) > 1 else decoders[0]


def _one_of(values: tuple[Any, ...]) -> Decoder:
    def decode_literal(value: Any) -> Any:
        if any(type(value) is type(each) and value == each for each in values):
            return value
        raise Mismatch(f"one of {', '.join(map(repr, values))}", value)

    return decode_literal


def _member_of(enum: type[Enum]) -> Decoder:
    members: dict[tuple[Any, Any], Enum] = {(type(member.value), member.value): member for member in enum}

    def decode_member(value: Any) -> Enum:
        try:
            return members[type(value), value]
        except (KeyError, TypeError):
            raise Mismatch(f"one of {', '.join(repr(each.value) for each in enum)}", value) from None

    return decode_member


def _model(cls: type[Any]) -> Decoder:
    @cache
    def shape() -> tuple[list[tuple[str, str, bool, Decoder]], set[str], Decoder | None]:
        # Models refer to each other by name; the package that holds them all resolves the names.
        package = vars(sys.modules[cls.__module__.rpartition(".")[0]])
        fields = attrs.fields(attrs.resolve_types(cls, localns=package))
        named = [
            (field.name, json_name(field), field.default is attrs.NOTHING, decoder(field.type))
            for field in fields
            if field.init
        ]
        extra = next((decoder(field.type) for field in fields if not field.init), None)
        return named, {name for _, name, _, _ in named}, extra

    def decode_model(value: Any) -> Any:
        if not is_object(value):
            raise Mismatch("an object", value)
        # Asked for no earlier than here: a model may hold others of its own kind.
        named, names, extra = shape()
        arguments: dict[str, Any] = {}
        for attribute, name, required, property_decoder in named:
            if name in value:
                try:
                    arguments[attribute] = property_decoder(value[name])
                except Mismatch as mismatch:
                    raise mismatch.inside(name) from None
            else:
                arguments[attribute] = UNSET
                if required:
                    raise Missing("there", None).inside(name)
        model = cls(**arguments)
        if extra is not None and len(value) > len(names & value.keys()):
            model.additional_properties = extra({key: each for key, each in value.items() if key not in names})
        return model

    return decode_model


def json_name(field: attrs.Attribute[Any]) -> str:
    """Return the name that a model's attribute has in JSON."""
    return field.metadata.get("name", field.name)  # type: ignore[no-any-return]  # metadata is untyped


_SIMPLE: dict[Any, Decoder] = {
    Any: lambda value: value,
    object: lambda value: value,
    str: _exactly(str, "a string"),
    bool: _exactly(bool, "a boolean"),
    int: _integer,
    float: _number,
    None: _exactly(type(None), "null"),
    type(None): _exactly(type(None), "null"),
    "datetime.datetime": _from_string(_date_time, "a date-time"),
    "datetime.date": _from_string(datetime.date.fromisoformat, "a date"),
    UUID: _from_string(UUID, "a UUID"),
    File: _from_string(lambda text: File(BytesIO(text.encode())), "a string"),
}
