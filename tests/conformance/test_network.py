"""The way to the server: directly or through a proxy, and with certificates that few clients trust."""

import json
import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing

import httpx
import pytest
import requests
from mutate import SECRET, USERS
from test_bad_input import TWO, expect_one_line

from pacerpro_conformance import cli, fuzzing
from pacerpro_conformance.errors import CannotRunError
from pacerpro_conformance.fuzzing import Plan
from pacerpro_conformance.http import network
from pacerpro_conformance.http.masking import Mask
from pacerpro_conformance.http.repeat import Repeats
from pacerpro_conformance.server import preflight
from pacerpro_conformance.server.users import User

NOBODY = "http://ada:horse@127.0.0.1:1"
ELSEWHERE = "http://example.invalid/v1"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in (*PROXIES, network.CA_VARIABLE):
        for spelled in (name, name.upper()):
            monkeypatch.delenv(spelled, raising=False)


def test_a_server_on_this_machine_is_asked_past_a_proxy(flags, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    monkeypatch.setenv("NO_PROXY", "")
    assert cli.main([*flags, "--only=tokens.*", "--only=routes.*"]) == 0
    assert "no_proxy" not in os.environ


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/v1", "http://localhost/v1", "https://[::1]/v1"])
def test_schemathesis_goes_past_it_as_well(monkeypatch, url):
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, NOBODY)
    with network.settled(url):
        assert requests.utils.get_environ_proxies(url) == {}
    assert requests.utils.get_environ_proxies(url) != {}


def test_the_proxy_that_fails_is_named(capsys, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    expect_one_line(capsys, "--url", ELSEWHERE, *TWO, says="asked through the proxy 127.0.0.1:1, does not answer")


def test_what_is_excepted_from_the_proxy_is_not_said_to_go_through_it(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", NOBODY)
    monkeypatch.setenv("NO_PROXY", "example.invalid")
    assert network.proxy_of(ELSEWHERE) is None


def test_a_proxy_that_no_client_knows(capsys, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "nonsense://ada:horse@127.0.0.1:1")
    expect_one_line(capsys, "--url", ELSEWHERE, *TWO, says="names a proxy that cannot be used: 127.0.0.1:1")


@pytest.mark.parametrize("name", ["nowhere.pem", "empty.pem"])
def test_certificates_that_cannot_be_read(capsys, tmp_path, name):
    (tmp_path / "empty.pem").touch()
    ca = f"--ca={tmp_path / name}"
    expect_one_line(capsys, "--url", "https://127.0.0.1:1/v1", *TWO, ca, says="no certificates can be read from")


def test_certificates_for_plain_http(capsys, server, tmp_path):
    expect_one_line(capsys, "--url", server.url, *TWO, f"--ca={tmp_path}", says="--ca is for a server at https://")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that nobody has signed but its owner, and its key."""
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
                with httpx.Client(verify=network.tls(certificate[0]), timeout=20) as client:
                    client.get(url)  # waits until the server has started
                yield url
            finally:
                process.kill()


ASKED = [*TWO, "--only=tokens.*", "--only=routes.head*"]


def test_an_unknown_certificate_is_refused_with_advice(capsys, secure_url):
    expect_one_line(capsys, "--url", secure_url, *TWO, says="--ca FILE names who signs its certificate")


def test_a_certificate_that_is_named_is_believed(secure_url, certificate):
    assert cli.main(["--url", secure_url, *ASKED, f"--ca={certificate[0]}"]) == 0


def test_a_certificate_of_the_environment_is_believed(secure_url, certificate, monkeypatch):
    monkeypatch.setenv(network.CA_VARIABLE, str(certificate[0]))
    assert cli.main(["--url", secure_url, *ASKED]) == 0


def test_schemathesis_believes_it_as_well(contract, secure_url, certificate):
    email, password = next(iter(USERS.items()))
    plan = Plan(examples=1, ca=certificate[0])
    repeats = Repeats(Mask([password], None, contract.password))
    outcome = fuzzing.run(contract, secure_url, User(email, password), plan, repeats)
    assert outcome.findings == []
    assert outcome.successes()[contract.refresh.name]


def test_a_certificate_of_another_host_is_not_a_matter_of_who_signed_it(contract, secure_url, certificate):
    url = secure_url.replace("127.0.0.1", "localhost")
    user = User("ada@example.com", "correct horse")
    with closing(preflight.connect(url, 5, certificate[0])) as wire, pytest.raises(CannotRunError) as refused:
        preflight.log_in_once(wire, contract, user, 5)
    assert "mismatch" in str(refused.value)
    assert "--ca" not in str(refused.value)
