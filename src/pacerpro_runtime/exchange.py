"""One call: its request, its attempts and its result, without the sending and the waiting."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._http import httpx
from .errors import ApiError, InvalidResponse, error_class
from .log import logger
from .operation import Operation, Parse, Received, as_nothing, documented
from .request import as_model, build_request
from .retries import chain_of, request_of, retry_after, usual_retry
from .types import UNSET, File, FileStream, Response
from .wire.decode import tell_once
from .wire.json_types import Mismatch, is_object, parse_json
from .wire.masking import without_secrets
from .wire.model import Model, secrets_of

if TYPE_CHECKING:
    from .retries import Retry

T = TypeVar("T")
E = TypeVar("E", InvalidResponse, ApiError)

_LONGEST_DETAIL = 300  # characters of what a server says, in the text of an error
_REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110, section 15.4; 300 and 304 lead nowhere.
# The request has not left this machine when one of these is raised.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Exchange(Generic[T]):
    """One call: its request, its attempts, and what the last response means."""

    request: httpx.Request
    response: httpx.Response  # The last one.

    def __init__(
        self, operation: Operation[T], arguments: dict[str, Any], retries: int | Retry, *, strict: bool
    ) -> None:
        # Taken out first: error trackers show locals, and a dict in them shows its secrets.
        try:
            self._body = as_model(operation, arguments.pop("body", UNSET))
        except ValueError as error:
            forget_frames(error)
            raise
        self._arguments = arguments
        self._operation = operation
        self._strict = strict
        self._retry = retries
        self._own_retry = not isinstance(retries, int)
        self._may_have_happened = False  # In an attempt that failed.

    def begin(self, http: Any, base_url: str) -> httpx.Request:
        """Make the request."""
        self.request = build_request(http, base_url, self._operation, self._body, self._arguments)
        return self.request

    def pause_after(self, outcome: httpx.Response | httpx.RequestError | ApiError) -> float | None:
        """Return the seconds to wait before the next attempt, or None if there is none."""
        if isinstance(outcome, httpx.Response) and outcome.is_success and not self._own_retry:
            return None  # The usual case needs no library.
        request, asked = self.request, None
        retry = usual_retry(self._retry) if isinstance(self._retry, int) else self._retry
        if isinstance(outcome, httpx.RequestError):
            # The server's certificate would be the same again.
            is_untrusted = any(isinstance(each, ssl.SSLCertVerificationError) for each in chain_of(outcome))
            passing = retry.is_retryable_exception(outcome) and not is_untrusted
            # Another request is one of the auth, which comes before the call itself, as an `ApiError` does.
            sent = request_of(outcome) in (None, request) and not isinstance(outcome, _UNSENT)
        else:
            # Never 401, whatever the policy says: the same credentials again may lock the account.
            passing = outcome.status_code != 401 and retry.is_retryable_status_code(outcome.status_code)
            # With 429 a gateway says that it did not pass the request on. (503 may come from behind it.)
            sent = isinstance(outcome, httpx.Response) and outcome.status_code != 429
            asked = retry_after(outcome) if isinstance(outcome, httpx.Response) else outcome.retry_after
        harmless = self._operation.repeatable or not sent
        if retry.allowed_methods != retry.RETRYABLE_METHODS:  # The default is a guess, and the contract knows.
            harmless = retry.is_retryable_method(request.method)
        pause = self._pause(retry, asked) if passing and harmless and not retry.is_exhausted() else None
        if pause is not None:
            self._may_have_happened |= sent
            why = getattr(outcome, "status_code", type(outcome).__name__)
            logger.info("%s %s: %s, next try in %.1f s", request.method, request.url, why, pause)
        return pause

    def _pause(self, retry: Retry, asked: float | None) -> float | None:
        stream: Any = self.request.stream
        if not isinstance(stream, httpx.ByteStream) and getattr(stream, "length", None) is None:
            return None  # It can be read only once.
        attempt = retry.increment()
        seconds = attempt.backoff_strategy()
        # As the library does, a `Retry` passes over 0.
        if asked is not None and retry.respect_retry_after_header and (asked or not self._own_retry):
            seconds = min(asked, retry.max_backoff_wait) if self._own_retry else asked
        left = threading.TIMEOUT_MAX if retry.total_timeout is None else retry.total_timeout - retry.elapsed_sleep
        seconds = min(seconds, max(left, 0.0)) if self._own_retry else seconds
        if seconds > left:
            return None
        attempt.elapsed_sleep += seconds
        self._retry = attempt
        return seconds

    def result(self) -> Response[T]:
        """Return what the last response means."""
        response, status_code = self.response, self.response.status_code
        if self._may_have_happened and status_code in self._operation.already_done:
            done = next(iter(self._operation.success.values()))
            with suppress(ValueError):  # A success that has something to say cannot be made up: then it is an error.
                return Response(status_code, response.headers, response.content, done(Received(b"{}", {})))
        if not self._is_success:
            raise self._error()
        received = Received(response.content, response.headers, self._strict)
        return Response(status_code, response.headers, response.content, self._meaning(received))

    @property
    def is_file(self) -> bool:
        """Whether the last response is a file, which may be read as it comes."""
        nothing = Received(b"", self.response.headers, self._strict)
        try:
            return self._is_success and isinstance(self._meaning(nothing), File)
        except InvalidResponse:  # JSON, for example: an empty body is none.
            return False

    def download(self) -> FileStream:
        """Return the last response as a file that is being received, or raise an error, as :meth:`result` does."""
        if self.is_file:
            return FileStream(self.response)
        parsed, detail = self.result().parsed, "it is no file: call sync or asyncio to get it"
        raise self._made(InvalidResponse, self.response.content, parsed, detail)

    def expose(self, error: httpx.RequestError | ApiError) -> None:
        """Add method and URL to the text of a network error, and take headers and body out of it."""
        forget_frames(error)
        if isinstance(error, httpx.RequestError):
            request = request_of(error) or self.request
            error.request = httpx.Request(request.method, request.url)  # A pickle of the error holds it.
            where = f"({request.method} {request.url})"
            if where not in str(error):
                # Over trio, only a cause says what is wrong.
                said = next((str(each) for each in chain_of(error) if str(each)), "no reason")
                error.args = (f"{said} {where}",)

    @property
    def _is_success(self) -> bool:
        known, status_code = self._operation.success, self.response.status_code
        return self.response.is_success or (300 <= status_code < 400 and bool({status_code, "3XX"} & known.keys()))

    def _meaning(self, received: Received) -> Any:
        """Return what the body of a success means: as documented, or else as any success that it fits."""
        known, status_code = self._operation.success, self.response.status_code
        parse, detail = documented(known, status_code), "the contract does not know this status"
        if parse is None and not self._strict:
            tell_once(f"status {status_code} of {self._operation.method} {self._operation.path}")
        for each in [parse] if parse else [] if self._strict else known.values():
            try:
                return each(received)
            except ValueError as error:
                if parse is not None:
                    detail = f"not what the contract says: {error}"
        # Raised out here: an error of the parser holds the body, and would stay attached as the context.
        raise self._made(InvalidResponse, received.content, None, detail)

    def _error(self) -> ApiError:
        response, status_code = self.response, self.response.status_code
        token = self.request.headers.get("Authorization", "").rpartition(" ")[2]  # Behind the word for the scheme.
        names = {name.lower() for name in self._body.to_dict()} if isinstance(self._body, Model) else set[str]()
        content = without_secrets(response.content, [*secrets_of(self._body), token], names)
        # A status that the contract does not know most likely has the body that errors have.
        known = self._operation.errors
        parse = documented(known, status_code) or next(iter(known.values()), as_nothing)
        parsed, detail = _parsed(parse, Received(content, response.headers, self._strict)), ""
        if status_code in _REDIRECTS:
            detail = "a redirect, which is not followed, so that no secret goes astray"
        elif parsed.to_dict() if isinstance(parsed, Model) else parsed is not None:
            detail = " ".join(str(parsed).split())[:_LONGEST_DETAIL]
        elif content:
            detail = f"{len(content)} bytes of {response.headers.get('Content-Type', 'unknown type')}"
        if status_code == 401 and self._operation.secured and not token:
            detail += " (no token was sent: give the client an auth)"
        # What a server says must not steer a terminal, and every stream has to take it.
        detail = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in detail) or "no explanation"
        return self._made(error_class(status_code), content, parsed, detail, retry_after=retry_after(response))

    def _made(self, kind: type[E], content: bytes, parsed: Any, detail: str, **more: Any) -> E:
        """Return an error with the last response."""
        response = Response(self.response.status_code, self.response.headers, content, parsed)
        return kind(response, method=self.request.method, url=str(self.request.url), detail=detail, **more)


def forget_frames(error: BaseException) -> None:
    """Drop the frames of an error and its causes: their locals hold headers and bodies, which error trackers show."""
    for each in chain_of(error):
        each.__traceback__ = None


def _parsed(parse: Parse, received: Received) -> Any:
    """Return what an error's body says. A property that the contract does not allow takes no other away."""
    while True:
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
