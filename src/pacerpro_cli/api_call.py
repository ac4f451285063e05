"""A call to any path of the service, with the session's token: `pacerpro api`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from pacerpro_cli.failures import WRONG_USAGE, Failure
from pacerpro_client import Client, SessionAuth


def call(
    auth: SessionAuth,
    path: str,
    *,
    method: str | None,
    fields: Sequence[str],
    body: Path | None,
    include: bool,
    output: BinaryIO,
) -> None:
    """Send a request, and write the answer as it comes.

    Raises:
        Failure: The answer is an error, or the request cannot be made.
    """
    if "://" in path:
        raise Failure(f"{path} is a URL: give the path below the service's base URL, such as /matters", WRONG_USAGE)
    values = dict(_field(each) for each in fields)
    method = (method or ("POST" if values or body else "GET")).upper()
    if not re.fullmatch("[A-Z-]+", method):
        raise Failure(f"{method} is not an HTTP method", WRONG_USAGE)
    with _content(body) as content, Client(auth=auth) as client:
        request: dict[str, Any] = {"content": content, "headers": {"Accept": "application/json, */*;q=0.8"}}
        if content is not None:
            request["headers"]["Content-Type"] = "application/json"
        if values and (method == "GET" or body):
            request["params"] = values
        elif values:
            request["json"] = values
            del request["content"]
        with client.get_httpx_client().stream(method, path.lstrip("/"), **request) as response:
            if include:
                head = "".join(f"{name}: {value}\r\n" for name, value in response.headers.multi_items())
                line = f"{response.http_version} {response.status_code} {response.reason_phrase}\r\n"
                output.write(f"{line}{head}\r\n".encode())
            for chunk in response.iter_bytes():
                output.write(chunk)
                output.flush()
    if response.status_code >= 400:
        raise Failure(f"{response.status_code} {response.reason_phrase} from {method} {response.url}")


def _field(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise Failure(f"-f takes KEY=VALUE, not {json.dumps(name)}", WRONG_USAGE)
    return name, value


@contextmanager
def _content(body: Path | None) -> Generator[IO[bytes] | bytes | None]:
    """Open the body of a request; `-` is standard input."""
    if body is None:
        yield None
    elif str(body) == "-":
        yield sys.stdin.buffer.read()  # As a whole: the length of a pipe is not known, and gateways ask for it.
    else:
        try:
            file = body.open("rb")
        except OSError as error:
            raise Failure(f"--input {body} cannot be read: {error.strerror}", WRONG_USAGE) from None
        with file:
            yield file
