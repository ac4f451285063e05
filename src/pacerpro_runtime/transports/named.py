"""The faster transports that a client can be given by name, each an extra of the distribution."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

Named = Literal["pyreqwest"]


def check_name(name: str) -> None:
    """Raise an error if no transport of this name can be used.

    Raises:
        ValueError: There is no transport of this name.
        ImportError: Its packages are not installed; the message says what to type.
    """
    if name != "pyreqwest":
        raise ValueError(f"there is no transport called {name!r}; there is 'pyreqwest'")
    if find_spec("pyreqwest") is None:
        raise ImportError(f'the transport {name!r} is not installed: pip install "pacerpro-client[{name}]"')
