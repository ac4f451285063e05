"""Take secrets out of what a server says, should it repeat what it was sent."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import quote, quote_plus

from .json_types import is_array, is_object, parse_json

MASK = "***"
# A shorter secret is a part of too many words: a mask in each of them would tell it.
_SHORTEST = 4


def without_secrets(content: bytes, secrets: Iterable[str], words: Collection[str] = ()) -> bytes:
    """Return a body with a mask in the place of each secret that stands there as a whole word.

    In JSON, values are compared after their escapes are read, and names of properties stay. Elsewhere, as in a proxy's
    page, the usual spellings are looked for. A secret that is one of ``words``, which servers use of themselves, stays:
    with the password ``password``, a mask would tell it.
    """
    hidden = [each for each in secrets if len(each) >= _SHORTEST and each.lower() not in words]
    if not hidden:
        return content
    try:
        document = parse_json(content)
        clean = _cleaned(document, _whole_words(hidden))
        return content if clean == document else json.dumps(clean).encode("ascii")
    except (ValueError, RecursionError):
        spellings = {spelling for each in hidden for spelling in _spellings(each)}
        text = content.decode("utf-8", "surrogateescape")
        return _whole_words(spellings).sub(MASK, text).encode("utf-8", "surrogateescape")


def _whole_words(texts: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(texts, key=len, reverse=True)  # One may be a part of another.
    # A word has an edge where it begins and ends with a letter or digit; other characters are an edge themselves.
    return re.compile("|".join(rf"(?:(?<!\w)|(?!\w)){re.escape(each)}(?:(?!\w)|(?<!\w))" for each in longest_first))


def _cleaned(value: Any, hidden: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return hidden.sub(MASK, value)
    if is_array(value):
        return [_cleaned(each, hidden) for each in value]
    if is_object(value):
        return {key: _cleaned(each, hidden) for key, each in value.items()}
    return value


def _spellings(secret: str) -> list[str]:
    as_json = [json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
    in_urls = [each(secret, safe="", errors="surrogatepass") for each in (quote, quote_plus)]
    return [secret, *as_json, html.escape(secret), *in_urls]
