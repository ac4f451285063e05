"""What a request says, read as strictly as the service may read it."""

from __future__ import annotations

import re
from typing import NamedTuple, cast

from pacerpro_mock.http.messages import Head
from pacerpro_mock.service import strict_json
from pacerpro_mock.service.tokens import InvalidToken

JSON_MEDIA_TYPE = "application/json"

_SLASH_IN_DISGUISE = re.compile(rb"%2f", re.IGNORECASE)
_DIGITS = re.compile(rb"[0-9]{1,18}")


class NotAnObject(ValueError):
    """The body is JSON, and no object."""


class Credentials(NamedTuple):
    """What the body has under the two names, whatever its type; None where it has nothing."""

    email: object
    password: object


def path_of(head: Head) -> str:
    """The path, decoded, but for an encoded slash, which is no separator (RFC 3986, section 2.2)."""
    return "" if _SLASH_IN_DISGUISE.search(head.raw_path) else head.path


def is_json(head: Head) -> bool:
    """Whether the body is declared as `application/json`, once and without a coding.

    Names of media types ignore case (RFC 9110, section 8.3.1), and JSON knows no parameter: a `charset` means nothing
    (RFC 8259, section 11).
    """
    declared = head.values(b"content-type")
    if len(declared) != 1 or not has_no_coding(head):
        return False
    return declared[0].decode("latin-1").partition(";")[0].strip(" \t").lower() == JSON_MEDIA_TYPE


def has_no_coding(head: Head) -> bool:
    """Whether the body is sent as it is (RFC 9110, section 8.4)."""
    return all(coding.strip().lower() == b"identity" for coding in head.values(b"content-encoding"))


def declares_more_than(head: Head, limit: int) -> bool:
    """Whether `Content-Length` announces a body of more than `limit` bytes."""
    return any(_DIGITS.fullmatch(value) is None or int(value) > limit for value in head.values(b"content-length"))


def credentials(body: bytes) -> Credentials:
    """The credentials in a log-in's body. Raises `NotJson` and `NotAnObject`."""
    value = strict_json.parse(body)
    if not isinstance(value, dict):
        raise NotAnObject("not a JSON object")
    members = cast("dict[str, object]", value)
    return Credentials(members.get("email"), members.get("password"))


def bearer_token(head: Head) -> str:
    """The token in the `Authorization` header, behind `Bearer`, spelled so, and one space.

    Raises `InvalidToken` for another scheme, and for several headers: which of them counts would be a guess.
    """
    sent = head.values(b"authorization")
    scheme, _, token = sent[0].partition(b" ")
    if len(sent) != 1 or scheme != b"Bearer":
        raise InvalidToken("not exactly one Authorization header with the scheme Bearer")
    return token.decode("latin-1")
