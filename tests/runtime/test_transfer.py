"""Files on their way: uploads that are not read whole, and downloads in chunks, with the errors of all calls."""

from __future__ import annotations

import io
from functools import partial

import anyio
import attrs
import httpx
import pytest

from pacerpro_runtime import errors
from pacerpro_runtime.operation import Encoding, Operation, as_file, as_json, as_nothing, by_media_type
from pacerpro_runtime.types import UNSET, File, Unset
from pacerpro_runtime.wire.model import Model

UPLOAD = Operation(
    "PUT", "/file", {200: as_nothing}, secured=False, repeatable=True, bodies={"application/pdf": File, "image/*": File}
)
DOWNLOAD = Operation("GET", "/file", {200: as_file}, secured=False, repeatable=True)
CONTENT = bytes(range(256)) * 1024  # Four chunks of an upload.
HEADERS = {
    "Content-Type": "application/pdf",
    "Content-Disposition": "attachment; filename*=UTF-8''..%2Fbrief%20%C3%A4.pdf",
}


@attrs.define(kw_only=True)
class Form(Model):
    file: File
    note: str | Unset = UNSET
    tags: list[str] | Unset = UNSET


class Once(io.RawIOBase):
    """A file that cannot go back, such as a pipe."""

    def __init__(self, content: bytes) -> None:
        self._rest = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._rest.read(size)

    def seekable(self) -> bool:
        return False


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "brief.pdf"
    file.write_bytes(CONTENT)
    return file


def test_a_path_is_sent_in_chunks_with_its_length_and_progress(sent, path):
    told = []

    request = sent(UPLOAD, body=File(path, progress=lambda done, total: told.append((done, total))))

    assert request.content == CONTENT
    assert (request.headers["Content-Length"], request.headers["Content-Type"]) == (
        str(len(CONTENT)),
        "application/pdf",
    )
    assert "Transfer-Encoding" not in request.headers
    assert told == [(65536 * number, len(CONTENT)) for number in range(1, 5)]


def test_a_file_is_sent_from_where_it_stands(sent, path):
    with path.open("rb") as file:
        file.seek(1000)
        request = sent(UPLOAD, body=File(file))

    assert request.content == CONTENT[1000:]
    assert request.headers["Content-Length"] == str(len(CONTENT) - 1000)


def test_a_file_that_cannot_go_back_is_sent_without_a_length(sent):
    request = sent(UPLOAD, body=File(Once(CONTENT)))

    assert request.content == CONTENT
    assert request.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in request.headers


def test_a_file_is_a_part_of_a_form_that_httpx_sends_itself(path):
    for payload in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        file = File(payload, "a.bin", "image/png")
        assert file.to_tuple()[::2] == ("a.bin", "image/png")
        body = httpx.Request("POST", "https://example.com", files={"file": file.to_tuple()}).read()
        assert path.read_bytes() in body


def test_the_file_says_which_of_a_range_of_media_types_it_is(sent):
    ranged = attrs.evolve(UPLOAD, bodies={"image/*": File})

    assert sent(ranged, body=File(b"x", mime_type="image/webp")).headers["Content-Type"] == "image/webp"


class Failing(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Takes a body as the network does, and fails at first. (The HTTP library's own stand-in keeps what it reads.)"""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def handle_request(self, request):
        return self._answer(b"".join(request.stream))

    async def handle_async_request(self, request):
        return self._answer(b"".join([chunk async for chunk in request.stream]))

    def _answer(self, body):
        self.bodies.append(body)
        return httpx.Response(503 if len(self.bodies) == 1 else 200)


def test_a_file_is_sent_again_if_it_can_be_read_again(sample, drive, pauses, path):
    server, pipe = Failing(), Failing()

    drive(sample(transport=server, async_transport=server), UPLOAD, body=File(path))
    with pytest.raises(errors.ServerError):
        drive(sample(transport=pipe, async_transport=pipe), UPLOAD, body=File(Once(CONTENT)))

    assert server.bodies == [CONTENT] * 2
    assert pipe.bodies == [CONTENT]


def test_a_path_is_not_opened_if_there_is_no_connection(sample, script, drive, path, monkeypatch):
    opened = []
    monkeypatch.setattr(type(path), "open", lambda *_: opened.append(path))
    server = script(httpx.ConnectError("no"))

    class Refusing(httpx.BaseTransport, httpx.AsyncBaseTransport):
        def handle_request(self, request):
            return server(request)

        async def handle_async_request(self, request):
            return server(request)

    with pytest.raises(httpx.ConnectError):
        drive(sample(**dict.fromkeys(("transport", "async_transport"), Refusing()), retries=0), UPLOAD, body=File(path))

    assert opened == []


def test_a_part_is_a_file_with_a_name_and_others_are_written_as_their_encoding_says(sent, path):
    encoding = {"note": Encoding("text/markdown"), "tags": Encoding("application/json")}
    form = attrs.evolve(UPLOAD, bodies={"multipart/form-data": Form}, encoding=encoding)

    content = sent(form, body=Form(file=File(path), note="# a", tags=["b", "c"])).content

    assert b'name="file"; filename="brief.pdf"\r\n' in content
    assert CONTENT in content
    assert b'name="note"\r\nContent-Type: text/markdown\r\n\r\n# a\r\n' in content
    assert b'name="tags"\r\nContent-Type: application/json\r\n\r\n["b","c"]\r\n' in content
    assert b'filename="file"' in sent(form, body=Form(file=File(b"x"))).content


def downloaded(client, target, kind, told, operation=DOWNLOAD):
    """Save a file over one kind of client, and return what is known of it."""
    if kind == "sync":
        with client.stream(operation) as file:
            saved = file.save(target, lambda done, total: told.append((done, total)))
            return file, saved

    async def run():
        async with client.astream(operation) as file:
            return file, await file.asave(target, lambda done, total: told.append((done, total)))

    return anyio.run(run, backend=kind)


KINDS = pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])


@KINDS
def test_a_download_is_saved_with_progress_and_its_name(sample, tmp_path, kind):
    told = []

    file, saved = downloaded(
        sample(lambda _: httpx.Response(200, content=CONTENT, headers=HEADERS)), tmp_path / "saved.pdf", kind, told
    )

    assert saved.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert (file.status_code, file.file_name, file.mime_type) == (200, "brief ä.pdf", "application/pdf")
    assert [each.name for each in tmp_path.iterdir()] == ["saved.pdf"]


@KINDS
def test_a_download_that_is_refused_raises_the_error_of_any_call(sample, tmp_path, pauses, kind):
    answers = iter([httpx.Response(503), httpx.Response(404, json={"message": "no"})])

    with pytest.raises(errors.NotFound) as raised:
        downloaded(sample(lambda _: next(answers)), tmp_path / "saved.pdf", kind, [])

    assert raised.value.content == b'{"message":"no"}'
    assert not list(tmp_path.iterdir())


@KINDS
@pytest.mark.parametrize(
    ("answer", "parsed"),
    [
        (partial(httpx.Response, 304), None),
        (partial(httpx.Response, 200, json=[1]), [1]),
        (partial(httpx.Response, 200, html="<p>Sorry.</p>"), None),
        (partial(httpx.Response, 203, html="<p>Sorry.</p>"), None),
    ],
    ids=["without a body", "JSON", "undocumented media type", "undocumented status"],
)
def test_a_success_that_is_no_file_is_not_saved(sample, tmp_path, kind, answer, parsed):
    either = by_media_type({"application/pdf": as_file, "application/json": as_json(list[int])})
    operation = attrs.evolve(DOWNLOAD, success={200: either, 304: as_nothing})
    (tmp_path / "saved.pdf").write_text("old")

    with pytest.raises(errors.InvalidResponse) as raised:
        downloaded(sample(lambda _: answer()), tmp_path / "saved.pdf", kind, [], operation)

    assert raised.value.response.parsed == parsed
    assert (tmp_path / "saved.pdf").read_text() == "old"


@KINDS
def test_a_download_that_breaks_off_leaves_what_was_there(raw_server, sample, tmp_path, kind):
    server = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
    (tmp_path / "saved.pdf").write_text("old")

    with pytest.raises(httpx.RemoteProtocolError) as raised:
        downloaded(sample(base_url=server.url), tmp_path / "saved.pdf", kind, [])

    assert (tmp_path / "saved.pdf").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1
    assert f"(GET {server.url}" in str(raised.value)
    assert dict(raised.value.request.headers) == {"host": raised.value.request.headers["host"]}
