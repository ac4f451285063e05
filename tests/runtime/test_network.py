"""How the client reaches the API: proxies, certificates, cookies, hosts over plain http, forks and event loops."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import certifi
import httpx
import pytest
import trustme

from pacerpro_runtime import auth, errors
from pacerpro_runtime.operation import Operation, as_nothing, as_text
from pacerpro_runtime.transports.network import tls_context

operation = Operation("GET", "/things", {200: as_text}, secured=False, repeatable=True)


def app(request):
    return httpx.Response(200, text=request.headers.get("Cookie", "none"), headers={"Set-Cookie": "user=ada"})


def test_a_cookie_that_a_server_sets_is_not_sent_with_the_next_call(sample, drive):
    client = sample(app)

    for call in (lambda: client.send(operation), lambda: asyncio.run(client.asend(operation))):
        assert [call().parsed for _ in range(2)] == ["none", "none"]


HOSTS = [({"mock", "10.0.0.7"}, ""), (["MOCK"], ""), (None, "other, mock"), (None, "mock")]


@pytest.mark.parametrize(("given", "environment"), HOSTS)
def test_plain_http_goes_to_hosts_that_are_named_and_is_logged_once(sample, monkeypatch, caplog, given, environment):
    auth._warn_of.cache_clear()
    monkeypatch.setenv("SAMPLE_ALLOW_INSECURE_HOSTS", environment)

    for _ in range(2):
        client = sample(app, "http://mock:8080/v1", auth="token", allow_insecure_hosts=given)
        assert client.with_timeout(1).send(operation).status_code == 200

    assert [(each.levelname, each.name) for each in caplog.records] == [("WARNING", "pacerpro_client")]
    assert "mock over plain http" in caplog.text


@pytest.mark.parametrize("given", [None, set(), {"mock.test"}, {"ock"}, {"*"}])
def test_plain_http_to_any_other_host_is_refused_with_a_way_out(sample, given):
    with pytest.raises(errors.InsecureUrl, match="allow_insecure_hosts"):
        sample(app, "http://mock/v1", allow_insecure_hosts=given)


@pytest.mark.parametrize("given", ["mock", [5], b"mock"])
def test_hosts_that_are_no_set_of_names_are_refused(sample, given):
    with pytest.raises(TypeError, match="allow_insecure_hosts is a set of host names"):
        sample(app, "http://mock/v1", allow_insecure_hosts=given)


def test_a_proxy_takes_every_call(raw_server, sample, drive):
    proxy = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    assert drive(sample(base_url="http://localhost:9/v1", proxy=proxy.url), operation).parsed == "ok"
    assert proxy.requests[0].startswith(b"GET http://localhost:9/v1/things HTTP/1.1\r\n")


def test_a_proxy_that_would_see_secrets_in_the_clear_is_refused(sample):
    with pytest.raises(errors.InsecureUrl, match=r"the proxy proxy\.test would see secrets"):
        sample(base_url="http://localhost/v1", proxy="http://proxy.test:3128")

    sample(proxy="http://proxy.test:3128")  # It sees only bytes of TLS.
    sample(base_url="http://localhost/v1", proxy="http://proxy.test", allow_insecure_hosts={"proxy.test"})


def test_settings_of_the_network_that_cannot_be_are_refused(sample, tmp_path):
    (tmp_path / "empty.pem").touch()
    refusals = [
        ({"headers": {"a": 1}}, TypeError, "headers: the name and the value of 'a' must be strings"),
        ({"headers": [("a", "b")]}, TypeError, "headers is a mapping of strings"),
        ({"headers": "a: b"}, TypeError, "headers is a mapping of strings"),
        ({"transport": httpx.HTTPTransport}, TypeError, "transport is an httpx.BaseTransport, or 'pyreqwest'"),
        ({"transport": httpx.AsyncHTTPTransport()}, TypeError, "an asynchronous one is async_transport"),
        ({"async_transport": httpx.HTTPTransport()}, TypeError, "async_transport is an httpx.AsyncBaseTransport"),
        ({"headers": {1: "a"}}, TypeError, "headers: the name and the value of 1 must be strings"),
        ({"proxy": "ada:hunter2@nowhere"}, ValueError, "proxy is a URL such as"),
        ({"proxy": 5}, ValueError, "proxy is a URL such as"),
        ({"proxy": "http://localhost", "transport": httpx.MockTransport(app)}, ValueError, "a proxy or a transport"),
        ({"proxy": "http://localhost", "async_transport": httpx.MockTransport(app)}, ValueError, "a proxy or a tran"),
        ({"verify": ""}, ValueError, "verify is an empty path"),
        ({"verify": 5}, TypeError, "verify is True, False, a path or an ssl.SSLContext, not int"),
        ({"verify": tmp_path / "none.pem"}, ValueError, "cannot read CA certificates from .*none.pem: No such file"),
        ({"verify": str(tmp_path / "empty.pem")}, ValueError, "cannot read CA certificates from .*empty.pem"),
    ]
    for settings, kind, words in refusals:
        with pytest.raises(kind, match=words) as raised:
            sample(**settings)
        assert "hunter2" not in str(raised.value)
    with pytest.raises(TypeError, match="the name and the value of 'a'"):
        sample().with_headers({"a": 1})


def test_certificates_are_read_once_and_again_when_their_file_is_replaced(tmp_path, monkeypatch):
    certificates = Path(certifi.where()).read_bytes()
    own = tmp_path / "ca.pem"
    own.write_bytes(b"-----BEGIN" + certificates.split(b"-----BEGIN", 2)[1])

    assert tls_context(True) is tls_context(True)
    first = tls_context(own)
    assert tls_context(str(own)) is first
    assert len(first.get_ca_certs()) == 1

    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    assert tls_context(True) is first
    own.write_bytes(certificates)
    assert len(tls_context(True).get_ca_certs()) > 1

    given = ssl.create_default_context()
    assert tls_context(given) is given
    assert tls_context(False).verify_mode == ssl.CERT_NONE
    assert tls_context(tmp_path).verify_mode == ssl.CERT_REQUIRED


class TlsServer:
    """Answers one request on each connection, with a certificate of this authority."""

    def __init__(self, authority):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(context)
        self._listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while self._listener.fileno() >= 0:
            with suppress(OSError):  # The client may refuse the certificate.
                connection, _ = self._listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def tls_server(authority):
    server = TlsServer(authority)
    yield server
    server._listener.close()


@pytest.fixture(params=[None, "pyreqwest"], ids=["httpx", "pyreqwest"])
def engine(request, drive):
    if request.param and "trio" in request.node.name:
        pytest.skip("pyreqwest needs asyncio")
    return request.param


def test_the_certificate_of_a_stranger_is_refused_and_not_tried_again(tls_server, sample, drive, engine, pauses):
    with pytest.raises(httpx.ConnectError, match="certificate"):
        drive(sample(base_url=tls_server.url, transport=engine), operation)

    assert pauses == []


def test_an_authority_of_the_user_s_own_is_trusted_and_read_again(
    tls_server, sample, drive, engine, authority, tmp_path
):
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(file)
    with pytest.raises(httpx.ConnectError, match="certificate"):
        drive(sample(base_url=tls_server.url, verify=file, transport=engine), operation)

    authority.cert_pem.write_to_path(file)
    for verify in (file, str(file), False):
        client = sample(base_url=tls_server.url, verify=verify, transport=engine)
        assert drive(client, operation).parsed == "ok"


def test_a_context_of_the_user_s_own_is_used(tls_server, sample, drive, authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)

    assert drive(sample(base_url=tls_server.url, verify=context), operation).parsed == "ok"


@pytest.fixture
def echo():
    """A server that tells each connection its number, and keeps it open."""
    import socketserver

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            number = b"%d" % next(numbers)
            while self.rfile.readline().strip():
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(number), number))

    numbers = iter(range(1000))
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_has_connections_of_its_own(echo, sample):
    client = sample(base_url=echo)

    async def both():
        async def call():
            return (await client.asend(operation)).parsed

        first = [client.send(operation).parsed, await call()]
        children = [in_a_child(lambda: client.send(operation).parsed) for _ in range(2)]
        # The running loop is copied into the child, which cannot use it: it begins another.
        children += [in_a_child(lambda: in_a_new_thread(lambda: asyncio.run(call()))) for _ in range(2)]
        later = [client.send(operation).parsed, await call()]
        await client.aclose()
        return first, children, later

    with client:
        first, children, later = asyncio.run(both())

    assert later == first
    assert len({*first, *children}) == 6


def in_a_child(call):
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writer, call().encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        return pipe.read()


def in_a_new_thread(call):
    results = []
    thread = threading.Thread(target=lambda: results.append(call()))
    thread.start()
    thread.join(10)
    return results[0]


def test_each_event_loop_has_connections_of_its_own(echo, sample):
    client = sample(base_url=echo)

    async def calls():
        async with client:
            return [(await client.asend(operation)).parsed for _ in range(2)]

    async def one_call():
        number = (await client.asend(operation)).parsed
        await client.aclose()
        return number

    async def from_threads():
        return await asyncio.gather(*(asyncio.to_thread(asyncio.run, one_call()) for _ in range(4)))

    numbers = [asyncio.run(calls()), asyncio.run(calls())]
    numbers += [[each] * 2 for each in asyncio.run(from_threads())]

    assert all(first == second for first, second in numbers)
    assert len({first for first, _ in numbers}) == 6
    client.get_async_httpx_client()
    assert len(client._clients) <= 1  # Those of loops that are over are dropped.


def test_strictness_is_kept(sample):
    assert sample(strict=True).with_timeout(1)._strict is True
    assert sample()._strict is False


def test_the_text_of_a_network_error_says_which_call_failed(sample, drive):
    with pytest.raises(httpx.ConnectError, match=r"\(GET http://127\.0\.0\.1:9/things\)$"):
        drive(sample(base_url="http://127.0.0.1:9", retries=0), operation)


def test_an_error_of_the_network_leaves_no_secret_in_the_frames_of_the_library(raw_server, sample, drive):
    server = raw_server(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"jwtToken": "hunter2')
    facts = Operation("GET", "/things", {200: as_nothing})

    with pytest.raises(httpx.RemoteProtocolError) as raised:
        drive(sample(base_url=server.url, auth="hunter2", retries=0), facts)

    error = raised.value
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            if "site-packages" in trace.tb_frame.f_code.co_filename or "pacerpro" in trace.tb_frame.f_code.co_filename:
                assert "hunter2" not in repr(trace.tb_frame.f_locals).replace(repr(server), "")
            trace = trace.tb_next
        error = error.__cause__ or error.__context__


def test_the_logger_is_silent_until_it_is_set_up():
    assert any(isinstance(each, logging.NullHandler) for each in logging.getLogger("pacerpro_client").handlers)
