# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
from __future__ import annotations

from typing import Any

from attrs import define, field
from pacerpro_runtime.wire.model import Model, masked


@define(kw_only=True)
class User(Model):
    """The credentials with which a user logs in.

    Attributes:
        email: The unique address that identifies the user. Format email; for example ``ada@example.com``.
        password: The user's password. Format password; never answered; for example ``correct horse battery staple``.
    """

    email: str
    """The unique address that identifies the user. Format email; for example ``ada@example.com``."""
    password: str = field(repr=masked)
    """The user's password. Format password; never answered; for example ``correct horse battery staple``."""
    additional_properties: dict[str, Any] = field(init=False, factory=dict[str, Any], repr=False)
