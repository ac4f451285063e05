# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
from __future__ import annotations

from typing import Any

from attrs import define, field
from pacerpro_runtime.wire.model import Model


@define(kw_only=True)
class Empty(Model):
    """An object with no properties."""

    additional_properties: dict[str, Any] = field(init=False, factory=dict[str, Any], repr=False)
