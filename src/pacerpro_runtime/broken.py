"""Why an auth flow has ended before its end."""

from __future__ import annotations

from contextlib import suppress

from ._http import httpx
from .session_request import without_body


class Broken(BaseException):
    """What ends the steps of a session before their end, with what may be the reason.

    No ``GeneratorExit``, which a generator does not hand on to those that it has delegated to.

    Args:
        error: The error that is on its way: one of the network or of an event hook, a cancellation, or an older one
            that has nothing to do with the request. None where there is none.
    """

    def __init__(self, error: BaseException | None) -> None:
        self.reason = "its caller is gone" if error is None else type(error).__name__
        self._errors: list[BaseException] = []
        while error is not None and error not in self._errors:
            self._errors.append(error)
            error = error.__cause__ or error.__context__

    def answer_to(self, request: httpx.Request, header: str | None = None) -> httpx.Response | None:
        """Return the response of which a hook has made the error.

        Args:
            request: What it has to answer.
            header: The value of ``Authorization`` by which it may be told as well, if redirects have led to another.
        """
        for error in self._errors:
            response = getattr(error, "response", None)
            if not isinstance(response, httpx.Response):
                continue
            answered = _request_of(response)
            if answered is request or (answered is not None and _has(answered, header)):
                return _read(response)
        return None

    def forget(self, header: str) -> None:
        """Take a token out of the requests that the errors hold on to: those that redirects have led to."""
        for error in self._errors:
            for holder in (error, getattr(error, "response", None)):
                request = _request_of(holder)
                if request is not None and _has(request, header):
                    del request.headers["Authorization"]


def _request_of(holder: object) -> httpx.Request | None:
    with suppress(RuntimeError):  # An error or a response may have none.
        request = getattr(holder, "request", None)
        return request if isinstance(request, httpx.Request) else None
    return None


def _has(request: httpx.Request, header: str | None) -> bool:
    return header is not None and request.headers.get("Authorization") == header


def _read(response: httpx.Response) -> httpx.Response:
    with suppress(httpx.ResponseNotRead):
        response.content  # noqa: B018  # It raises the error.
        return response
    return without_body(response.status_code, response.headers, response.request)
