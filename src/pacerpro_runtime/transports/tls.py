"""Which certificates the client trusts, read once for all clients that trust the same."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path

from pacerpro_runtime._http import httpx

Verify = ssl.SSLContext | str | os.PathLike[str] | bool
"""True for the usual authorities, False to check nothing, the path of a CA file or folder, or a context."""


def tls_context(verify: Verify) -> ssl.SSLContext:
    """Return the TLS context for a ``verify`` setting.

    Contexts are cached by path, modification time and size, so a CA file that is replaced is read again. The usual
    authorities are those of ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``, if set.
    """
    if isinstance(verify, ssl.SSLContext):
        return verify
    if verify is True:
        verify = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or True
    if isinstance(verify, bool):
        return _context(verify)
    try:
        stat = Path(verify).stat()
        return _context(os.fspath(verify), stat.st_mtime_ns, stat.st_size)
    except OSError as error:  # ssl.SSLError is one.
        raise ValueError(f"cannot read CA certificates from {verify}: {error.strerror or error}") from None


def is_file(verify: Verify) -> bool:
    """Tell whether this is the path of a file."""
    return isinstance(verify, str | os.PathLike) and Path(verify).is_file()


# Reading the authorities' certificates takes longer than a call.
@lru_cache(maxsize=16)
def _context(verify: str | bool, *_version: int) -> ssl.SSLContext:  # noqa: FBT001 - the cache is by position
    if isinstance(verify, bool):
        return httpx.create_ssl_context(verify=verify, trust_env=False)
    if Path(verify).is_dir():
        return ssl.create_default_context(capath=verify)
    return ssl.create_default_context(cafile=verify)
