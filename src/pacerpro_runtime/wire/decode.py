"""Turn JSON into the types of the contract, and refuse what the contract does not allow.

The types are the annotations of the generated models, so they are stated once. A decoder is made for each type the
first time it is met, and another for the strict client. The usual client is for a server that is newer than it is: it
keeps an enum's value that it does not know, null for an optional property, and an alternative that it does not know.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, Unpack, get_args, get_origin

import attrs

from pacerpro_runtime.log import logger
from pacerpro_runtime.types import OPEN, UNSET, Exactly, TypeAliasType, Unset, is_maybe

from .json_types import TOO_DEEP, is_array, is_object, parse_json
from .mismatch import Mismatch, Missing
from .scalars import SIMPLE, Decoder, constant, member_of, one_of

__all__ = ["Mismatch", "Missing", "decode", "json_name", "parse_json"]


def decode(type_: Any, value: Any, *, strict: bool = False) -> Any:
    """Return the value as the type.

    Args:
        type_: The type, as an annotation says it.
        value: What JSON was parsed to.
        strict: Whether to refuse what a newer server may send, and what can be read all the same.

    Raises:
        Mismatch: The value is not of that type.
        ValueError: It is nested too deeply to be read.
    """
    try:
        return decoder(type_, strict)(value)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None


@cache
def decoder(type_: Any, strict: bool) -> Decoder:  # noqa: FBT001 - the cache is by position
    """Return the function that decodes values of a type."""
    # By name, because freezegun puts subclasses of its own in the place of these classes.
    mro = getattr(type_, "__mro__", ())
    dated = next((f"datetime.{each.__name__}" for each in mro if each.__module__ == "datetime"), type_)
    if (simple := SIMPLE.get(dated)) is not None:
        return simple
    cls: Any = type_  # Before the checks below narrow it.
    arguments = get_args(type_)
    if (make := _GENERIC.get(get_origin(type_))) is not None:
        return make(arguments, strict)
    if isinstance(type_, TypeAliasType):
        return _alias(type_, strict=strict)
    if isinstance(type_, type) and issubclass(type_, Enum):
        return member_of(type_)
    if attrs.has(cls):
        return _model(cls, strict=strict)
    raise TypeError(f"no decoder for {type_!r}")


def _annotated(arguments: tuple[Any, ...], strict: bool) -> Decoder:  # noqa: FBT001 - called by position
    if isinstance(arguments[1], Exactly):
        return constant(decoder(arguments[0], strict), arguments[1].json)
    return _open(arguments[0], strict=strict) if OPEN in arguments else decoder(arguments[0], strict)


@cache
def tell_once(what: str) -> None:
    """Log what a server sends and the contract does not know: once, and without the value."""
    logger.warning("%s: kept as it is; a newer version of this client may know it", what)


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


def _tuple_of(arguments: tuple[Any, ...], *, strict: bool) -> Decoder:
    # Written as `*tuple[int, ...]`, which get_type_hints makes an `Unpack`.
    unpacked = arguments[-1] if arguments else None
    unpacked = get_args(unpacked)[0] if get_origin(unpacked) is Unpack else unpacked
    last = get_args(unpacked) if get_origin(unpacked) is tuple and get_args(unpacked)[-1:] == (...,) else ()
    starts = [decoder(each, strict) for each in (arguments[:-1] if last else arguments)]
    rest = decoder(last[0], strict) if last else None
    wanted = f"an array of {len(starts)}{' or more' if rest else ''}"

    def decode_tuple(value: Any) -> tuple[Any, ...]:
        if not is_array(value) or len(value) < len(starts) or (rest is None and len(value) > len(starts)):
            raise Mismatch(wanted, value)
        decoded: list[Any] = []
        for index, element in enumerate(value):
            try:
                decoded.append((starts[index] if index < len(starts) else rest or starts[-1])(element))
            except Mismatch as mismatch:
                raise mismatch.inside(index) from None
        return tuple(decoded)

    return decode_tuple


def _alias(alias: TypeAliasType, *, strict: bool) -> Decoder:
    @cache
    def aliased() -> Decoder:
        package = vars(sys.modules[str(alias.__module__).rpartition(".")[0]])
        module = vars(sys.modules[str(alias.__module__)])
        return decoder(eval(alias.__value__, dict(module), package), strict)  # noqa: S307 - the generator wrote it

    def decode_alias(value: Any) -> Any:
        return aliased()(value)  # Asked for no earlier than here: it may hold itself.

    return decode_alias


def _open(known: Any, *, strict: bool) -> Decoder:
    enum, *others = get_args(known)
    member = decoder(enum, strict)
    if strict:
        return member
    kinds = tuple(others)

    def decode_open(value: Any) -> Any:
        try:
            return member(value)
        except Mismatch:
            if type(value) not in kinds:
                raise
            tell_once(f"a value of {enum.__name__} that the contract does not have")
            return value

    return decode_open


@attrs.frozen
class _Field:
    """A property: its attribute, its name in JSON, whether it has to be there, and whether null is forgiven."""

    attribute: str
    name: str
    required: bool
    maybe: bool
    decode: Decoder


@attrs.frozen
class _Shape:
    """What a model consists of. ``tags`` are required properties with constants, by which a union is decided."""

    fields: list[_Field]
    names: frozenset[str]
    rest: Decoder | None
    closed: bool
    tags: dict[str, frozenset[tuple[type, Any]]]


@cache
def _shape(cls: Any, strict: bool) -> _Shape:  # noqa: FBT001 - the cache is by position
    # Models refer to each other by name; the package that holds them all resolves the names.
    package = vars(sys.modules[cls.__module__.rpartition(".")[0]])
    fields: list[_Field] = []
    tags: dict[str, frozenset[tuple[type, Any]]] = {}
    rest, closed = None, False
    for field in attrs.fields(attrs.resolve_types(cls, localns=package)):
        if not field.init:
            rest, closed = decoder(field.type, strict), bool(field.metadata.get("closed"))
            continue
        name, required = json_name(field), field.metadata.get("required", field.default is attrs.NOTHING)
        maybe = is_maybe(field.type)
        type_ = _without_null(field.type) if maybe else field.type
        fields.append(_Field(field.name, name, required, maybe and not strict, decoder(type_, strict)))
        if required and (constants := _constants(type_)):
            tags[name] = frozenset(constants)
    return _Shape(fields, frozenset(each.name for each in fields), rest, closed and strict, tags)


def _model(cls: Any, *, strict: bool) -> Decoder:
    """Return the function that decodes the objects of a model."""

    def decode_model(value: Any) -> Any:
        if not is_object(value):
            raise Mismatch("an object", value)
        # Asked for no earlier than here: a model may hold others of its own kind.
        shape = _shape(cls, strict)
        arguments: dict[str, Any] = {}
        for field in shape.fields:
            if field.name not in value:
                if field.required:
                    raise Missing("there", None).inside(field.name)
                arguments[field.attribute] = UNSET
            elif field.maybe and value[field.name] is None:
                tell_once(f"null for {cls.__name__}.{field.attribute}")
                arguments[field.attribute] = None
            else:
                try:
                    arguments[field.attribute] = field.decode(value[field.name])
                except Mismatch as mismatch:
                    raise mismatch.inside(field.name) from None
        model = cls(**arguments)
        if shape.rest is not None and len(value) > len(shape.names & value.keys()):
            more = {key: each for key, each in value.items() if key not in shape.names}
            if shape.closed:
                raise Mismatch("absent", next(iter(more.values()))).inside(next(iter(more)))
            model.additional_properties = shape.rest(more)
        return model

    return decode_model


def _union(members: list[Any], *, strict: bool) -> Decoder:
    """Return the function that decodes one of several types.

    Of scalars, the one that says most: a date before a string. Of models, the one whose constants are those of the
    object, and else the one that knows most of its properties.
    """
    models: list[Any] = [each for each in members if isinstance(each, type) and attrs.has(each)]
    others = sorted((each for each in members if each not in models), key=_rank)
    alone = len(members) - (type(None) in members) == 1
    # What fits as it is goes before what is forgiven.
    passes = [strict] if strict or alone else [True, False]
    unknown = next((each for each in models if getattr(each, "stands_for_unknown", False)), None)
    known = [each for each in models if each is not unknown]

    def decode_union(value: Any) -> Any:
        mismatches: list[Mismatch] = []
        for mode in passes:
            if is_object(value):
                found = _decoded(_meant(known, value, strict=mode), value, mode, mismatches)
                if found:
                    return min(found, key=lambda model: len(getattr(model, "additional_properties", ())))
            for each in others:
                try:
                    return decoder(each, mode)(value)
                except Mismatch as mismatch:
                    mismatches.append(mismatch)
        if unknown and not strict and is_object(value) and _is_new(known, value):
            tell_once(f"none of {', '.join(each.__name__ for each in known)}")
            return decoder(unknown, strict)(value)
        # The alternative that got furthest is most likely the one that was meant.
        raise max(mismatches, key=lambda mismatch: mismatch.pointer.count("/"))

    return decode_union


def _meant(models: list[Any], value: dict[str, Any], *, strict: bool) -> list[Any]:
    """Return the models whose constants an object has; else those that have none."""
    tags = {each: _shape(each, strict).tags for each in models}
    tagged = [each for each, wanted in tags.items() if wanted and _has(value, wanted)]
    return tagged or [each for each in models if not tags[each]] or models


def _has(value: dict[str, Any], tags: dict[str, frozenset[tuple[type, Any]]]) -> bool:
    given = {name: value.get(name) for name in tags}
    return not any(is_array(each) or is_object(each) for each in given.values()) and all(
        (type(given[name]), given[name]) in values for name, values in tags.items()
    )


def _is_new(models: list[Any], value: dict[str, Any]) -> bool:
    """Tell whether an object says that it is of a kind that no model has."""
    tags = [_shape(each, True).tags for each in models]  # noqa: FBT003 - as above
    return all(each and not _has(value, each) and all(type(value.get(name)) is str for name in each) for each in tags)


def _decoded(models: Iterable[Any], value: Any, strict: bool, mismatches: list[Mismatch]) -> list[Any]:  # noqa: FBT001 - private
    found: list[Any] = []
    for each in models:
        try:
            found.append(decoder(each, strict)(value))
        except Mismatch as mismatch:
            mismatches.append(mismatch)
    return found


def _without_null(type_: Any) -> Any:
    members = [each for each in get_args(get_args(type_)[0]) if each not in (type(None), Unset)]
    return Union[tuple(members)]  # noqa: UP007 - they are known at run time only


def _constants(type_: Any) -> list[tuple[type, Any]]:
    """Return the values that a type consists of, if it is one of constants."""
    if OPEN in get_args(type_):
        return _constants(get_args(get_args(type_)[0])[0])
    if get_origin(type_) is Literal:
        return [(type(each), each) for each in get_args(type_)]
    if isinstance(type_, type) and issubclass(type_, Enum):
        return [(type(each.value), each.value) for each in type_]
    return []


def _rank(type_: Any) -> int:
    """Return the place of a type among the alternatives: the more it says of a value, the earlier."""
    rank = {float: 2, str: 3, Any: 4, object: 4}.get(type_, 1)
    is_closed = get_origin(type_) in (Literal, Annotated) or (isinstance(type_, type) and issubclass(type_, Enum))
    return 0 if is_closed else rank


def json_name(field: attrs.Attribute[Any]) -> str:
    """Return the name that a model's attribute has in JSON."""
    return field.metadata.get("name", field.name)  # type: ignore[no-any-return]  # metadata is untyped


_GENERIC: dict[Any, Callable[[tuple[Any, ...], bool], Decoder]] = {
    Annotated: _annotated,
    Literal: lambda arguments, _: one_of(arguments),
    list: lambda arguments, strict: _list_of(decoder(arguments[0], strict)),
    tuple: lambda arguments, strict: _tuple_of(arguments, strict=strict),
    dict: lambda arguments, strict: _dict_of(decoder(arguments[1], strict)),
    **dict.fromkeys(
        (Union, types.UnionType),
        lambda arguments, strict: _union([each for each in arguments if each is not Unset], strict=strict),
    ),
}
