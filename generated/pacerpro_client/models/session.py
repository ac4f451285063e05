# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
from __future__ import annotations

import datetime
from typing import Any

from attrs import define, field
from pacerpro_runtime.wire.model import Model, masked


@define(kw_only=True)
class Session(Model):
    """A session is a token and the time at which the token expires.

    Attributes:
        jwt_token: The JSON Web Token that the server issued. Treat it like a password. ``jwtToken`` in the contract; set
            by the server.
        expires_at: When the token expires, in ISO 8601; the same instant as the token's `exp` claim. ``expiresAt`` in the
            contract; format date-time; set by the server; for example ``2030-01-01T12:00:00Z``.
    """

    jwt_token: str = field(repr=masked, metadata={"name": "jwtToken"})
    """The JSON Web Token that the server issued. Treat it like a password. ``jwtToken`` in the contract; set by the
    server."""
    expires_at: datetime.datetime = field(metadata={"name": "expiresAt"})
    """When the token expires, in ISO 8601; the same instant as the token's `exp` claim. ``expiresAt`` in the
    contract; format date-time; set by the server; for example ``2030-01-01T12:00:00Z``."""
    additional_properties: dict[str, Any] = field(init=False, factory=dict[str, Any], repr=False)
