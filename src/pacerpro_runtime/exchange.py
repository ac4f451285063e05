"""One call from its first attempt to its result: the decisions, without the sending and the waiting.

The synchronous and the asynchronous client both drive an :class:`Exchange`, so that they cannot differ.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any, Generic, TypeVar

from . import retries
from ._http import httpx
from .errors import ApiError, InvalidResponse, error_class
from .log import logger
from .operation import Operation, Parse, Received, documented
from .request import as_model, build_request, request_parts
from .transfer import FileStream
from .types import UNSET, File, Response
from .wire.decode import tell_once
from .wire.json_types import Mismatch, is_object, parse_json
from .wire.masking import without_secrets
from .wire.model import Model, secrets_of

T = TypeVar("T")

_LONGEST_DETAIL = 300  # characters of what a server says, in the text of an error
_REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110, section 15.4; 300 and 304 lead nowhere.


class Exchange(Generic[T]):
    """The attempts at one call.

    After each attempt tell it what came, with :meth:`answered` or :meth:`failed`. If there is a ``pause`` then, wait so
    many seconds and send the request again.
    """

    errors = (httpx.RequestError, ApiError)
    """What an attempt may raise that :meth:`failed` takes."""
    response: httpx.Response
    """The last response."""
    pause: float = 0
    """The seconds to wait before the next attempt."""

    def __init__(
        self,
        connect: Callable[[], httpx.Client | httpx.AsyncClient],
        base_url: str,
        operation: Operation[T],
        arguments: dict[str, Any],
        policy: retries.Policy,
        *,
        strict: bool,
    ) -> None:
        # Taken out first: error trackers show locals, and a dict in them shows its secrets.
        try:
            self._body = as_model(operation, arguments.pop("body", UNSET))
        except ValueError as error:
            _forget_frames(error)
            raise
        self.http: Any = connect()
        self.request = build_request(self.http, request_parts(base_url, operation, self._body, arguments))
        self.auth = httpx.USE_CLIENT_DEFAULT if operation.secured else None
        self._operation = operation
        self._policy = policy
        self._strict = strict
        self._may_have_happened = False

    def failed(self, error: httpx.RequestError | ApiError) -> None:
        """Take the error of an attempt, and raise it if there is no other attempt.

        An ``ApiError`` and an error of another request come from the auth, which sends them before the call itself.
        """
        if isinstance(error, ApiError):
            passing, asked, sent = self._is_passing(error.status_code), error.retry_after, False
        else:
            own = _request_of(error) in (None, self.request)
            self.expose(error)
            passing = self._retry.is_retryable_exception(error) and not retries.is_untrusted(error)
            asked, sent = None, own and not isinstance(error, retries.UNSENT)
        if not passing or not self._is_repeated(asked, type(error).__name__, sent=sent):
            _forget_frames(error)
            raise error

    def answered(self, response: httpx.Response) -> bool:
        """Take the response to an attempt, and tell whether it is the last."""
        self.response, status_code = response, response.status_code
        if (response.is_success and not self._policy.own) or not self._is_passing(status_code):
            return True
        sent = status_code != retries.TURNED_AWAY
        return not self._is_repeated(retries.retry_after(response), str(status_code), sent=sent)

    def result(self) -> Response[T]:
        """Return what the last response means."""
        response = self.response
        status_code = response.status_code
        if self._may_have_happened and status_code in self._operation.already_done:
            done = next(iter(self._operation.success.values()))
            with suppress(ValueError):  # A success that has something to say cannot be made up: then it is an error.
                return Response(status_code, response.headers, response.content, done(Received(b"{}", {})))
        parsers = self._parsers()
        if parsers is None:
            raise self._error()
        received = Received(response.content, response.headers, self._strict)
        detail = "the contract does not know this status"
        for parse in parsers:
            try:
                return Response(status_code, response.headers, response.content, parse(received))
            except ValueError as error:
                if documented(self._operation.success, status_code):
                    detail = f"not what the contract says: {error}"
        # Raised out here: an error of the parser holds the body, and would stay attached as the context.
        bare = Response(status_code, response.headers, response.content, None)
        raise self._invalid(bare, detail)

    @property
    def is_file(self) -> bool:
        """Whether the last response is a file, which may be read as it comes."""
        nothing, found = Received(b"", self.response.headers), list[Any]()
        for parse in self._parsers() or ():
            with suppress(ValueError):  # Of JSON, for example: an empty body is none.
                found.append(parse(nothing))
        return any(isinstance(each, File) for each in found)

    def download(self) -> FileStream:
        """Return the last response as a file that is being received, or raise what :meth:`result` raises.

        Raises:
            InvalidResponse: It is a success, and no file.
        """
        if self.is_file:
            return FileStream(self.response)
        raise self._invalid(self.result(), "it is no file: call sync or asyncio to get it")

    def _parsers(self) -> list[Parse] | None:
        """Return what may read a success: what is documented, or else what reads the others; None for a failure."""
        known, status_code = self._operation.success, self.response.status_code
        parse = documented(known, status_code)
        redirect = 300 <= status_code < 400 and (status_code in known or "3XX" in known)
        if not self.response.is_success and not redirect:
            return None
        if parse is not None or self._strict:
            return [parse] if parse is not None else []
        tell_once(f"status {status_code} of {self._operation.method} {self._operation.path}")
        return list(known.values())

    def expose(self, error: httpx.RequestError) -> None:
        """Add method and URL to the text of a network error, and take its headers and body out of it."""
        request = _request_of(error) or self.request
        error.request = httpx.Request(request.method, request.url)  # A pickle of the error holds it.
        where = f"({request.method} {request.url})"
        if where not in str(error):
            # Over trio, only a cause says what is wrong.
            said = next((str(each) for each in retries.chain_of(error) if str(each)), "no reason")
            error.args = (f"{said} {where}",)
        _forget_frames(error)

    @cached_property
    def _retry(self) -> retries.Retry:
        return self._policy.start()

    def _is_passing(self, status_code: int) -> bool:
        # Never 401, whatever a caller's own policy says: the same credentials again may lock the account.
        return status_code != 401 and self._retry.is_retryable_status_code(status_code)

    def _is_repeated(self, asked: float | None, why: str, *, sent: bool) -> bool:
        """Tell whether there is another attempt, and set the pause before it."""
        stream = self.request.stream
        replayable = isinstance(stream, httpx.ByteStream) or getattr(stream, "length", None) is not None
        harmless = self._operation.repeatable or not sent
        found = self._policy.next(self._retry, self.request.method, asked, harmless=harmless) if replayable else None
        if found is None:
            return False
        self._retry, self.pause = found
        self._may_have_happened |= sent
        logger.info("%s %s: %s, next try in %.1f s", self.request.method, self.request.url, why, self.pause)
        return True

    def _invalid(self, response: Response[Any], detail: str) -> InvalidResponse:
        return InvalidResponse(response, method=self.request.method, url=str(self.request.url), detail=detail)

    def _error(self) -> ApiError:
        response, status_code = self.response, self.response.status_code
        token = self.request.headers.get("Authorization", "").rpartition(" ")[2]  # Behind the word for the scheme.
        names = {name.lower() for name in self._body.to_dict()} if isinstance(self._body, Model) else set[str]()
        content = without_secrets(response.content, [*secrets_of(self._body), token], names)
        known = self._operation.errors
        # A status that the contract does not know most likely has the body that errors have.
        parse = documented(known, status_code) or next(iter(known.values()), None)
        parsed, detail = _parsed(parse, Received(content, response.headers, self._strict)), ""
        if status_code in _REDIRECTS:
            detail = "a redirect, which is not followed, so that no secret goes astray"
        elif parsed.to_dict() if isinstance(parsed, Model) else parsed is not None:
            detail = " ".join(str(parsed).split())[:_LONGEST_DETAIL]
        elif content:
            detail = f"{len(content)} bytes of {response.headers.get('Content-Type', 'unknown type')}"
        if status_code == 401 and self._operation.secured and not token:
            detail += " (no token was sent: give the client an auth)"
        return error_class(status_code)(
            Response(status_code, response.headers, content, parsed),
            method=self.request.method,
            url=str(self.request.url),
            # What a server says must not steer a terminal, and every stream has to take it.
            detail="".join(each if each.isprintable() else ascii(each)[1:-1] for each in detail) or "no explanation",
            retry_after=retries.retry_after(response),
        )


def _request_of(error: httpx.RequestError) -> httpx.Request | None:
    try:
        return error.request
    except RuntimeError:
        return None  # Raised by an auth of the caller's own, for example.


def _forget_frames(error: BaseException) -> None:
    """Drop the frames of an error and its causes: their locals hold headers and bodies, which error trackers show."""
    for each in retries.chain_of(error):
        each.__traceback__ = None


def _parsed(parse: Parse | None, received: Received) -> Any:
    """Return what an error's body says. A property that the contract does not allow takes no other away."""
    while parse is not None:
        try:
            return parse(received)
        except Mismatch as mismatch:
            document = parse_json(received.content)
            name = mismatch.pointer[1:].partition("/")[0].replace("~1", "/").replace("~0", "~")
            if not is_object(document) or document.pop(name, mismatch) is mismatch:
                return None
            received = received._replace(content=json.dumps(document).encode())
        except ValueError:
            return None  # HTML of a proxy, for example: the error keeps the content.
    return None
