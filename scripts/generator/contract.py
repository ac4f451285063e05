"""Read the contract, and say in one line what is wrong with it, and where."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from generator.json_pointer import Pointer, written
from generator.lint import faults

Place = Pointer | int | None

MOST = 10  # faults that are listed together
_LONGEST = 300  # characters: OpenAPI's rules quote what breaks them, which may be half the contract


class ContractError(Exception):
    """The contract cannot be used.

    Attributes:
        faults: What is wrong, each with its place: one in the document, a line of the file, or None for the whole.
    """

    def __init__(self, message: object, at: Place = None, more: Iterable[tuple[Place, str]] = ()) -> None:
        self.faults = [(at, _short(message)), *((place, _short(text)) for place, text in more)]
        super().__init__(self.faults[0][1])

    def located(self, path: Path) -> list[str]:
        """Return a line for each fault, with the file, the line and the place; no more than ten."""
        lines = Lines(path)
        found = list(dict.fromkeys(self._located(path, lines, *each) for each in self.faults))
        return found[:MOST] + ([f"{path}: and {len(found) - MOST} more"] if len(found) > MOST else [])

    def _located(self, path: Path, lines: Lines, at: Place, message: str) -> str:
        if at is None:
            return f"{path}: {message}"
        if isinstance(at, int):
            return f"{path}:{at}: {message}"
        return f"{path}:{lines.of(at)}: {message} (at {written(at)})"


def refuse(problems: Iterable[tuple[Pointer, str]]) -> None:
    """Raise an error for what is wrong with a contract, if anything is."""
    found = list(islice(problems, 10 * MOST))
    if found:
        raise ContractError(found[0][1], found[0][0], found[1:])


def load(path: Path) -> dict[str, Any]:
    """Return the contract as a document that is valid OpenAPI 3.1.

    Raises:
        ContractError: It cannot be read, is no YAML, or breaks a rule of OpenAPI or of this project.
    """
    text = _text(path)
    _refuse_aliases(text)
    document = parse(text)
    try:
        refuse(faults(document))
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
        document = _json_values(_read(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = str(error.problem or error.context).split("\n\n")[0]
        raise ContractError(f"not valid YAML: {problem}", mark.line + 1 if mark else 1) from None
    except ReaderError as error:
        raise ContractError(f"not valid YAML: {error.reason}", text.count("\n", 0, error.position) + 1) from None
    except (YAMLError, ValueError) as error:
        raise ContractError(f"not valid YAML: {error}") from None
    except RecursionError:
        raise ContractError("it is nested too deeply, or holds itself") from None
    if not isinstance(document, dict):
        raise ContractError("an OpenAPI document is a mapping, and this is none", 1)
    if not str(document.get("openapi", "")).startswith("3.1."):
        place: Place = ("openapi",) if "openapi" in document else 1
        raise ContractError("the document must say which OpenAPI it follows, and it must be 3.1", place)
    return document


def _refuse_aliases(text: str) -> None:
    """Refuse what some readers of YAML take for text, and what can make a short document endless."""
    with suppress(YAMLError):  # What cannot be parsed cannot be read either, which says it better.
        for event in YAML(typ="safe").parse(text) if "*" in text else ():
            if isinstance(event, AliasEvent):
                message = f"*{event.anchor} is an alias, which some readers of YAML take for text: write the value out"
                raise ContractError(message, event.start_mark.line + 1)


def _read(text: str) -> Any:
    if text.lstrip().startswith("{"):
        # YAML holds JSON, apart from the escapes that stand for half a character each.
        with suppress(json.JSONDecodeError):
            return json.loads(text, object_pairs_hook=_once)
    return _Yaml(typ="safe", pure="\\ud" in text).load(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name in found if sum(name == each for each, _ in pairs) > 1)
        raise ContractError(f"not valid JSON: found duplicate key {twice}", 1)
    return found


def _json_values(value: Any) -> Any:
    """Return what YAML holds as JSON would: keys are texts, and a character is whole."""
    if isinstance(value, dict):
        found = {str(key) if type(key) is int else _json_values(key): _json_values(each) for key, each in value.items()}
        if len(found) < len(value):
            twice = next(key for key in value if type(key) is int and str(key) in value)
            raise ContractError(f"the key {twice} is there twice, as a number and as text")
        return found
    if isinstance(value, list):
        return [_json_values(each) for each in value]
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


class _Constructor(SafeConstructor):
    """Leaves dates the texts that they are in JSON."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


class _Yaml(YAML):
    """Reads YAML as JSON knows it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.Constructor = _Constructor


class Lines:
    """Finds the lines of places in a file, which is read when the first is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _root(self) -> Any:
        return YAML(typ="safe", pure=True).compose(self._path.read_text(encoding="utf-8"))

    def of(self, pointer: Pointer) -> int:
        """Return the line at which the value of a place begins, or that of the nearest place around it."""
        node, line = self._root, 1
        for key in pointer:
            if isinstance(node, MappingNode):
                named = [pair for pair in node.value if str(pair[0].value) == str(key)]
                found = (named[0][0].start_mark.line, named[0][1]) if named else None
            else:
                items = node.value if isinstance(node, SequenceNode) and str(key).isdigit() else []
                found = (items[int(key)].start_mark.line, items[int(key)]) if items and int(key) < len(items) else None
            if found is None:
                break
            line, node = found[0] + 1, found[1]
        return line


def _short(message: object) -> str:
    text = " ".join(str(message).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
