"""Read the contract, and say in one line what is wrong with it, and where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema.exceptions import ValidationError, best_match
from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Pointer = tuple[str | int, ...]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class ContractError(Exception):
    """The contract cannot be used. The message is one line, with the file, the line and a JSON pointer."""


def load(path: Path) -> dict[str, Any]:
    """Return the contract as a document that is valid OpenAPI 3.1.

    Raises:
        ContractError: It cannot be read, is no YAML, or breaks a rule of OpenAPI or of this project.
    """
    document = _parse(path)
    for pointer, message in _faults(document):
        raise ContractError(f"{path}:{_line(path, pointer)}: {message} (at {_written(pointer)})")
    return document


def resolve(document: dict[str, Any], value: Any) -> Any:
    """Return what a ``$ref`` within the document stands for; any other value as it is."""
    seen = 0
    while isinstance(value, dict) and "$ref" in value and seen < 100:
        value, seen = _at(document, _pointer(value["$ref"])), seen + 1
    return value


def _parse(path: Path) -> dict[str, Any]:
    try:
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContractError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: cannot be read: {error}") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError(f"{path}:{line}: not valid YAML: {_one_line(error.problem or error.context)}") from None
    except YAMLError as error:
        raise ContractError(f"{path}: not valid YAML: {_one_line(error)}") from None
    if not isinstance(document, dict):
        raise ContractError(f"{path}:1: an OpenAPI document is a mapping, and this is none")
    if not str(document.get("openapi", "")).startswith("3.1."):
        raise ContractError(f"{path}:1: the document must say which OpenAPI it follows, and it must be 3.1")
    return document


def _faults(document: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """Yield what is wrong, as a place and a message; the first is reported."""
    yield from _dangling(document)
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        cause = best_match([error], key=_depth) or error
        yield _whole(document, tuple(error.absolute_path)), _one_line(cause.message)
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item and "operationId" not in item[method]:
                yield ("paths", path, method), "an operation needs an operationId: it names the generated module"
    servers = document.get("servers") or [{"url": ""}]
    if not str(servers[0]["url"]).startswith("https://"):
        yield ("servers",), "the first server must be an https URL: it is the client's default"


def _depth(error: ValidationError) -> int:
    # best_match's own measure needs what the validator leaves out of its errors.
    return -len(error.path)


def _dangling(document: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    for pointer, value in _walk(document):
        if isinstance(value, dict) and isinstance(reference := value.get("$ref"), str):
            if not reference.startswith("#/"):
                yield (*pointer, "$ref"), f"{reference} is in another file: the contract is one file"
            elif _at(document, _pointer(reference)) is None:
                yield (*pointer, "$ref"), f"{reference} refers to nothing"


def _walk(value: Any, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
    yield pointer, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _walk(each, (*pointer, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _walk(each, (*pointer, index))


def _pointer(reference: str) -> Pointer:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in reference.removeprefix("#/").split("/"))


def _at(document: Any, pointer: Pointer) -> Any:
    for key in pointer:
        try:
            document = document[int(key) if isinstance(document, list) else key]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return document


def _whole(document: dict[str, Any], path: Pointer) -> Pointer:
    """Return a path from the root: the validator's own begins at the schema in which the mistake is."""
    if not path or _at(document, path) is not None:
        return path
    schemas = document.get("components", {}).get("schemas", {})
    return next((place for name in schemas if _at(document, place := ("components", "schemas", name, *path))), path)


def _line(path: Path, pointer: Pointer) -> int:
    """Return the line at which the pointer's value begins, or that of the nearest place around it."""
    node, line = YAML(typ="rt").load(path.read_text(encoding="utf-8")), 1
    for key in pointer:
        try:
            line = node.lc.data[key][0] + 1
            node = node[key]
        except (AttributeError, KeyError, TypeError):
            break
    return line


def _written(pointer: Pointer) -> str:
    return "#/" + "/".join(str(key).replace("~", "~0").replace("/", "~1") for key in pointer)


def _one_line(message: object) -> str:
    return " ".join(str(message).split("\n\n")[0].split())
