"""How a body is written and read, by its media type and schema."""

import re

from openapi_python_client.config import Config

from generator.merging import Schema

_JSON = re.compile(r"(application|text)/json|[\w.!#$&^-]+/[\w.!#$&^-]+\+json")
# The registry of media types (RFC 6838, section 4.2.7), those outside of it, and OpenAPI's ranges.
_KINDS = r"application|audio|chemical|font|haptics|image|message|model|multipart|text|video|x-[\w-]+|\*"
_MEDIA_TYPE = re.compile(rf"({_KINDS})/[\w.!#$&^*+-]+")
_FORMS = {"application/x-www-form-urlencoded": "form", "multipart/form-data": "multipart"}
WAY_OUT = "content_type_overrides in generator-config.yml can say which media type it is read as"


def kind_of_body(media_type: str, plain: Schema, config: Config) -> str:
    """Return how a body is written: as ``json``, ``form``, ``multipart``, ``text`` or ``file``.

    Raises:
        ValueError: The media type does not say how what the schema describes is written.
    """
    known = config.content_type_overrides.get(media_type, media_type).partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(known):
        raise ValueError(f"{media_type} is not a media type: {WAY_OUT}")
    structured = any(each.get("type") in {"object", "array"} or "$ref" in each for each in plain.get("anyOf", [plain]))
    if _JSON.fullmatch(known) or (known in {"*/*", "application/*"} and structured):
        return "json"
    if known in _FORMS:
        return _FORMS[known]
    if structured:
        raise ValueError(f"{media_type} does not say how an object or an array is written: {WAY_OUT}")
    if is_binary(plain):
        return "file"
    return "text" if known.startswith("text/") or plain else "file"


def is_binary(plain: Schema) -> bool:
    """Tell whether a string stands for bytes: as 3.1 says it, or as 3.0 does."""
    if {"$ref", "anyOf"} & plain.keys() or plain.get("type", "string") != "string":
        return False
    return plain.get("format") == "binary" or ("contentMediaType" in plain and "contentEncoding" not in plain)
