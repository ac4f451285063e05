"""JSON to the contract's types, and what is refused on the way."""

from __future__ import annotations

import datetime
import json
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum, StrEnum
from typing import Any, Literal
from uuid import UUID

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacerpro_client.models import Empty, Error, ErrorType, Session, User
from pacerpro_runtime.types import UNSET, Unset
from pacerpro_runtime.wire.decode import _decoder, decode
from pacerpro_runtime.wire.json_types import Mismatch, parse_json
from pacerpro_runtime.wire.model import Model, encode

UTC = datetime.UTC


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


@attrs.define
class Node(Model):
    """A model that holds others of its own kind, and refuses properties that it does not name."""

    name: str
    children: list[Node] | Unset = UNSET
    parent: Node | Unset | None = UNSET


@attrs.define
class Counts(Model):
    """A model whose further properties are integers."""

    total: int = attrs.field(metadata={"name": "Total/sum"})
    additional_properties: dict[str, int] = attrs.field(init=False, factory=dict[str, int])


ACCEPTED = [
    (str, '""', ""),
    (str, '"\\ud800"', "\ud800"),
    (bool, "true", True),
    (int, "7", 7),
    (int, "7.0", 7),
    (int, "-0", 0),
    (float, "7", 7),
    (float, "1e3", 1000.0),
    (None, "null", None),
    (Any, "[1, null]", [1, None]),
    (datetime.date, '"2030-01-31"', datetime.date(2030, 1, 31)),
    (datetime.datetime, '"2030-01-01T12:00:00Z"', datetime.datetime(2030, 1, 1, 12, tzinfo=UTC)),
    (datetime.datetime, '"2030-01-01t12:00:00z"', datetime.datetime(2030, 1, 1, 12, tzinfo=UTC)),
    (datetime.datetime, '"2030-01-01T12:00:00"', datetime.datetime(2030, 1, 1, 12, tzinfo=UTC)),
    (datetime.datetime, '"2030-01-01T12:00:00.5+02:00"', datetime.datetime(2030, 1, 1, 10, 0, 0, 500000, UTC)),
    (datetime.datetime, '"2016-12-31T23:59:60Z"', datetime.datetime(2017, 1, 1, tzinfo=UTC)),
    (datetime.datetime, '"2016-12-31t15:59:60.25-08:00"', datetime.datetime(2017, 1, 1, 0, 0, 0, 250000, UTC)),
    (UUID, '"5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10"', UUID("5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10")),
    (Colour, '"red"', Colour.RED),
    (Level, "1", Level.LOW),
    (Literal["a", 1], "1", 1),
    (list[int], "[]", []),
    (list[int | None], "[1, null]", [1, None]),
    (dict[str, bool], '{"a": false}', {"a": False}),
    (int | str, '"1"', "1"),
    (int | str | Unset, "1", 1),
    (Empty, "{}", Empty()),
    (Error, "{}", Error()),
    (Error, '{"type": "alert", "status": 401}', Error(type_=ErrorType.ALERT, status=401)),
    (Node, '{"name": "a", "parent": null}', Node("a", parent=None)),
    (Node, '{"name": "a", "children": [{"name": "b"}]}', Node("a", [Node("b")])),
]
REFUSED = [
    (str, "5", "the body should be a string, and is a number"),
    (str, "null", "the body should be a string, and is null"),
    (bool, "1", "the body should be a boolean, and is a number"),
    (int, "true", "the body should be an integer, and is a boolean"),
    (int, "1.5", "the body should be an integer, and is a number"),
    (int, "1e999", "the body should be an integer, and is a number"),
    (int, '"1"', "the body should be an integer, and is a string"),
    (float, "false", "the body should be a number, and is a boolean"),
    (None, "0", "the body should be null, and is a number"),
    (datetime.date, '"2030-02-30"', "the body should be a date, and is a string"),
    (datetime.datetime, '"2030-01-31"', "the body should be a date-time, and is a string"),
    (datetime.datetime, '"20300131"', "the body should be a date-time, and is a string"),
    (datetime.datetime, '"9999-12-31T23:59:60Z"', "the body should be a date-time, and is a string"),
    (datetime.datetime, '"2016-12-31T23:60:60Z"', "the body should be a date-time, and is a string"),
    (datetime.datetime, '"soon"', "the body should be a date-time, and is a string"),
    (datetime.datetime, "1893456000", "the body should be a date-time, and is a number"),
    (UUID, '"5f0c"', "the body should be a UUID, and is a string"),
    (Colour, '"blue"', "the body should be one of 'red', and is a string"),
    (Colour, "[]", "the body should be one of 'red', and is an array"),
    (Colour, "null", "the body should be one of 'red', and is null"),
    (Level, "true", "the body should be one of 1, and is a boolean"),
    (Literal["a", 1], "true", "the body should be one of 'a', 1, and is a boolean"),
    (list[int], "{}", "the body should be an array, and is an object"),
    (list[int], '[1, "2"]', "/1 should be an integer, and is a string"),
    (dict[str, int], "[]", "the body should be an object, and is an array"),
    (dict[str, int], '{"a/b~c": null}', "/a~1b~0c should be an integer, and is null"),
    (int | None, '"1"', "the body should be an integer, and is a string"),
    (Session, "[]", "the body should be an object, and is an array"),
    (Session, "{}", "/jwtToken is missing"),
    (Session, '{"jwtToken": "a"}', "/expiresAt is missing"),
    (Session, '{"jwtToken": 5, "expiresAt": "2030-01-01T12:00:00Z"}', "/jwtToken should be a string, and is a number"),
    (Session, '{"jwtToken": "a", "expiresAt": 5}', "/expiresAt should be a date-time, and is a number"),
    (Error, '{"status": null}', "/status should be an integer, and is null"),
    (Error, '{"type": "fatal"}', "/type should be one of 'error', 'alert', 'notice', 'warning', and is a string"),
    (Counts, '{"Total/sum": "1"}', "/Total~1sum should be an integer, and is a string"),
    (Counts, '{"Total/sum": 1, "more": 1.5}', "/more should be an integer, and is a number"),
    (Node, '{"name": "a", "children": [{"name": 1}]}', "/children/0/name should be a string, and is a number"),
    (int | Unset, '"UNSET"', "the body should be an integer, and is a string"),
    # Of several alternatives, the one that got furthest.
    (int | Node, '{"name": 1}', "/name should be a string, and is a number"),
    (Node, '{"name": "a", "parent": {"name": 1}}', "/parent/name should be a string, and is a number"),
]
NOT_JSON = [
    b"",
    b" ",
    b"<html>",
    b'{"a": 1',
    b'{"a": 1}}',
    b"NaN",
    b"[Infinity]",
    b"[-Infinity]",
    b"\xff\xfe1\x00",
    b"'a'",
]


def shown(case: object) -> str | None:
    return case if isinstance(case, str) else getattr(case, "__name__", None)


@pytest.mark.parametrize(("type_", "text", "value"), ACCEPTED, ids=shown)
def test_accepted(type_, text, value):
    decoded = decode(type_, parse_json(text.encode()))

    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize(("type_", "text", "message"), REFUSED, ids=shown)
def test_refused_with_the_place_and_the_kinds(type_, text, message):
    with pytest.raises(Mismatch) as refusal:
        decode(type_, parse_json(text.encode()), strict=True)

    assert str(refusal.value) == message


@pytest.mark.parametrize("content", NOT_JSON)
def test_not_json(content):
    with pytest.raises(ValueError, match=r"."):
        parse_json(content)


def test_json_may_have_a_byte_order_mark():
    assert parse_json("\ufeff[]".encode()) == []


@pytest.mark.parametrize("depth", [900, 100_000])
def test_too_deep_is_a_value_error_wherever_it_is_noticed(depth):
    content = b'{"name": "a", "children": [' * depth + b'{"name": "b"}' + b"]}" * depth

    with pytest.raises(ValueError, match="nested too deeply"):
        decode(Node, parse_json(content))


def test_a_type_that_no_contract_has():
    with pytest.raises(TypeError, match="no decoder for <class 'complex'>"):
        decode(complex, 1)


def test_further_properties_are_kept_where_the_model_has_a_place_for_them():
    assert decode(User, {"email": "a", "password": "b", "locale": "en"}).additional_properties == {"locale": "en"}
    assert decode(Counts, {"Total/sum": 1, "more": 2}).additional_properties == {"more": 2}
    assert not hasattr(decode(Node, {"name": "a", "more": 2}), "additional_properties")


def test_absent_is_not_null():
    assert decode(Node, {"name": "a"}).parent is UNSET
    assert decode(Node, {"name": "a", "parent": None}).parent is None


def test_a_model_met_by_many_threads_at_once():
    @attrs.define
    class Fresh(Model):
        at: datetime.datetime
        others: list[int] | Unset = UNSET

    with ThreadPoolExecutor(8) as pool:
        instants = {each.at for each in pool.map(lambda _: decode(Fresh, {"at": "2030-01-01T00:00Z"}), range(64))}

    assert instants == {datetime.datetime(2030, 1, 1, tzinfo=UTC)}


@attrs.define
class Dog(Model):
    """Has a constant, and refuses properties that it does not name."""

    kind: Literal["dog"]
    bark: int
    additional_properties: dict[str, Any] = attrs.field(init=False, factory=dict[str, Any], metadata={"closed": True})


@attrs.define
class Puppy(Model):
    kind: Literal["puppy"] = attrs.field(metadata={"discriminator": True})
    age: int


@attrs.define
class Anything(Model):
    additional_properties: dict[str, Any] = attrs.field(init=False, factory=dict[str, Any])


@attrs.define
class Kennel(Model):
    guest: Counts | Anything


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("type_", "value", "kind"),
    [
        (Dog | Anything, {"kind": "dog", "bark": 1}, Dog),
        # Its constant is that of one alternative, but only the other, which takes any object, fits.
        (Dog | Anything, {"kind": "dog"}, Anything),
        (Dog | Counts | dict[str, str], {"kind": "dog"}, dict),
        (Counts | Kennel, {"guest": {"Total/sum": 1, "more": "text"}}, Kennel),
        (Dog | Counts | str, "dog", str),
        (Kennel | Anything, {"guest": 1}, Anything),  # No alternative inside fits.
    ],
)
def test_a_value_that_fits_one_alternative_is_accepted(type_, value, kind, strict):
    assert type(decode(type_, value, strict=strict)) is kind


def test_a_property_that_an_alternative_refuses_speaks_for_another_unless_it_is_forgiven():
    value = {"kind": "dog", "bark": 1, "more": 2}

    assert type(decode(Dog | Anything, value, strict=True)) is Anything
    assert type(decode(Dog | Anything, value)) is Dog


def test_what_a_discriminator_names_is_no_other_alternative():
    with pytest.raises(Mismatch, match="/age is missing"):
        decode(Puppy | Anything, {"kind": "puppy"})


@pytest.mark.parametrize("value", [5, {"kind": "dog", "bark": 1, "more": 2}, {"Total/sum": 1, "more": "text"}])
def test_a_value_that_fits_no_alternative_is_a_mismatch(value):
    with pytest.raises(Mismatch):
        decode(Dog | Counts, value, strict=True)


CANARY = "correct horse battery staple"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
MORE = st.dictionaries(st.text().filter(lambda key: key not in {"jwtToken", "expiresAt"}), JSON)


@given(
    st.one_of(JSON, st.just(CANARY), st.lists(st.just(CANARY), min_size=1), st.dictionaries(st.text(), st.just(CANARY)))
)
def test_whatever_comes_is_decoded_or_refused_and_never_shown(value):
    for type_ in (int, float, bool, datetime.datetime, UUID, list[int], dict[str, int], Session, Error, Node):
        try:
            decode(type_, value)
        except Mismatch as mismatch:
            message = str(mismatch)
        else:
            continue
        assert message.startswith(("the body should be", "/"))
        assert CANARY not in message


@settings(max_examples=50)
@given(st.text(), st.datetimes(timezones=st.just(UTC)) | st.datetimes(), MORE)
def test_what_is_encoded_decodes_to_the_same(token, at, more):
    session = Session(jwt_token=token, expires_at=at)
    session.additional_properties = more

    decoded = decode(Session, json.loads(json.dumps(encode(session))))

    assert decoded.jwt_token == token
    assert decoded.expires_at == (at if at.tzinfo else at.replace(tzinfo=UTC))
    assert decoded.additional_properties == more


def test_the_first_decode_may_happen_while_freezegun_is_active(monkeypatch):
    _decoder.cache_clear()
    with monkeypatch.context() as frozen:  # It does the same with all classes of datetime that it finds.
        frozen.setattr(datetime, "datetime", type("FakeDatetime", (datetime.datetime,), {}))
        frozen.setattr(datetime, "date", type("FakeDate", (datetime.date,), {}))
        first = decode(Session, {"jwtToken": "a", "expiresAt": "2030-01-01T00:00:00Z"})
        assert decode(datetime.date, "2030-01-31").day == 31

    assert decode(Session, {"jwtToken": "a", "expiresAt": "2030-01-01T00:00:00Z"}) == first
