"""Which certificates the client trusts, read once for all clients that trust the same."""

from __future__ import annotations

import os
import ssl
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pacerpro_runtime._http import httpx

Verify = ssl.SSLContext | str | os.PathLike[str] | bool
"""True for the usual authorities, False to check nothing, the path of a CA file or folder, or a context."""


def tls_context(verify: Verify) -> ssl.SSLContext:
    """Return the TLS context for a ``verify`` setting.

    Contexts are cached by path, modification time and size, so a CA file that is replaced is read again. The usual
    authorities are those of ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``, if set.

    Raises:
        ValueError: The path does not exist, or holds no certificates.
    """
    if isinstance(verify, ssl.SSLContext):
        return verify
    if not isinstance(verify, bool):
        return _trusting(os.fspath(verify))
    if verify and (path := os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")):
        return _trusting(path)
    return _usual() if verify else httpx.create_ssl_context(verify=False)


def check_verify(verify: Verify) -> None:
    """Raise an error if this is no ``verify`` setting, or if its certificates cannot be read.

    Raises:
        TypeError: It is something else.
        ValueError: The path does not exist, or holds no certificates.
    """
    given: Any = verify
    if not isinstance(given, bool | str | os.PathLike | ssl.SSLContext):
        raise TypeError(f"verify is True, False, a path or an ssl.SSLContext, not {type(verify).__name__}")
    if not isinstance(verify, bool):
        tls_context(verify)


def is_file(verify: Verify) -> bool:
    """Tell whether this is the path of a file."""
    return isinstance(verify, str | os.PathLike) and Path(verify).is_file()


def _trusting(path: str) -> ssl.SSLContext:
    try:
        stat = Path(path).stat()
        return _read(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:  # ssl.SSLError is one.
        raise ValueError(f"cannot read CA certificates from {path}: {error.strerror or error}") from None


@lru_cache(maxsize=16)
def _read(path: str, _modified: int, _size: int) -> ssl.SSLContext:
    if Path(path).is_dir():
        return ssl.create_default_context(capath=path)
    return ssl.create_default_context(cafile=path)


@cache
def _usual() -> ssl.SSLContext:
    # Reading the authorities' certificates takes longer than a call.
    return httpx.create_ssl_context(trust_env=False)
