"""The way to the server: directly, and with certificates that few clients trust."""

import json
import shutil
import socket
import ssl
import subprocess
import sys
from contextlib import closing

import httpx
import pytest
from mutate import SECRET, USERS
from test_bad_input import TWO, expect_one_line

from pacerpro_conformance import cli
from pacerpro_conformance.errors import CannotRunError
from pacerpro_conformance.http.wire import Wire
from pacerpro_conformance.server import User, log_in_once

NOBODY = "http://ada:horse@127.0.0.1:1"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in (*PROXIES, "SSL_CERT_FILE"):
        for spelled in (name, name.upper()):
            monkeypatch.delenv(spelled, raising=False)


def test_a_server_is_asked_past_a_proxy_and_without_the_users_own_credentials(flags, server, monkeypatch, tmp_path):
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    (tmp_path / "netrc").write_text("default login ada password horse")
    assert cli.main([*flags, "--only=tokens.*", "--only=schemathesis", "--quick"]) == 0
    generated = [each for each in server.requests if "schemathesis" in each.headers.get("user-agent", "")]
    assert {(each.method, each.status) for each in generated} >= {("GET", 200), ("DELETE", 200)}


@pytest.mark.parametrize("name", ["nowhere.pem", "empty.pem"])
def test_certificates_that_cannot_be_read(capsys, tmp_path, name):
    (tmp_path / "empty.pem").touch()
    ca = f"--ca={tmp_path / name}"
    expect_one_line(capsys, "--url", "https://127.0.0.1:1/v1", *TWO, ca, says="no certificates can be read from")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    names = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=test"]
    ask = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*ask, *names], capture_output=True, timeout=60, check=True)
    return folder / "cert.pem", folder / "key.pem"


# In a process of its own: uvicorn waits for each client to say goodbye over TLS, and idle ones do not.
SERVE = """
import json, socket, sys, uvicorn
from pacerpro_mock import Mock, create_app
fd, users, secret, cert, key = sys.argv[1:]
app = create_app(Mock(json.loads(users), secret=secret))
config = uvicorn.Config(app, ssl_certfile=cert, ssl_keyfile=key, log_level="error", date_header=False)
uvicorn.Server(config).run([socket.socket(fileno=int(fd))])
"""


@pytest.fixture(scope="module")
def secure_url(certificate):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        fd = listener.fileno()
        command = [sys.executable, "-c", SERVE, str(fd), json.dumps(USERS), SECRET, *certificate]
        with subprocess.Popen(command, pass_fds=[fd]) as process:
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
            try:
                with httpx.Client(verify=ssl.create_default_context(cafile=certificate[0]), timeout=20) as client:
                    client.get(url)  # waits until the server has started
                yield url
            finally:
                process.kill()


ASKED = [*TWO, "--only=tokens.*", "--only=routes.head*", "--only=schemathesis", "--quick"]


def test_an_unknown_certificate_is_refused_with_advice(capsys, secure_url):
    expect_one_line(capsys, "--url", secure_url, *TWO, says="--ca FILE names who signs its certificate")


def test_a_certificate_that_is_named_is_believed(secure_url, certificate):
    assert cli.main(["--url", secure_url, *ASKED, f"--ca={certificate[0]}"]) == 0


def test_a_certificate_of_the_environment_is_believed(secure_url, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert cli.main(["--url", secure_url, *ASKED]) == 0


def test_a_certificate_of_another_host_is_not_a_matter_of_who_signed_it(contract, secure_url, certificate):
    url = secure_url.replace("127.0.0.1", "localhost")
    user = User("ada@example.com", "correct horse")
    with closing(Wire(url, 5, certificate[0])) as wire, pytest.raises(CannotRunError) as refused:
        log_in_once(wire, contract, user, b"")
    assert "mismatch" in str(refused.value)
    assert "--ca" not in str(refused.value)
