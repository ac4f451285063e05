"""What a call can raise. The HTTP library's own network errors pass through as they are."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import responses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .types import Response

# What gateways call the header; the first that a response has.
_REQUEST_IDS = ("X-Request-Id", "x-amzn-RequestId", "x-amz-apigw-id")


class PacerProError(Exception):
    """The root of all errors of this client."""


class InsecureUrl(PacerProError, ValueError):
    """A secret was not sent, because the URL is neither https nor on this machine (loopback)."""


class SessionExpired(PacerProError):
    """There is no session any more, and nothing to begin another with: log in explicitly."""


class _ResponseError(PacerProError):
    """What an error knows that came with a response."""

    def __init__(self, response: Response[Any], *, method: str, url: str, detail: str) -> None:
        status = f"{response.status_code} {responses.get(response.status_code, '')}".strip()
        super().__init__(f"{status} from {method} {url}: {detail}")
        self.response = response
        """The response, with a short repr, so that the exception's ``__dict__`` shows no body."""
        self.method = method
        """The request's method."""
        self.url = url
        """The request's URL."""
        self.request_id = next((response.headers[name] for name in _REQUEST_IDS if name in response.headers), None)
        """What the server calls the request, for its support; None if it does not say."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).__new__, (type(self), *self.args), vars(self)

    @property
    def status_code(self) -> int:
        """The HTTP status code, whatever its value."""
        return self.response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """The response's headers; names are not case-sensitive. Empty in a copy that was pickled."""
        return self.response.headers

    @property
    def content(self) -> bytes:
        """The response's body. Empty in a copy that was pickled."""
        return self.response.content


class InvalidResponse(_ResponseError):
    """The server reports success, with a status or a body that the contract does not allow."""


class ApiError(_ResponseError):
    """The server answered, and not with a success."""

    def __init__(self, response: Response[Any], *, retry_after: float | None = None, **known: Any) -> None:
        super().__init__(response, **known)
        self.retry_after = retry_after
        """How many seconds the server asks to wait, or None if it does not say (RFC 9110, section 10.2.3)."""

    @property
    def parsed(self) -> Any:
        """The body as the contract's error model, or None where it is something else, such as a proxy's HTML."""
        return self.response.parsed


class BadRequest(ApiError):
    """400: the server cannot read the request."""


class Unauthorized(ApiError):
    """401: the credentials are wrong, or the token is absent, expired or revoked."""


class Forbidden(ApiError):
    """403: the server understood, and refuses."""


class NotFound(ApiError):
    """404: there is nothing at this path."""


class ContentTooLarge(ApiError):
    """413: the request's body is larger than the server takes."""


class UnsupportedMediaType(ApiError):
    """415: the server does not take bodies of this media type."""


class TooManyRequests(ApiError):
    """429: too many calls in too short a time; ``retry_after`` says how many seconds to wait, where it is known."""


class ServerError(ApiError):
    """500 and above: the service, or a gateway in front of it, failed."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    413: ContentTooLarge,
    415: UnsupportedMediaType,
    429: TooManyRequests,
}


def error_class(status_code: int) -> type[ApiError]:
    """Return the class that stands for a status code."""
    return _BY_STATUS.get(status_code) or (ServerError if status_code >= 500 else ApiError)
