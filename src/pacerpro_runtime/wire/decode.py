"""Turn JSON into the types of the contract, and refuse what the contract does not allow.

The types are the annotations of the generated models. Unless it is strict, a client is for a server that is newer than
it is: it keeps values of enums and alternatives that it does not know, and null for an optional property.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import Enum
from functools import cache, partial
from typing import Annotated, Any, Literal, NamedTuple, Union, Unpack, get_args, get_origin

import attrs

from pacerpro_runtime.log import logger
from pacerpro_runtime.types import MAYBE, OPEN, UNSET, Exactly, Response, TypeAliasType, Unset

from .json_types import SCALARS, TOO_DEEP, Mismatch, decode_constant, decode_scalar, is_array, is_object, same


def decode(type_: Any, value: Any, *, strict: bool = False) -> Any:
    """Return what JSON was parsed to as a type, as an annotation says it; raise ``ValueError`` if it does not fit."""
    try:
        return _decoder(type_)(value, strict=strict)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None


@cache
def _decoder(type_: Any) -> Callable[..., Any]:
    """Return the function that decodes a value of a type, strictly or not."""
    # By name, because freezegun puts subclasses of its own in the place of these classes.
    mro = getattr(type_, "__mro__", ())
    dated = next((f"datetime.{each.__name__}" for each in mro if each.__module__ == "datetime"), type_)
    if (scalar := SCALARS.get(dated)) is not None:
        return partial(decode_scalar, scalar)
    if (constants := _constants(type_)) is not None:
        return partial(decode_constant, constants)
    if isinstance(type_, TypeAliasType):
        return _decoder(_aliased(type_))
    if isinstance(type_, type) and attrs.has(type_):
        return partial(_model, type_)
    if type_ in (Any, object):
        return same
    if get_origin(type_) is None:
        raise TypeError(f"no decoder for {type_!r}")
    return _generic(get_origin(type_), get_args(type_))


def _generic(origin: Any, arguments: tuple[Any, ...]) -> Callable[..., Any]:
    if origin is Annotated and OPEN in arguments:
        return partial(_open, *get_args(arguments[0]))
    if origin is Annotated and isinstance(arguments[1], Exactly):
        return partial(_exactly, arguments[1].json, arguments[0])
    if origin in (Annotated, Response):  # Checkers take an alias such as OpenEnum for a value only within a class.
        return _decoder(arguments[0])
    if origin is list:
        return partial(_array, list, arguments, endless=True)
    if origin is dict:
        return partial(_object, arguments[1])
    if origin is tuple:
        # `*tuple[int, ...]` stands for the rest; get_type_hints makes it an `Unpack`.
        rest = arguments[-1] if arguments else None
        rest = get_args(rest)[0] if get_origin(rest) is Unpack else rest
        endless = get_origin(rest) is tuple and get_args(rest)[-1] is ...
        return partial(_array, tuple, (*arguments[:-1], get_args(rest)[0]) if endless else arguments, endless=endless)
    return _union_of([each for each in arguments if each is not Unset])


@cache
def tell_once(what: str) -> None:
    """Log what a server sends and the contract does not know, once."""
    logger.warning("%s: kept as it is; a newer version of this client may know it", what)


def _inside(key: str | int, type_: Any, value: Any, *, strict: bool) -> Any:
    try:
        return _decoder(type_)(value, strict=strict)
    except Mismatch as mismatch:
        raise mismatch.inside(key) from None


def _array(kind: type[Any], types_: tuple[Any, ...], value: Any, *, endless: bool, strict: bool) -> Any:
    """Decode an array; if it is endless, the last of the types may come any number of times."""
    least, last = len(types_) - endless, len(types_) - 1
    if not is_array(value) or len(value) < least or (len(value) > least and not endless):
        raise Mismatch(f"an array of {least}{' or more' * endless}" if least or not endless else "an array", value)
    return kind([_inside(index, types_[min(index, last)], each, strict=strict) for index, each in enumerate(value)])


def _object(type_: Any, value: Any, *, strict: bool) -> dict[str, Any]:
    if not is_object(value):
        raise Mismatch("an object", value)
    return {key: _inside(key, type_, each, strict=strict) for key, each in value.items()}


def _aliased(alias: TypeAliasType) -> Any:
    module, package = sys.modules[str(alias.__module__)], sys.modules[str(alias.__module__).rpartition(".")[0]]
    return eval(alias.__value__, dict(vars(module)), vars(package))  # noqa: S307 - the generator wrote it


def _exactly(text: str, type_: Any, value: Any, *, strict: bool) -> Any:
    if json.dumps(value, sort_keys=True) != json.dumps(json.loads(text), sort_keys=True):
        raise Mismatch(f"exactly {text}", value)
    return _decoder(type_)(value, strict=strict)


def _open(enum: Any, *others_and_value: Any, strict: bool) -> Any:
    *others, value = others_and_value
    try:
        return _decoder(enum)(value, strict=strict)
    except Mismatch:
        if strict or type(value) not in others:
            raise
    tell_once(f"a value of {enum.__name__} that the contract does not have")
    return value


@cache
def _constants(type_: Any) -> dict[tuple[bool, Any], Any] | None:
    """Return the constants that a type consists of, with what each stands for in Python; None for other types."""
    # To Python True equals 1; to JSON it does not, and 1.0 does.
    if isinstance(type_, type) and issubclass(type_, Enum):
        return {(isinstance(each.value, bool), each.value): each for each in type_}
    return {(isinstance(each, bool), each): each for each in get_args(type_)} if get_origin(type_) is Literal else None


def _is_among(constants: dict[tuple[bool, Any], Any], value: Any) -> bool:
    return not is_array(value) and not is_object(value) and (isinstance(value, bool), value) in constants


class _Field(NamedTuple):
    attribute: str
    type: Any
    required: bool
    maybe: bool  # Whether null is forgiven.


class _Shape(NamedTuple):
    """What a model consists of. ``tags`` are required properties with constants, by which a union is decided."""

    fields: dict[str, _Field]  # By their names in JSON.
    rest: Any  # The type of further properties.
    closed: bool
    tags: dict[str, Any]
    discriminated: bool


@cache
def _shape(cls: Any) -> _Shape:
    # Models refer to each other by name; the package that holds them all resolves the names.
    package = vars(sys.modules[cls.__module__.rpartition(".")[0]])
    fields: dict[str, _Field] = {}
    tags: dict[str, Any] = {}
    rest, closed, discriminated = None, False, False
    for field in attrs.fields(attrs.resolve_types(cls, localns=package)):
        type_: Any = field.type
        if not field.init:
            rest, closed = type_, bool(field.metadata.get("closed"))
            continue
        required = field.metadata.get("required", field.default is attrs.NOTHING)
        if maybe := MAYBE in get_args(type_):
            members = [each for each in get_args(get_args(type_)[0]) if each not in (type(None), Unset)]
            type_ = Union[tuple(members)]  # noqa: UP007 - they are known at run time only
        fields[json_name(field)] = _Field(field.name, type_, required, maybe)
        open_ = get_args(get_args(type_)[0])[0] if OPEN in get_args(type_) else type_
        is_discriminator = "discriminator" in field.metadata
        if (required or is_discriminator) and (constants := _constants(open_)):
            tags[json_name(field)] = constants
            discriminated |= is_discriminator
    return _Shape(fields, rest, closed, tags, discriminated)


def _model(cls: Any, value: Any, *, strict: bool) -> Any:
    if not is_object(value):
        raise Mismatch("an object", value)
    shape = _shape(cls)
    arguments: dict[str, Any] = {}
    for name, field in shape.fields.items():
        given = arguments[field.attribute] = value.get(name, UNSET)
        if given is UNSET:
            if field.required:
                raise Mismatch("there", UNSET).inside(name)
        elif given is None and field.maybe and not strict:
            tell_once(f"null for {cls.__name__}.{field.attribute}")
        else:
            arguments[field.attribute] = _inside(name, field.type, given, strict=strict)
    model = cls(**arguments)
    if shape.rest is not None and not value.keys() <= shape.fields.keys():
        more = {key: each for key, each in value.items() if key not in shape.fields}
        if shape.closed and strict:
            name, first = next(iter(more.items()))
            raise Mismatch("absent", first).inside(name)
        model.additional_properties = _decoder(shape.rest)(more, strict=strict)
    return model


def _union_of(members: list[Any]) -> Callable[..., Any]:
    """Return the function that decodes one of several types.

    Of scalars, the one that says most: a date before a string. Of models, the one whose constants are those of the
    object, and else the one that knows most of its properties. What fits as it is goes before what is forgiven.
    """
    models: list[Any] = [each for each in members if isinstance(each, type) and attrs.has(each)]
    others = sorted((each for each in members if each not in models), key=_rank)
    unknown = next((each for each in models if getattr(each, "stands_for_unknown", False)), None)
    known = [each for each in models if each is not unknown]
    alone = len(members) - (type(None) in members) == 1
    return partial(_union, known, others, unknown, [False] if alone else [True, False])


def _union(known: list[Any], others: list[Any], unknown: Any, passes: list[bool], value: Any, *, strict: bool) -> Any:
    mismatches: list[Mismatch] = []
    for types_ in _stages(known, others, value):
        for mode in [True] if strict else passes:
            found: list[Any] = []
            for each in types_:
                # Any, the last of the others, stands for what a newer server may send.
                if (found and each not in known) or (strict and each is Any):
                    break
                try:
                    found.append(_decoder(each)(value, strict=mode))
                except Mismatch as mismatch:
                    mismatches.append(mismatch)
            if found:
                return min(found, key=lambda model: len(getattr(model, "additional_properties", ())))
    if unknown and not strict and _is_new(known, value):
        tell_once(f"none of {', '.join(each.__name__ for each in known)}")
        return _decoder(unknown)(value, strict=strict)
    # The alternative that got furthest is most likely the one that was meant.
    raise max(mismatches, key=lambda mismatch: mismatch.pointer.count("/"))


def _stages(models: list[Any], others: list[Any], value: Any) -> list[list[Any]]:
    """Return the types to try, and those to try if none of the first fits.

    The first are the models whose constants an object has. Only a discriminator says that it can be no other.
    """
    # A discriminator may be optional: an object that is silent about it can still be any model.
    untagged = [each for each in models if not is_object(value) or _shape(each).tags.keys().isdisjoint(value)]
    tagged = [each for each in models if each not in untagged and _has(value, _shape(each).tags)]
    if not tagged:
        return [[*(untagged or models), *others]]
    # A base may list the values of what inherits from it: they are not its own.
    decided = [each for each in tagged if _shape(each).discriminated]
    return [decided or tagged, [*([] if decided else untagged), *others]]


def _has(value: dict[str, Any], tags: dict[str, Any]) -> bool:
    return all(_is_among(constants, value.get(name)) for name, constants in tags.items())


def _is_new(models: list[Any], value: Any) -> bool:
    tags = [_shape(each).tags for each in models]
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
