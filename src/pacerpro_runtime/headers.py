"""Check headers before the HTTP library does, whose errors show their values."""

from __future__ import annotations

from collections.abc import Mapping

from ._http import httpx


def checked_headers(*several: Mapping[str, str] | None) -> httpx.Headers:
    """Return the headers of several mappings as one; the later wins, and names are not case-sensitive.

    Raises:
        TypeError: A name or a value is not a string. The message does not show the value.
        ValueError: A value has characters that cannot stand in a header. The message does not show it.
    """
    merged = httpx.Headers()
    for headers in several:
        for name, value in (headers or {}).items():
            if not _is_text(name) or not _is_text(value):
                raise TypeError(f"headers: the name and the value of {name!r} must be strings")
            merged[name] = header_text(name, value)
    return merged


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def header_text(name: str, text: str) -> str:
    """Return a header's value as it is.

    Raises:
        ValueError: It has characters that none may have (RFC 9110, section 5.5). The HTTP library would say so as well,
            but show the value, which may be a secret.
    """
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError(f"{name} has characters that cannot stand in a header")
    return text
