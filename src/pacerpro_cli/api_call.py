"""A call to any path of the service, with the session's token: `pacerpro api`."""

import re
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import httpx

from pacerpro_cli.failures import WRONG_USAGE, Failure
from pacerpro_client import Client, SessionAuth


def call(
    auth: SessionAuth, path: str, *, method: str | None, fields: Sequence[str], body: Path | None, include: bool
) -> None:
    """Send a request, and write the answer to standard output as it comes.

    Raises:
        Failure: The answer is an error, or the request cannot be made.
    """
    if "://" in path:
        raise Failure(f"{path} is a URL: give the path below the service's base URL, such as /matters", WRONG_USAGE)
    for each in fields:
        if not re.match("[^=]+=", each):
            raise Failure(f"-f takes KEY=VALUE, not {each.partition('=')[0]!r}", WRONG_USAGE)
    values = dict(each.split("=", 1) for each in fields)
    method = (method or ("POST" if values or body else "GET")).upper()
    if not re.fullmatch("[A-Z-]+", method):
        raise Failure(f"{method} is not an HTTP method", WRONG_USAGE)
    request: dict[str, Any] = {"headers": {"Accept": "application/json, */*;q=0.8"}}
    in_query = method == "GET" or body is not None
    if values and not in_query:
        request["json"] = values
    if body is not None:
        request["content"] = _content(body)
        request["headers"]["Content-Type"] = "application/json"
    output = sys.stdout.buffer
    with Client(auth=auth) as client:
        # The whole URL: a colon in a path would be read as the end of a scheme.
        url = httpx.URL(f"{client.base_url}/{path.lstrip('/')}")
        if values and in_query:
            url = url.copy_merge_params(values)
        with client.get_httpx_client().stream(method, url, **request) as response:
            headers = "".join(f"{name}: {value}\r\n" for name, value in response.headers.multi_items())
            line = f"{response.http_version} {response.status_code} {response.reason_phrase}"
            head = f"{line}\r\n{headers}\r\n".encode()
            for chunk in chain([head] if include else [], response.iter_bytes()):
                output.write(chunk)
                output.flush()
    if not response.is_success:
        redirect = ", a redirect that is not followed" if response.has_redirect_location else ""
        raise Failure(f"{response.status_code} {response.reason_phrase} from {method} {response.url}{redirect}")


def _content(body: Path) -> bytes:
    """Return a body as a whole: the length of a pipe is not known, and gateways ask for it."""
    if str(body) == "-":
        if sys.stdin is None:
            raise Failure("standard input is closed, and --input - reads the body from it", WRONG_USAGE)
        return sys.stdin.buffer.read()
    try:
        return body.read_bytes()
    except OSError as error:
        raise Failure(f"--input {body} cannot be read: {error.strerror}", WRONG_USAGE) from None
