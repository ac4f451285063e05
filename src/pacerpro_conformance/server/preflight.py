"""Looks, before anything else, whether there is a server to check and whether it knows the users."""

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from pacerpro_conformance.cases import JSON
from pacerpro_conformance.contract import Contract
from pacerpro_conformance.errors import CannotRunError, NoAnswerError
from pacerpro_conformance.http import network
from pacerpro_conformance.http.wire import Answer, Wire
from pacerpro_conformance.tokens import jws
from pacerpro_conformance.values import NOT_JSON, as_object

from .users import User


def check_url(text: str) -> None:
    """Raise CannotRunError if this is not a URL that a server can have."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.userinfo:
        # Not repeated here, because it may hold a password.
        raise CannotRunError("the URL has a user name in it; users are given with --user")
    if (url.port or 1) > 65535:
        raise CannotRunError(f"{url.port} is not a port: the last is 65535")
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment or len(text.split()) != 1:
        raise CannotRunError(f"{text!r} is not a base URL: it must look like http://127.0.0.1:8080/v1")


def check_writable(path: Path | None) -> None:
    """Raise CannotRunError if a report could not be written, before anybody waits for it."""
    if path is None:
        return
    try:
        there = path.exists()
        path.open("ab").close()
        if not there:
            path.unlink()
    except OSError as error:
        raise CannotRunError(f"{path} cannot be written: {error.strerror}") from error


def connect(url: str, timeout: float, ca: Path | None, headers: Mapping[str, str] | None = None) -> Wire:
    """A way to the server. Raises CannotRunError if the certificates or the proxy cannot be used."""
    if ca is not None and httpx.URL(url).scheme != "https":
        raise CannotRunError("--ca is for a server at https://, and this one is at http://")
    ca = network.authority(ca)
    try:
        return Wire(url, timeout, ca, headers)
    except OSError as error:
        raise CannotRunError(f"no certificates can be read from {ca}: {error.strerror or error}") from error
    except (ImportError, ValueError) as error:
        raise CannotRunError(f"the environment names a proxy that cannot be used: {network.proxy_of(url)}") from error


def log_in_once(wire: Wire, contract: Contract, user: User, timeout: float) -> Answer:
    """Log in, to see that there is a server and that it knows the user. Raises CannotRunError."""
    body = json.dumps({contract.identity: user.email, contract.password: user.password}).encode()
    came: list[Answer | NoAnswerError] = []

    def ask() -> None:
        try:
            came.append(wire.send(contract.log_in.method, contract.log_in.path, (JSON,), body))
        except NoAnswerError as error:
            came.append(error)

    # A server that sends a byte now and then never meets a timeout of the socket.
    caller = threading.Thread(target=ask, daemon=True)
    caller.start()
    start = time.monotonic()
    while caller.is_alive() and time.monotonic() < start + timeout + wire.waited:
        caller.join(0.05)
    if not came:
        raise CannotRunError(f"{_way(wire)} does not answer: nothing complete came within {timeout:g} s")
    if isinstance(came[0], NoAnswerError):
        raise CannotRunError(f"{_way(wire)} does not answer: {came[0]}{_advice(f'{came[0]}')}")
    if complaint := _complaint(came[0], user, contract.log_in.path):
        raise CannotRunError(f"{_way(wire)} {complaint}")
    return came[0]


def _advice(failure: str) -> str:
    # A certificate of another host has nothing to do with who signed it.
    unknown = "CERTIFICATE_VERIFY_FAILED" in failure and "mismatch" not in failure
    return "; --ca FILE names who signs its certificate" if unknown else ""


def _way(wire: Wire) -> str:
    return f"{wire.base_url}, asked through the proxy {wire.proxy}," if wire.proxy else wire.base_url


def check_secret(session: Answer, contract: Contract, secret: bytes | None) -> None:
    """Raise CannotRunError if the secret did not sign the token: what is forged with it would prove nothing."""
    token = as_object(session.json).get(contract.token)
    if secret is None or not isinstance(token, str):
        return
    try:
        algorithm = jws.read(token).header.get("alg")
        signed = jws.is_signed_with(token, secret)
    except jws.NotATokenError:
        return  # left to the checks
    if algorithm not in jws.DIGESTS:
        raise CannotRunError(f"--secret is for tokens with HMAC, and the server's have alg {algorithm!r}")
    if not signed:
        raise CannotRunError(
            f"the secret is not the key that the server signs with ({algorithm}); without it, fewer checks are tried"
        )


def _is_html(answer: Answer) -> bool:
    return answer.headers.get("content-type", "").startswith("text/html") or answer.body.lstrip()[:1] == b"<"


def _complaint(answer: Answer, user: User, path: str) -> str:
    """Why this answer to correct credentials makes every check pointless; empty if it does not."""
    if answer.json is NOT_JSON and _is_html(answer):
        return f"answers with HTML and status {answer.status}, as a proxy does and no service of this contract"
    if answer.status in {401, 403}:
        return f"refuses the credentials of {user.email} with status {answer.status}"
    if 300 <= answer.status < 400:
        return f"answers a log-in with a redirect (status {answer.status}): is the base URL right?"
    if answer.status == 404:
        return f"has no {path} (status 404): is the base URL right?"
    if answer.status == 429:
        return "throttles log-ins (status 429), and asks for a longer wait than this suite's patience"
    return f"fails to log {user.email} in (status {answer.status})" if answer.status >= 500 else ""
