"""Read the contract, and say in one line what is wrong with it, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from generator.json_pointer import Pointer, resolve, written
from generator.lint import METHODS, faults

__all__ = ["METHODS", "ContractError", "load", "parse", "resolve"]

_LONGEST = 300  # characters: OpenAPI's rules quote what breaks them, which may be half the contract


class ContractError(Exception):
    """The contract cannot be used.

    Attributes:
        at: Where: a place in the document, a line of the file, or None for the file as a whole.
    """

    def __init__(self, message: object, at: Pointer | int | None = None) -> None:
        text = " ".join(str(message).split())
        super().__init__(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")
        self.at = at

    def located(self, path: Path) -> str:
        """Return the message in one line, with the file, the line and the place."""
        if self.at is None:
            return f"{path}: {self}"
        if isinstance(self.at, int):
            return f"{path}:{self.at}: {self}"
        return f"{path}:{_line(path, self.at)}: {self} (at {written(self.at)})"


def load(path: Path) -> dict[str, Any]:
    """Return the contract as a document that is valid OpenAPI 3.1.

    Raises:
        ContractError: It cannot be read, is no YAML, or breaks a rule of OpenAPI or of this project.
    """
    document = parse(_text(path))
    try:
        for pointer, message in faults(document):
            raise ContractError(message, pointer)
    except RecursionError:
        raise ContractError("it is nested too deeply, or holds itself") from None
    return document


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ContractError("there is no such file") from None
    except OSError as error:
        raise ContractError(f"cannot be read: {error.strerror}") from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContractError("not UTF-8", content.count(b"\n", 0, error.start) + 1) from None


def parse(text: str) -> dict[str, Any]:
    """Return a document of OpenAPI 3.1 from its text, which may break any rule but those of YAML.

    Raises:
        ContractError: It is none.
    """
    try:
        document = YAML(typ="safe").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = str(error.problem or error.context).split("\n\n")[0]
        raise ContractError(f"not valid YAML: {problem}", mark.line + 1 if mark else 1) from None
    except ReaderError as error:
        raise ContractError(f"not valid YAML: {error.reason}", text.count("\n", 0, error.position) + 1) from None
    except (YAMLError, ValueError) as error:
        raise ContractError(f"not valid YAML: {error}") from None
    except RecursionError:
        raise ContractError("it is nested too deeply") from None
    if not isinstance(document, dict):
        raise ContractError("an OpenAPI document is a mapping, and this is none", 1)
    if not str(document.get("openapi", "")).startswith("3.1."):
        place = ("openapi",) if "openapi" in document else 1
        raise ContractError("the document must say which OpenAPI it follows, and it must be 3.1", place)
    return document


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
