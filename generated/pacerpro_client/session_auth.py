# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""The auth that logs in by itself, with what the contract says of the life of a session."""

from pacerpro_runtime.session.auth import SessionAuth as _SessionAuth
from pacerpro_runtime.session.lifecycle import Lifecycle

from .api.authentication import session_create, session_delete, session_refresh
from .client import Client
from .models import Session, User

LIFECYCLE = Lifecycle(
    login=session_create.operation,
    refresh=session_refresh.operation,
    logout=session_delete.operation,
    credentials=User,
    identity="email",
    password="password",
    session=Session,
    token="jwt_token",
    expiry="expires_at",
)


class SessionAuth(_SessionAuth[Session]):
    __doc__ = _SessionAuth.__doc__

    client_class = Client
    lifecycle = LIFECYCLE
    email_variable = "PACERPRO_EMAIL"
    password_variable = "PACERPRO_PASSWORD"
