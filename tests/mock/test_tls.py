"""The mock over https, with a certificate of its own and with a given one, for clients of several kinds."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys

import httpx
import pytest
import trustme

from pacerpro_mock import MockServer

USERS = {"ada@example.com": "secret"}
LOG_IN = {"email": "ada@example.com", "password": "secret"}


@pytest.fixture(scope="module")
def server():
    with MockServer(USERS, tls=True, tls_names=["pacerpro-mock"]) as running:
        yield running


def test_httpx_accepts_it_with_the_authority_and_not_without(server):
    assert server.url.startswith("https://127.0.0.1:")
    context = ssl.create_default_context(cadata=server.certificate_authority.decode())
    with httpx.Client(verify=context, trust_env=False) as client:
        assert client.post(f"{server.url}/session", json=LOG_IN).status_code == 200
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.post(f"{server.url}/session", json=LOG_IN, trust_env=False)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "pacerpro-mock"])
def test_curl_trusts_it_by_each_of_its_names(server, tmp_path, host):
    (tmp_path / "ca.pem").write_bytes(server.certificate_authority)
    port = httpx.URL(server.url).port
    done = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", "--cacert", str(tmp_path / "ca.pem"), "--resolve", f"{host}:{port}:127.0.0.1",
         f"https://{host}:{port}/ready"],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ('{"status":"ready"}', "")


@pytest.mark.skipif(sys.platform == "win32", reason="all of 127.0.0.0/8 is this machine on Unix alone")
def test_the_address_that_it_listens_on_is_one_of_its_names():
    with MockServer(USERS, host="127.0.0.2", tls=True) as elsewhere:
        context = ssl.create_default_context(cadata=elsewhere.certificate_authority.decode())
        with httpx.Client(verify=context, trust_env=False) as client:
            assert client.post(f"{elsewhere.url}/session", json=LOG_IN).status_code == 200


def test_the_ready_made_client_trusts_it(server):
    with server.client():
        assert server.auth().token()


def test_a_given_certificate_is_used(tmp_path):
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    both = tmp_path / "both.pem"
    with MockServer(USERS, tls=(both, both)) as running, httpx.Client(verify=context, trust_env=False) as client:
        assert running.certificate_authority is None
        assert client.post(f"{running.url}/session", json=LOG_IN).status_code == 200


def test_a_certificate_that_does_not_fit_its_key_is_refused(tmp_path):
    authority = trustme.CA()
    one, other = authority.issue_cert("a.example"), authority.issue_cert("b.example")
    one.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    other.private_key_pem.write_to_path(tmp_path / "key.pem")
    with pytest.raises(ValueError, match=r"cert\.pem and the key .*key\.pem cannot be used: KEY_VALUES_MISMATCH"):
        MockServer(USERS, tls=(tmp_path / "cert.pem", tmp_path / "key.pem"))
