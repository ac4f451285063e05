# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""The auth that logs in by itself, with what the contract says of the life of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacerpro_runtime.session.auth import SessionAuth as _SessionAuth
from pacerpro_runtime.session.lifecycle import Lifecycle

from .client import Client

if TYPE_CHECKING:
    from .models import Session  # noqa: F401  # Named in the base class.


class SessionAuth(_SessionAuth["Session"]):
    __doc__ = _SessionAuth.__doc__

    client_class = Client
    email_variable = "PACERPRO_EMAIL"
    password_variable = "PACERPRO_PASSWORD"

    @classmethod
    def lifecycle(cls) -> Lifecycle:
        """Return what the contract says of the life of a session."""
        # Imported when an auth is made: a program that makes none starts sooner.
        from . import models
        from .api.authentication import session_create, session_delete, session_refresh

        return Lifecycle(
            login=session_create.operation,
            refresh=session_refresh.operation,
            logout=session_delete.operation,
            credentials=models.User,
            identity="email",
            password="password",
            session=models.Session,
            token="jwt_token",
            expiry="expires_at",
        )
