"""What a request says, read as strictly as the service may read it."""

from urllib.parse import parse_qs

from pacerpro_mock.http.messages import Head
from pacerpro_mock.service import strict_json
from pacerpro_mock.service.tokens import InvalidToken


class NotAnObject(ValueError):
    """The body is JSON, but not an object."""


class NoToken(InvalidToken):
    """There is no `Authorization` header."""


def path_of(head: Head) -> str:
    """The path, decoded, except for an encoded slash, which is no separator (RFC 3986, section 2.2)."""
    return "" if b"%" in head.raw_path and b"%2f" in head.raw_path.lower() else head.path


def query_of(head: Head) -> dict[str, list[str]]:
    """The parameters of the query."""
    return parse_qs(head.query.decode("latin-1"), keep_blank_values=True)


def media_type(head: Head) -> str | None:
    """The media type in lower case (RFC 9110, section 8.3.1), without parameters; None unless it is there once.

    A body with a coding has none: the mock reads a body as it is sent (RFC 9110, section 8.4).
    """
    declared = head.values(b"content-type")
    if len(declared) != 1 or any(coding.lower() != b"identity" for coding in head.values(b"content-encoding")):
        return None
    return declared[0].decode("latin-1").partition(";")[0].strip(" \t").lower()


def is_json(head: Head) -> bool:
    """Whether the body is declared as `application/json`, whose parameters mean nothing (RFC 8259, section 11)."""
    return media_type(head) == "application/json"


def credentials(body: bytes) -> tuple[object, object]:
    """A log-in's email and password, of any type; None if absent. Raises `NotJson` and `NotAnObject`."""
    value = strict_json.parse(body)
    if not strict_json.is_object(value):
        raise NotAnObject("not a JSON object")
    return value.get("email"), value.get("password")


def bearer_token(head: Head) -> str:
    """The token in the `Authorization` header, behind `Bearer`, spelled so, and one space.

    Raises `NoToken`, and `InvalidToken` for another scheme and for several headers: which of them counts is a guess.
    """
    sent = head.values(b"authorization")
    if not sent:
        raise NoToken("no Authorization header")
    scheme, _, token = sent[0].partition(b" ")
    if len(sent) != 1 or scheme != b"Bearer":
        raise InvalidToken("not exactly one Authorization header with the scheme Bearer")
    return token.decode("latin-1")
