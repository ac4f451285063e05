"""The bodies that travel: JSON, forms, multipart and files, byte for byte."""

from __future__ import annotations

import datetime
import io
import json
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import attrs
import pytest

from pacerpro_runtime.operation import Operation, as_nothing
from pacerpro_runtime.request import encode_json
from pacerpro_runtime.types import UNSET, File, Unset
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
    inner: Any = UNSET
    file: File | Unset = UNSET
    additional_properties: dict[str, Any] = attrs.field(init=False, factory=dict[str, Any])


@attrs.define
class Other(Model):
    note: str


def operation(**facts: Any) -> Operation[None]:
    return Operation("POST", "/things", {200: as_nothing}, secured=False, **facts)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (Other('ä"\\\ud800'), r'{"note":"\u00e4\"\\\ud800"}'),
        (Filter(), "{}"),
        (Filter(count=None, colour=Colour.RED), '{"colour":"red","count":null}'),
        (Filter(names=["a"], inner=[Other("b"), {"at": NOON}]), ""),
        ([Other("a"), Other("b")], '[{"note":"a"},{"note":"b"}]'),
        (None, "null"),
        (False, "false"),
    ],
)
def test_json(sent, body, text):
    text = text or '{"names[]":["a"],"inner":[{"note":"b"},{"at":"2030-01-01T12:00:00+00:00"}]}'

    request = sent(operation(bodies={"application/vnd.thing+json": Filter}), body=body)

    assert request.content == text.encode()
    assert request.headers["Content-Type"] == "application/vnd.thing+json"
    assert request.headers["Content-Length"] == str(len(text))


def test_a_body_that_is_not_given_is_not_sent(sent):
    request = sent(operation(bodies={"application/json": Filter}))

    assert request.content == b""
    assert "Content-Type" not in request.headers


def test_further_properties_travel_and_do_not_hide_those_of_the_model():
    body = Filter(count=1)
    body.additional_properties = {"more": [ID], "count": 2}

    assert json.loads(encode_json(body)) == {"more": [str(ID)], "count": 1}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_refused(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_json({"a": value})


def test_a_form(sent):
    body = Filter(colour=Colour.RED, count=None, names=["a b", "ä&"], inner=[True, {"at": 1}])

    request = sent(operation(bodies={"application/x-www-form-urlencoded": Filter}), body=body)

    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(request.content.decode("ascii"), keep_blank_values=True) == [
        ("colour", "red"),
        ("count", ""),
        ("names[]", "a b"),
        ("names[]", "ä&"),
        ("inner", "true"),
        ("inner", '{"at":1}'),
    ]


def test_a_multipart_body(sent):
    body = Filter(
        names=["a", "ä"], inner={"at": NOON}, file=File(io.BytesIO(b"\x00\xff"), "scan.pdf", "application/pdf")
    )

    request = sent(operation(bodies={"multipart/form-data": Filter}), body=body)

    media_type, _, boundary = request.headers["Content-Type"].partition("; boundary=")
    assert media_type == "multipart/form-data"
    parts = request.content.split(b"--" + boundary.encode())[1:-1]
    halves = [part.strip(b"\r\n").partition(b"\r\n\r\n") for part in parts]
    assert [(head.split(b"\r\n"), content) for head, _, content in halves] == [
        ([b'Content-Disposition: form-data; name="names[]"', b"Content-Type: text/plain"], b"a"),
        ([b'Content-Disposition: form-data; name="names[]"', b"Content-Type: text/plain"], "ä".encode()),
        (
            [b'Content-Disposition: form-data; name="inner"', b"Content-Type: application/json"],
            b'{"at":"2030-01-01T12:00:00+00:00"}',
        ),
        (
            [b'Content-Disposition: form-data; name="file"; filename="scan.pdf"', b"Content-Type: application/pdf"],
            b"\x00\xff",
        ),
    ]


@pytest.mark.parametrize("payload", [b"bytes", io.BytesIO(b"bytes")], ids=["bytes", "file"])
def test_a_file_as_the_body(sent, payload):
    if isinstance(payload, io.BytesIO):
        payload.seek(0)

    request = sent(operation(bodies={"application/octet-stream": File}), body=File(payload))

    assert request.content == b"bytes"
    assert request.headers["Content-Type"] == "application/octet-stream"


def test_of_several_bodies_the_type_decides(sent):
    facts = operation(bodies={"application/json": Filter, "application/x-www-form-urlencoded": Other})

    assert sent(facts, body=Other("a")).content == b"note=a"
    assert sent(facts, body=Filter(count=1)).content == b'{"count":1}'
