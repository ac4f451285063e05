# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""Everything that a call can raise; see ``pacerpro_runtime.errors``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # The same classes, with the contract's type for the body of an error.
    from pacerpro_runtime.errors import ApiError as _ApiError
    from pacerpro_runtime.errors import InsecureUrl, InvalidResponse, PacerProError, SessionExpired

    from . import models as _models

    class ApiError(_ApiError):
        """The server answered, and not with a success."""

        @property
        def parsed(self) -> _models.Error | None:
            """The body as the contract's error model, or None if it is something else, such as a proxy's HTML."""

    class BadRequest(ApiError):
        """400; see ``pacerpro_runtime.errors``."""

    class ContentTooLarge(ApiError):
        """413; see ``pacerpro_runtime.errors``."""

    class Forbidden(ApiError):
        """403; see ``pacerpro_runtime.errors``."""

    class NotFound(ApiError):
        """404; see ``pacerpro_runtime.errors``."""

    class ServerError(ApiError):
        """500 and above; see ``pacerpro_runtime.errors``."""

    class TooManyRequests(ApiError):
        """429; see ``pacerpro_runtime.errors``."""

    class Unauthorized(ApiError):
        """401; see ``pacerpro_runtime.errors``."""

    class UnsupportedMediaType(ApiError):
        """415; see ``pacerpro_runtime.errors``."""

else:
    from pacerpro_runtime.errors import *

__all__ = [
    "ApiError",
    "InsecureUrl",
    "InvalidResponse",
    "PacerProError",
    "SessionExpired",
    "BadRequest",
    "ContentTooLarge",
    "Forbidden",
    "NotFound",
    "ServerError",
    "TooManyRequests",
    "Unauthorized",
    "UnsupportedMediaType",
]
