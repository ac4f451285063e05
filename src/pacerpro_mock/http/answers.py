"""The responses of the contract, each with the headers and the body that it asks for."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pacerpro_mock.http.messages import Answer
from pacerpro_mock.service.authentication import Session

JSON = "application/json"
# RFC 9110, sections 15.3.5 and 15.4.5: these have no body.
WITHOUT_BODY = (204, 304)
REALM = 'Bearer realm="PacerPro"'
INVALID_TOKEN = f'{REALM}, error="invalid_token"'

to_json = json.JSONEncoder(separators=(",", ":")).encode


def json_answer(status: int, value: Any, user: str | None = None) -> Answer:
    """An answer with this value as its body."""
    body = to_json(value).encode("ascii")
    return Answer(status, body, {"content-type": JSON, "content-length": str(len(body))}, user)


def without_body(status: int) -> Answer:
    """An answer with an empty body, and without its length if such a status never has a body."""
    return Answer(status, headers={} if status in WITHOUT_BODY else {"content-length": "0"})


def session(started: Session) -> Answer:
    """200 with the token, which no cache may keep (RFC 9111, section 5.2.2.5)."""
    body = {"jwtToken": started.token, "expiresAt": iso_8601(started.expires_at)}
    return json_answer(200, body, started.email).with_header("Cache-Control", "no-store")


def iso_8601(moment: datetime) -> str:
    """The instant in whole seconds, as `exp` counts it (RFC 3339, section 5.6)."""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def logged_out(email: str) -> Answer:
    """200 with an empty object."""
    return json_answer(200, {}, email)


def error(status: int, message: str) -> Answer:
    """An `Error` in full, as the service itself writes it."""
    return json_answer(status, {"error": message, "message": message, "status": status, "type": "error"})


def gateway_error(status: int, message: str) -> Answer:
    """An `Error` as the gateway in front of the service writes it: `message` alone."""
    return json_answer(status, {"message": message})


def wrong_credentials() -> Answer:
    """401, the same for an unknown address as for a wrong password."""
    return error(401, "Invalid email or password").with_header("WWW-Authenticate", REALM)


def invalid_token(challenge: str = INVALID_TOKEN) -> Answer:
    """401 for a token that does not hold. `REALM` is the challenge to a request without one (RFC 6750, section 3.1)."""
    return error(401, "Token invalid or expired").with_header("WWW-Authenticate", challenge)


def not_found() -> Answer:
    """404 for a path that the contract lacks."""
    return error(404, "Not Found")


def method_not_allowed(allowed: Iterable[str]) -> Answer:
    """405 with the methods that there are (RFC 9110, section 15.5.6)."""
    return error(405, "Method Not Allowed").with_header("Allow", ", ".join(sorted(allowed)))


def content_too_large() -> Answer:
    """413. The rest of the body is not read, so the connection ends with it (RFC 9110, section 15.5.14)."""
    return gateway_error(413, "Request Too Long").with_header("Connection", "close")


def unsupported_media_type(accepted: Iterable[str] = (JSON,)) -> Answer:
    """415, which names the types and the coding that would do (RFC 9110, section 15.5.16)."""
    accept = {"Accept": ", ".join(accepted), "Accept-Encoding": "identity"}
    return gateway_error(415, "Unsupported Media Type").with_headers(accept)
