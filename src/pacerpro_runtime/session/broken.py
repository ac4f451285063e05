"""Why an auth flow has ended before its end."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar, cast

from pacerpro_runtime._http import httpx

from .session_request import without_body

P = TypeVar("P")


class Broken(BaseException):
    """What ends the steps of a session before their end, with what may be the reason.

    No ``GeneratorExit``, which a generator does not hand on to those that it has delegated to.

    Args:
        error: The error that is on its way: one of the network or of an event hook, a cancellation, or an older one
            that has nothing to do with the request. None where there is none.
    """

    def __init__(self, error: BaseException | None) -> None:
        self.reason = "its caller is gone" if error is None else type(error).__name__
        self._errors = _with_all_behind(error)

    def answer_to(self, request: httpx.Request, header: str | None = None) -> httpx.Response | None:
        """Return the response of which a hook has made the error.

        Args:
            request: What it has to answer.
            header: The value of ``Authorization`` by which it may be told as well, if redirects have led to another.
        """
        for error in self._errors:
            response = _part(error, "response", httpx.Response)
            answered = _part(response, "request", httpx.Request)
            if response is not None and answered is not None and (answered is request or _has(answered, header)):
                return _read(response)
        return None

    def forget(self, header: str) -> None:
        """Take a token out of the requests that the errors hold on to: those that redirects have led to."""
        for error in self._errors:
            for holder in (error, _part(error, "response", httpx.Response)):
                request = _part(holder, "request", httpx.Request)
                if request is not None and _has(request, header):
                    del request.headers["Authorization"]


def _with_all_behind(error: BaseException | None) -> list[BaseException]:
    """Return an error with its causes, its contexts, and what it groups."""
    found: dict[int, BaseException] = {}
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in found:
            found[id(each)] = each
            waiting += [each.__cause__, each.__context__]
            if isinstance(each, BaseExceptionGroup):
                waiting += cast("BaseExceptionGroup[BaseException]", each).exceptions
    return list(found.values())


def _part(holder: object, name: str, type_: type[P]) -> P | None:
    with suppress(Exception):  # It may be a property, of anybody's class.
        part = getattr(holder, name, None)
        return part if isinstance(part, type_) else None
    return None


def _has(request: httpx.Request, header: str | None) -> bool:
    return header is not None and request.headers.get("Authorization") == header


def _read(response: httpx.Response) -> httpx.Response:
    with suppress(httpx.ResponseNotRead):
        response.content  # noqa: B018  # It raises the error.
        return response
    return without_body(response.status_code, response.headers, response.request)
