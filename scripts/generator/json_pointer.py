"""Places in a document (RFC 6901)."""

from typing import Any
from urllib.parse import unquote

Pointer = tuple[str | int, ...]


def parsed(reference: str) -> Pointer:
    """Return the place that a ``$ref`` within a document names."""
    return tuple(
        unquote(part).replace("~1", "/").replace("~0", "~") for part in reference.removeprefix("#/").split("/")
    )


def written(pointer: Pointer) -> str:
    """Return a place as a reference names it."""
    return "#" + "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in pointer)


def at(document: Any, pointer: Pointer) -> Any:
    """Return what stands at a place, or None where the document has no such place."""
    for key in pointer:
        try:
            document = document[int(key) if isinstance(document, list) else key]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return document


def resolve(document: dict[str, Any], value: Any) -> Any:
    """Return what a ``$ref`` within the document stands for; any other value as it is."""
    seen = 0
    while isinstance(value, dict) and isinstance(value.get("$ref"), str) and seen < 100:
        value, seen = at(document, parsed(value["$ref"])), seen + 1
    return value
