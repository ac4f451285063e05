"""Take secrets out of what a server says, should it repeat what it was sent."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

from .decode import parse_json
from .json_types import is_array, is_object

MASK = "***"


def without_secrets(content: bytes, secrets: Iterable[str]) -> bytes:
    """Return a body with a mask in the place of each secret.

    In JSON, texts are compared after their escapes are read, and all else stays what it was. In anything else, such as
    a proxy's page or half a document, the usual ways to spell a secret are looked for.
    """
    secrets = sorted(secrets, key=len, reverse=True)  # One may be a part of another.
    if not secrets:
        return content
    try:
        document = parse_json(content)
        clean = _cleaned(document, secrets)
        return content if clean == document else json.dumps(clean).encode("ascii")
    except (ValueError, RecursionError):
        for secret in secrets:
            for spelling in _spellings(secret):
                content = content.replace(spelling.encode(errors="surrogatepass"), MASK.encode())
        return content


def _cleaned(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return value
    if is_array(value):
        return [_cleaned(each, secrets) for each in value]
    if is_object(value):
        return {_cleaned(key, secrets): _cleaned(each, secrets) for key, each in value.items()}
    return value


def _spellings(secret: str) -> list[str]:
    as_json = [json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
    in_urls = [each(secret, safe="", errors="surrogatepass") for each in (quote, quote_plus)]
    return [secret, *as_json, html.escape(secret), *in_urls]
