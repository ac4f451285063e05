"""The contract that the mock serves, with the mock in the place of the production service."""

from __future__ import annotations

import functools
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from pacerpro_mock.http.routes import PREFIX

# In the wheel it lies beside this module, in a checkout at the root.
_HERE = Path(__file__).parents[1] / "openapi.yaml"
_CHECKOUT = Path(__file__).parents[3] / "openapi.yaml"

# The key and all that is indented under it.
_SERVERS = re.compile(r"^servers:.*\n(?:[ -].*\n)*", re.MULTILINE)
_THIS_ONE = f"servers:\n  - url: {PREFIX}\n    description: This mock.\n"


@functools.cache
def as_yaml() -> bytes:
    """The contract as it is written, but for its servers: nobody who reads it here shall call production."""
    return _SERVERS.sub(_THIS_ONE, (_HERE if _HERE.is_file() else _CHECKOUT).read_text("utf-8")).encode()


@functools.cache
def as_json() -> bytes:
    """The same as JSON."""
    return json.dumps(parse(as_yaml()), default=_date, ensure_ascii=False).encode()


def parse(text: bytes) -> Any:
    """The value of a YAML document."""
    # Half of what it takes to start a mock, and few who start one ask for the contract.
    import yaml  # noqa: PLC0415

    return yaml.safe_load(text)


def _date(value: Any) -> str:
    """YAML reads an unquoted date as one."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON")
