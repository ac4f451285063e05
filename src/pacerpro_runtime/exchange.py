"""One call from its first attempt to its result: the decisions, without the sending and the waiting.

The synchronous and the asynchronous client both drive an :class:`Exchange`, so that they cannot differ.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Generic, TypeVar

from attrs import evolve

from . import retries
from ._http import httpx
from .errors import ApiError, InvalidResponse, error_class
from .log import logger
from .operation import Operation, Parse, Received, documented
from .request import REPLAYABLE
from .transfer import FileStream
from .types import Response
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

    def __init__(
        self,
        operation: Operation[T],
        request: httpx.Request,
        body: Any,
        policy: retries.Policy,
        *,
        strict: bool = False,
    ) -> None:
        self.strict = strict
        self.request = request
        self.auth = httpx.USE_CLIENT_DEFAULT if operation.secured else None
        self.pause: float | None = None
        self._response: httpx.Response | None = None
        self._operation = operation
        self._policy = policy
        self._count: retries.Retry | None = None
        self._body = body
        self._may_have_happened = False

    def failed(self, error: httpx.RequestError | ApiError) -> None:
        """Take the error of an attempt, and raise it if there is no other attempt.

        An ``ApiError`` and an error of another request come from the auth, which sends them before the call itself.
        """
        if isinstance(error, ApiError):
            passing, asked, sent = self._is_passing(error.status_code), error.retry_after, False
        else:
            request = _request_of(error) or self.request
            # Without headers and body, so that a pickle of the error holds no secret.
            error.request = httpx.Request(request.method, request.url)
            passing = self._retry.is_retryable_exception(error) and not retries.is_untrusted(error)
            asked, sent = None, request is self.request and not isinstance(error, retries.UNSENT)
        self.pause = self._next(asked, type(error).__name__, sent=sent) if passing else None
        if self.pause is None:
            if not isinstance(error, ApiError):
                _tell_url(error)
            _forget_frames(error)
            raise error

    def answered(self, response: httpx.Response) -> None:
        """Take the response to an attempt."""
        self._response, self.pause = response, None
        status_code = response.status_code
        if (self._policy.own or not response.is_success) and self._is_passing(status_code):
            sent = status_code not in retries.TURNED_AWAY
            self.pause = self._next(retries.retry_after(response), str(status_code), sent=sent)

    def result(self) -> Response[T]:
        """Return what the last response means.

        Raises:
            ApiError: It is no success.
            InvalidResponse: It is a success that the contract does not allow.
        """
        response = self.response
        status_code = response.status_code
        if self._may_have_happened and status_code in self._operation.already_done:
            done = next(iter(self._operation.success.values()))
            with suppress(ValueError):  # A success that has something to say cannot be made up: then it is an error.
                return Response(status_code, response.headers, response.content, done(Received(b"{}")))
        parsers = self._success_parsers(response)
        if parsers is None:
            raise self._error(response)
        received = Received(response.content, response.headers, self.strict)
        detail = "the contract does not know this status"
        for parse in parsers:
            try:
                return Response(status_code, response.headers, response.content, parse(received))
            except ValueError as error:
                if documented(self._operation.success, status_code):
                    detail = f"not what the contract says: {error}"
        # Raised out here: an error of the parser holds the body, and would stay attached as the context.
        raise InvalidResponse(
            Response(status_code, response.headers, response.content, None),
            method=self.request.method,
            url=str(self.request.url),
            detail=detail,
        )

    @property
    def response(self) -> httpx.Response:
        """The last response."""
        assert self._response is not None  # noqa: S101  # Asked for after an answer.
        return self._response

    @property
    def is_success(self) -> bool:
        """Whether the last response is a success, whose body may be read as it comes."""
        return bool(self._success_parsers(self.response))

    def download(self) -> FileStream:
        """Return the last response as a file that is being received."""
        return FileStream(self.response)

    def interrupted(self, error: httpx.RequestError) -> None:
        """Take out of an error what must not be in it, if a body breaks off while it is read."""
        error.request = httpx.Request(self.request.method, self.request.url)
        _tell_url(error)
        _forget_frames(error)

    def _success_parsers(self, response: httpx.Response) -> list[Parse] | None:
        """Return what may read a success: what is documented, or else what reads the others; None for a failure."""
        known = self._operation.success
        parse = documented(known, response.status_code)
        redirect = response.status_code in known or f"{response.status_code // 100}XX" in known
        if not response.is_success and not (300 <= response.status_code < 400 and redirect):
            return None
        if parse is not None or self.strict:
            return [parse] if parse is not None else []
        tell_once(f"status {response.status_code} of {self._operation.method} {self._operation.path}")
        return list(known.values())

    @property
    def _retry(self) -> retries.Retry:
        if self._count is None:
            self._count = self._policy.start()
        return self._count

    def _is_passing(self, status_code: int) -> bool:
        # Never 401, whatever a caller's own policy says: the same credentials again may lock the account.
        return status_code != 401 and self._retry.is_retryable_status_code(status_code)

    def _next(self, asked: float | None, why: str, *, sent: bool) -> float | None:
        """Return the seconds to wait before the next attempt, or None if there is none."""
        replayable = isinstance(self.request.stream, httpx.ByteStream) or self.request.extensions.get(REPLAYABLE)
        harmless = self._operation.repeatable or not sent
        if not replayable or not self._policy.may_repeat(self._retry, self.request.method, harmless=harmless):
            return None
        attempt = self._retry.increment()
        seconds = self._policy.delay(attempt, asked)
        if seconds is not None:
            attempt.elapsed_sleep += seconds
            self._count = attempt
            self._may_have_happened |= sent
            logger.info("%s %s: %s, next try in %.1f s", self.request.method, self.request.url, why, seconds)
        return seconds

    def _error(self, response: httpx.Response) -> Exception:
        names = {name.lower() for name in self._body.to_dict()} if isinstance(self._body, Model) else set[str]()
        content = without_secrets(response.content, self._secrets(), names)
        received = Received(content, response.headers, self.strict)
        parsed, detail = _parsed(self._error_parse(response.status_code), received), ""
        if parsed.to_dict() if isinstance(parsed, Model) else parsed is not None:
            detail = " ".join(str(parsed).split())[:_LONGEST_DETAIL]
        elif content:
            detail = f"{len(content)} bytes of {response.headers.get('Content-Type', 'unknown type')}"
        if response.status_code in _REDIRECTS:
            detail = "a redirect, which is not followed, so that no secret goes astray"
        elif response.status_code == 401 and self._operation.secured and "Authorization" not in self.request.headers:
            detail += " (no token was sent: give the client an auth)"
        return error_class(response.status_code)(
            Response(response.status_code, response.headers, content, parsed),
            method=self.request.method,
            url=str(self.request.url),
            # What a server says must not steer a terminal, and every stream has to take it.
            detail="".join(each if each.isprintable() else ascii(each)[1:-1] for each in detail) or "no explanation",
            retry_after=retries.retry_after(response),
        )

    def _secrets(self) -> list[str]:
        token = self.request.headers.get("Authorization", "").rpartition(" ")[2]  # Behind the word for the scheme.
        return [secret for secret in (*secrets_of(self._body), token) if secret]

    def _error_parse(self, status_code: int) -> Parse | None:
        known = self._operation.errors
        # A status that the contract does not know most likely has the body that errors have.
        return documented(known, status_code) or next(iter(known.values()), None)


def as_model(operation: Operation[Any], body: Any) -> Any:
    """Return a body that is given as a dict as the model that it stands for: the model knows what is secret.

    Raises:
        ValueError: The contract does not allow it. The message says where, and does not show the value.
    """
    if is_object(body):
        models = (each for each in operation.bodies.values() if isinstance(each, type) and issubclass(each, Model))
        return next((model.from_dict(body) for model in models), body)
    return body


def _request_of(error: httpx.RequestError) -> httpx.Request | None:
    try:
        return error.request
    except RuntimeError:
        return None  # Raised by an auth of the caller's own, for example.


def _tell_url(error: httpx.RequestError) -> None:
    """Add method and URL to the text of an error, which the HTTP library leaves out."""
    where = f"({error.request.method} {error.request.url})"
    if where not in str(error):
        said: BaseException | None = error
        while said is not None and not str(said):  # Over trio, only a cause says what is wrong.
            said = said.__cause__ or said.__context__
        error.args = (f"{said or 'no reason'} {where}",)


def _forget_frames(error: BaseException | None) -> None:
    """Drop the frames of an error and its causes: their locals hold headers and bodies, which error trackers show."""
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def _parsed(parse: Parse | None, received: Received) -> Any:
    """Return what an error's body says. A property that the contract does not allow takes no other away."""
    while parse is not None:
        try:
            return parse(received)
        except Mismatch as mismatch:
            received = evolve(received, content=_without(mismatch.pointer, received.content))
        except ValueError:
            return None  # HTML of a proxy, for example: the error keeps the content.
    return None


def _without(pointer: str, content: bytes) -> bytes:
    """Return an object without the property that a pointer begins with; nothing where it has none."""
    document = parse_json(content)
    name = pointer[1:].partition("/")[0].replace("~1", "/").replace("~0", "~")
    if not is_object(document) or name not in document:
        return b""
    del document[name]
    return json.dumps(document).encode()
