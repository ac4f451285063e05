"""Turn JSON into the types of the contract, and refuse what the contract does not allow.

The types are the annotations of the generated models, so they are stated once. A decoder is made for each type the
first time it is met, and another for the strict client. The usual client is for a server that is newer than it is: it
keeps an enum's value that it does not know, null for an optional property, and an alternative that it does not know.
"""

from __future__ import annotations

import sys
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, Union, Unpack, get_args, get_origin

import attrs

from pacerpro_runtime.log import logger
from pacerpro_runtime.types import MAYBE, OPEN, UNSET, Exactly, Response, TypeAliasType, Unset

from .json_types import SIMPLE, TOO_DEEP, Decoder, Mismatch, constant, is_array, is_object, one_of


def decode(type_: Any, value: Any, *, strict: bool = False) -> Any:
    """Return what JSON was parsed to as a type, as an annotation says it; raise ``ValueError`` if it does not fit."""
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
    if isinstance(type_, TypeAliasType):
        return lambda value: _aliased(type_, strict)(value)  # noqa: PLW0108  # No earlier: it may hold itself.
    if isinstance(type_, type) and issubclass(type_, Enum):
        return one_of((member.value, member) for member in type_)
    if get_origin(type_) is not None:
        return _generic(get_origin(type_), get_args(type_), strict=strict)
    if attrs.has(cls):
        return _model(cls, strict=strict)
    raise TypeError(f"no decoder for {type_!r}")


def _generic(origin: Any, arguments: tuple[Any, ...], *, strict: bool) -> Decoder:
    if origin is Annotated:
        if OPEN in arguments:
            return _open(*get_args(arguments[0]), strict=strict)
        inner = decoder(arguments[0], strict)
        return constant(inner, arguments[1].json) if isinstance(arguments[1], Exactly) else inner
    if origin is Literal:
        return one_of((each, each) for each in arguments)
    if origin is Response:  # Checkers take an alias such as OpenEnum for a value only within a class.
        return decoder(arguments[0], strict)
    if origin is dict:
        return _dict_of(decoder(arguments[1], strict))
    if origin is list:
        return _array_of(list, [decoder(arguments[0], strict)], endless=True)
    if origin is tuple:
        return _tuple_of(arguments, strict=strict)
    # Any beside other types stands for what a newer server may send.
    forgiven = (Unset, Any) if strict else (Unset,)
    return _union([each for each in arguments if each not in forgiven], strict=strict)


@cache
def tell_once(what: str) -> None:
    """Log what a server sends and the contract does not know, once."""
    logger.warning("%s: kept as it is; a newer version of this client may know it", what)


def _inside(key: str | int, decode_value: Decoder, value: Any) -> Any:
    try:
        return decode_value(value)
    except Mismatch as mismatch:
        raise mismatch.inside(key) from None


def _array_of(kind: type[Any], items: list[Decoder], *, endless: bool) -> Decoder:
    """Return the function that decodes an array; if it is endless, the last item may come any number of times."""
    least, last = len(items) - endless, len(items) - 1
    expected = f"an array of {least}{' or more' if endless else ''}" if least or not endless else "an array"

    def decode_array(value: Any) -> Any:
        if not is_array(value) or len(value) < least or (len(value) > least and not endless):
            raise Mismatch(expected, value)
        return kind([_inside(index, items[min(index, last)], each) for index, each in enumerate(value)])

    return decode_array


def _dict_of(item: Decoder) -> Decoder:
    def decode_dict(value: Any) -> dict[str, Any]:
        if not is_object(value):
            raise Mismatch("an object", value)
        return {key: _inside(key, item, each) for key, each in value.items()}

    return decode_dict


def _tuple_of(arguments: tuple[Any, ...], *, strict: bool) -> Decoder:
    # `*tuple[int, ...]` stands for the rest; get_type_hints makes it an `Unpack`.
    rest = arguments[-1] if arguments else None
    rest = get_args(rest)[0] if get_origin(rest) is Unpack else rest
    endless = get_origin(rest) is tuple and get_args(rest)[-1] is ...
    types_ = (*arguments[:-1], get_args(rest)[0]) if endless else arguments
    return _array_of(tuple, [decoder(each, strict) for each in types_], endless=endless)


@cache
def _aliased(alias: TypeAliasType, strict: bool) -> Decoder:  # noqa: FBT001 - the cache is by position
    module, package = sys.modules[str(alias.__module__)], sys.modules[str(alias.__module__).rpartition(".")[0]]
    type_ = eval(alias.__value__, dict(vars(module)), vars(package))  # noqa: S307 - the generator wrote it
    return decoder(type_, strict)


def _open(enum: Any, *others: Any, strict: bool) -> Decoder:
    member = decoder(enum, strict)

    def decode_open(value: Any) -> Any:
        try:
            return member(value)
        except Mismatch:
            if type(value) not in others:
                raise
        tell_once(f"a value of {enum.__name__} that the contract does not have")
        return value

    return member if strict else decode_open


class _Field(NamedTuple):
    attribute: str
    required: bool
    maybe: bool  # Whether null is forgiven.
    decode: Decoder


class _Shape(NamedTuple):
    """What a model consists of. ``tags`` are required properties with constants, by which a union is decided."""

    fields: dict[str, _Field]  # By their names in JSON.
    rest: Decoder | None
    closed: bool
    tags: dict[str, list[tuple[type, Any]]]
    discriminated: bool


@cache
def _shape(cls: Any, strict: bool) -> _Shape:  # noqa: FBT001 - the cache is by position
    # Models refer to each other by name; the package that holds them all resolves the names.
    package = vars(sys.modules[cls.__module__.rpartition(".")[0]])
    fields: dict[str, _Field] = {}
    tags: dict[str, list[tuple[type, Any]]] = {}
    rest, closed, discriminated = None, False, False
    for field in attrs.fields(attrs.resolve_types(cls, localns=package)):
        type_: Any = field.type
        if not field.init:
            rest, closed = decoder(type_, strict), strict and bool(field.metadata.get("closed"))
            continue
        required = field.metadata.get("required", field.default is attrs.NOTHING)
        if maybe := MAYBE in get_args(type_):
            members = [each for each in get_args(get_args(type_)[0]) if each not in (type(None), Unset)]
            type_ = Union[tuple(members)]  # noqa: UP007 - they are known at run time only
        fields[json_name(field)] = _Field(field.name, required, maybe and not strict, decoder(type_, strict))
        if required and (constants := _constants(type_)):
            tags[json_name(field)] = constants
            discriminated |= "discriminator" in field.metadata
    return _Shape(fields, rest, closed, tags, discriminated)


def _constants(type_: Any) -> list[tuple[type, Any]]:
    """Return the values that a type consists of, if it is one of constants."""
    if OPEN in get_args(type_):
        return _constants(get_args(get_args(type_)[0])[0])
    if isinstance(type_, type) and issubclass(type_, Enum):
        return [(type(each.value), each.value) for each in type_]
    return [(type(each), each) for each in get_args(type_)] if get_origin(type_) is Literal else []


def _model(cls: Any, *, strict: bool) -> Decoder:
    def decode_model(value: Any) -> Any:
        if not is_object(value):
            raise Mismatch("an object", value)
        # Asked for no earlier than here: a model may hold others of its own kind.
        shape = _shape(cls, strict)
        arguments: dict[str, Any] = {}
        for name, field in shape.fields.items():
            given = arguments[field.attribute] = value.get(name, UNSET)
            if given is UNSET:
                if field.required:
                    raise Mismatch("there", UNSET).inside(name)
            elif given is None and field.maybe:
                tell_once(f"null for {cls.__name__}.{field.attribute}")
            else:
                arguments[field.attribute] = _inside(name, field.decode, given)
        model = cls(**arguments)
        if shape.rest is not None and not value.keys() <= shape.fields.keys():
            more = {key: each for key, each in value.items() if key not in shape.fields}
            if shape.closed:
                name, first = next(iter(more.items()))
                raise Mismatch("absent", first).inside(name)
            model.additional_properties = shape.rest(more)
        return model

    return decode_model


def _union(members: list[Any], *, strict: bool) -> Decoder:
    """Return the function that decodes one of several types.

    Of scalars, the one that says most: a date before a string. Of models, the one whose constants are those of the
    object, and else the one that knows most of its properties. What fits as it is goes before what is forgiven.
    """
    models: list[Any] = [each for each in members if isinstance(each, type) and attrs.has(each)]
    others = sorted((each for each in members if each not in models), key=_rank)
    unknown = next((each for each in models if getattr(each, "stands_for_unknown", False)), None)
    known = [each for each in models if each is not unknown]
    alone = len(members) - (type(None) in members) == 1
    passes = [strict] if strict or alone else [True, False]

    def decode_union(value: Any) -> Any:
        mismatches: list[Mismatch] = []
        for types_ in _stages(known, others, value):
            for mode in passes:
                found: list[Any] = []
                for each in types_:
                    if found and each not in known:
                        break
                    try:
                        found.append(decoder(each, mode)(value))
                    except Mismatch as mismatch:
                        mismatches.append(mismatch)
                if found:
                    return min(found, key=lambda model: len(getattr(model, "additional_properties", ())))
        if unknown and not strict and _is_new(known, value):
            tell_once(f"none of {', '.join(each.__name__ for each in known)}")
            return decoder(unknown, strict)(value)
        # The alternative that got furthest is most likely the one that was meant.
        raise max(mismatches, key=lambda mismatch: mismatch.pointer.count("/"))

    return decode_union


def _stages(models: list[Any], others: list[Any], value: Any) -> list[list[Any]]:
    """Return the types to try, and those to try if none of the first fits.

    The first are the models whose constants an object has. Only a discriminator says that it can be no other.
    """
    shapes = {each: _shape(each, True) for each in models}  # noqa: FBT003 - the cache is by position
    untagged = [each for each in models if not shapes[each].tags]
    tagged = [each for each in models if each not in untagged and is_object(value) and _has(value, shapes[each].tags)]
    if not tagged:
        return [[*(untagged or models), *others]]
    # A base may list the values of what inherits from it: they are not its own.
    decided = [each for each in tagged if shapes[each].discriminated]
    return [decided or tagged, [*([] if decided else untagged), *others]]


def _has(value: dict[str, Any], tags: dict[str, list[tuple[type, Any]]]) -> bool:
    return all((type(value.get(name)), value.get(name)) in constants for name, constants in tags.items())


def _is_new(models: list[Any], value: Any) -> bool:
    tags = [_shape(each, True).tags for each in models]  # noqa: FBT003 - the cache is by position
    return is_object(value) and all(
        each and not _has(value, each) and all(type(value.get(name)) is str for name in each) for each in tags
    )


def _rank(type_: Any) -> int:  # The more a type says of a value, the earlier it is tried.
    said: dict[Any, int] = {float: 2, str: 3, Any: 4, object: 4}
    is_constant = get_origin(type_) in (Literal, Annotated) or getattr(type_, "__members__", None)
    return 0 if is_constant else said.get(type_, 1)


def json_name(field: attrs.Attribute[Any]) -> str:
    """Return the name that a model's attribute has in JSON."""
    return field.metadata.get("name", field.name)  # type: ignore[no-any-return]  # metadata is untyped
