"""What travels beside the body: the path, the query, headers and cookies, byte for byte."""

from __future__ import annotations

import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote
from uuid import UUID

import attrs
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacerpro_runtime.operation import Operation, Parameter, as_nothing
from pacerpro_runtime.request import build_request
from pacerpro_runtime.types import UNSET, Unset
from pacerpro_runtime.wire.model import Model

NOON = datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.UTC)
ID = UUID("5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10")


class Colour(StrEnum):
    RED = "red"


@attrs.define
class Filter(Model):
    colour: Colour | Unset = UNSET
    count: int | Unset | None = UNSET
    names: list[str] | Unset = attrs.field(default=UNSET, metadata={"name": "names[]"})


def operation(*parameters: Parameter, path: str = "/things", **facts: Any) -> Operation[None]:
    return Operation(
        facts.pop("method", "POST"), path, {200: as_nothing}, parameters=parameters, secured=False, **facts
    )


def parameter(location, name="p-q"):
    return Parameter(name, location, "value")


HTTP = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))


def built(facts, **arguments):
    return build_request(HTTP, "https://api.test", facts, UNSET, arguments)


IN_THE_PATH = operation(parameter("path", "p"), path="/a/{p}/b")


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("plain", b"plain"),
        ("a/b?c#d", b"a%2Fb%3Fc%23d"),
        ("..%2F", b"..%252F"),
        ("%2e%2e", b"%252e%252e"),
        ("...", b"..."),
        ("ä b", b"%C3%A4%20b"),
        (";,:@&=+$", b"%3B%2C%3A%40%26%3D%2B%24"),
        (7, b"7"),
        (True, b"true"),
        (Colour.RED, b"red"),
        (ID, b"5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10"),
        (NOON, b"2030-01-01T12%3A00%3A00%2B00%3A00"),
        (datetime.date(2030, 1, 1), b"2030-01-01"),
        (["a,b", "c"], b"a%2Cb,c"),
    ],
)
def test_a_path_parameter_is_one_segment(sent, value, segment):
    request = sent(IN_THE_PATH, value=value)

    assert request.url.raw_path == b"/v1/a/" + segment + b"/b"
    assert request.url.host == "api.test"


@pytest.mark.parametrize("value", ["", ".", "..", None, [], [""]])
def test_a_segment_that_names_another_path_is_refused(value):
    with pytest.raises(ValueError, match=r"^p must not be .*: it is a part of the path$"):
        built(operation(parameter("path", "p"), path="/a/{p}/b"), value=value)


@given(st.text(min_size=1).filter(lambda text: text not in {".", ".."}))
def test_any_text_stays_within_its_segment(text):
    path = built(IN_THE_PATH, value=text).url.raw_path.decode("ascii")

    before, segment, after = path.removeprefix("/").split("/")
    assert (before, unquote(segment), after) == ("a", text, "b")


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ("a b&c=ä+", [("p-q", "a b&c=ä+")]),
        ("", [("p-q", "")]),
        (0, [("p-q", "0")]),
        (False, [("p-q", "false")]),
        (1.5, [("p-q", "1.5")]),
        (NOON, [("p-q", "2030-01-01T12:00:00+00:00")]),
        (NOON.replace(tzinfo=None), [("p-q", "2030-01-01T12:00:00+00:00")]),
        (["a", "b"], [("p-q", "a"), ("p-q", "b")]),
        ([True, Colour.RED, ID], [("p-q", "true"), ("p-q", "red"), ("p-q", str(ID))]),
        ([], []),
        (UNSET, []),
        (None, []),
        (
            Filter(colour=Colour.RED, count=None, names=["a", "b"]),
            [("colour", "red"), ("names[]", "a"), ("names[]", "b")],
        ),
    ],
)
def test_query(sent, value, pairs):
    request = sent(operation(parameter("query")), value=value)

    assert parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True) == pairs
    assert ("?" in str(request.url)) == bool(pairs)


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_any_text_comes_out_of_the_query_as_it_went_in(pairs):
    parameters = [Parameter(name, "query", f"v{index}") for index, (name, _) in enumerate(dict(pairs).items())]
    arguments = {f"v{index}": text for index, text in enumerate(dict(pairs).values())}

    request = built(operation(*parameters), **arguments)

    assert parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True) == list(dict(pairs).items())


@pytest.mark.parametrize("location", ["path", "query", "header", "cookie"])
def test_a_nested_value_cannot_stand_outside_a_body(location):
    facts = operation(parameter(location, "p"), path="/{p}" if location == "path" else "/")
    with pytest.raises(ValueError, match="cannot stand here"):
        built(facts, value=[{"a": 1}])


@pytest.mark.parametrize(("value", "text"), [("a b", "a b"), (True, "true"), (7, "7"), (ID, str(ID)), ("", "")])
def test_headers(sent, value, text):
    request = sent(operation(parameter("header", "X-Thing")), value=value)

    assert request.headers.get_list("X-Thing") == [text]


@pytest.mark.parametrize("location", ["header", "cookie"])
@pytest.mark.parametrize("value", [UNSET, None])
def test_what_is_not_given_is_not_sent(sent, location, value):
    request = sent(operation(parameter(location)), value=value)

    assert not {"p-q", "Cookie"} & set(request.headers)


@pytest.mark.parametrize("secret", ["hunter2\r\nX-Other: 1", "hunter2\n", "hunter2ä", " hunter2", "hunter2\x00"])
def test_a_header_that_would_be_another_is_refused_without_being_shown(sample, secret):
    with pytest.raises(ValueError, match=r"^X-Thing has characters that cannot stand in a header$"):
        built(operation(parameter("header", "X-Thing")), value=secret)
    with pytest.raises(ValueError, match=r"^X-Thing has characters that cannot stand in a header$"):
        sample(headers={"X-Thing": secret})


def test_cookies(sent):
    facts = operation(Parameter("a", "cookie", "one"), Parameter("b", "cookie", "two"))

    request = sent(facts, one="1=2/3", two=[True, "x"])

    assert request.headers.get_list("Cookie") == ["a=1=2/3; b=true; b=x"]


@pytest.mark.parametrize("value", ["a; admin=1", "a b", 'a"b', "a,b", "a\\b", "a\r\nX: 1", "ä"])
def test_a_cookie_that_would_be_another_is_refused(value):
    with pytest.raises(ValueError, match=r"^p has characters that cannot stand in a cookie$"):
        built(operation(parameter("cookie", "p")), value=value)


def test_the_method_the_user_agent_and_headers_of_the_client(sample):
    seen = []

    def app(request):
        seen.append(request)
        return httpx.Response(200)

    with sample(app, headers={"X-Request-Id": "1"}) as client:
        client.send(operation(method="PATCH"))
    with sample(app, headers={"user-agent": "mine"}) as client:
        client.send(operation(method="PATCH"))

    assert [request.method for request in seen] == ["PATCH", "PATCH"]
    assert seen[0].headers["X-Request-Id"] == "1"
    assert [request.headers.get_list("User-Agent") for request in seen] == [["sample-client/1.2.3"], ["mine"]]
