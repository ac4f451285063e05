"""The contract that the mock serves, with the mock in the place of the production service."""

from __future__ import annotations

import functools
import json
from datetime import date
from pathlib import Path
from typing import Any

from pacerpro_mock.api import PREFIX

# In the wheel it lies beside this module, in a checkout at the root.
_HERE = Path(__file__).with_name("openapi.yaml")
_CHECKOUT = Path(__file__).parents[2] / "openapi.yaml"


@functools.cache
def as_yaml() -> bytes:
    """The contract as it is written, but for its servers: nobody who reads it here shall call production."""
    text = (_HERE if _HERE.is_file() else _CHECKOUT).read_text("utf-8")
    for server in parse(text)["servers"]:
        text = text.replace(server["url"], PREFIX)
    return text.encode()


@functools.cache
def as_json() -> bytes:
    """The same as JSON."""
    return json.dumps(parse(as_yaml()), default=_date, ensure_ascii=False).encode()


def parse(text: str | bytes) -> Any:
    """The value of a YAML document."""
    # Half of what it takes to start a mock, and few who start one ask for the contract.
    import yaml  # noqa: PLC0415

    return yaml.safe_load(text)


def _date(value: Any) -> str:
    """YAML reads an unquoted date as one."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON")
