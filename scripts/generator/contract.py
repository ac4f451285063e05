"""Read the contract, and say in one line what is wrong with it, and where."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import Reader, ReaderError

from generator.json_pointer import Pointer, written
from generator.lint import Fault, faults

Place = Pointer | int | None

# An extension beside the contract's version: the number of the rebuild of the same contract.
REBUILD = "x-rebuild"
MOST = 10  # faults that are listed together
_LONGEST = 300  # characters: OpenAPI's rules quote what breaks them, which may be half the contract
_ENDLESS = "it is nested too deeply, or holds itself"


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
        lines: dict[Pointer, int] = {}
        if any(isinstance(at, tuple) for at, _ in self.faults):
            # JSON may hold control characters that PyYAML does not read.
            _read(Reader.NON_PRINTABLE.sub(" ", path.read_text(encoding="utf-8")), lines)
        found: dict[str, None] = {}
        for at, message in self.faults:
            around = at
            while isinstance(around, tuple) and around not in lines:
                around = around[:-1]  # A place that is not there has the line of what should hold it.
            line = lines[around] if isinstance(around, tuple) else around
            where = f" (at {written(at)})" if isinstance(at, tuple) else ""
            found[f"{path}:{'' if line is None else f'{line}:'} {message}{where}"] = None
        return [*found][:MOST] + ([f"{path}: and {len(found) - MOST} more"] if len(found) > MOST else [])


def distribution_version(document: dict[str, Any]) -> str:
    """Return the version of the distribution: the contract's, and for a rebuild a post-release (PEP 440) of it."""
    info = document["info"]
    return f"{info['version']}.post{info[REBUILD]}" if REBUILD in info else str(info["version"])


def refuse(problems: Iterable[tuple[Pointer, str]]) -> None:
    """Raise an error for what is wrong with a contract, if anything is."""
    found = list(islice(problems, 10 * MOST))
    if found:
        raise ContractError(found[0][1], found[0][0], found[1:])


def load(path: Path, later: Callable[[dict[str, Any]], Iterable[Fault]] = lambda _document: ()) -> dict[str, Any]:
    """Return the contract as a document that is valid OpenAPI 3.1.

    Args:
        path: The file.
        later: Finds what can be said of a valid document only; listed beside the last faults of an invalid one.

    Raises:
        ContractError: It cannot be read, is no YAML, or breaks a rule of OpenAPI or of this project.
    """
    try:
        document = parse(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ContractError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ContractError("not UTF-8", error.object.count(b"\n", 0, error.start) + 1) from None
    try:
        refuse(faults(document, later))
    except RecursionError:
        raise ContractError(_ENDLESS) from None
    return document


def parse(text: str) -> dict[str, Any]:
    """Return a document of OpenAPI 3.1 from its text, which may break any rule but those of YAML.

    Raises:
        ContractError: It is none.
    """
    try:
        document = _read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ContractError(f"not valid YAML: {error.problem or error.context}", mark.line + 1 if mark else 1) from None
    except ReaderError as error:
        raise ContractError(f"not valid YAML: {error.reason}", text.count("\n", 0, error.position) + 1) from None
    except (yaml.YAMLError, ValueError) as error:
        raise ContractError(f"not valid YAML: {error}") from None
    except RecursionError:
        raise ContractError(_ENDLESS) from None
    if not isinstance(document, dict):
        raise ContractError("an OpenAPI document is a mapping, and this is none", 1)
    if not str(document.get("openapi", "")).startswith("3.1."):
        place: Place = ("openapi",) if "openapi" in document else 1
        raise ContractError("the document must say which OpenAPI it follows, and it must be 3.1", place)
    return document


# The plain scalars of YAML 1.2 (section 10.3.2) that are no text. PyYAML's own are those of 1.1, which takes `on` for
# true and 2030-01-31 for a date.
_WORDS = {
    **dict.fromkeys(("~", "null", "Null", "NULL", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def _read(text: str, lines: dict[Pointer, int] | None = None) -> Any:
    """Return what a text of YAML, or of JSON, holds; note the line of each place."""
    if lines is None and text.lstrip().startswith("{") and "\\ud" not in text:
        with suppress(ValueError):  # What is not JSON may be YAML, which also says where a key is there twice.
            return json.loads(text, object_pairs_hook=_once, parse_float=_finite, parse_constant=_finite)
    try:
        return _document(yaml.parse(text, yaml.CSafeLoader), lines)
    except yaml.YAMLError:  # PyYAML's own reader says more of it, and takes JSON's escapes of half a character each.
        return _document(yaml.parse(text, yaml.SafeLoader), lines)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _finite(text: str, line: int | None = None) -> float:
    if not isfinite(number := float(text)):
        raise ContractError(f"{text} is a number that JSON does not know", line)
    return number


def _document(events: Iterator[Any], lines: dict[Pointer, int] | None) -> Any:
    if isinstance(next(islice(events, 1, None)), yaml.StreamEndEvent):
        return None
    value = _value(next(events), events, (), lines)
    if not isinstance(another := next(islice(events, 1, None)), yaml.StreamEndEvent):
        raise ContractError("not valid YAML: found another document", another.start_mark.line + 1)
    return value


def _value(event: Any, events: Iterator[Any], at: Pointer, lines: dict[Pointer, int] | None) -> Any:
    """Return the value that an event of YAML begins, as JSON has it: keys are texts, and a character is whole."""
    line = event.start_mark.line + 1
    if lines is not None:
        lines.setdefault(at, line)
    if isinstance(event, yaml.AliasEvent):  # It can also make a short document endless.
        message = f"*{event.anchor} is an alias, which some readers of YAML take for text: write the value out"
        raise ContractError(message, line)
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event, line)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Any] = []
        while not isinstance(each := next(events), yaml.SequenceEndEvent):
            items.append(_value(each, events, (*at, len(items)), lines))
        return items
    found: dict[str, Any] = {}
    while not isinstance(name := next(events), yaml.MappingEndEvent):
        line = name.start_mark.line + 1
        key = _value(name, events, (), None)
        key = name.value if type(key) is int else key  # A status may stand without quotes.
        if not isinstance(key, str):
            raise ContractError(f"not valid YAML: the key {key} is not text: put it in quotes", line)
        if key in found:
            raise ContractError(f"not valid YAML: found duplicate key {key}", line)
        if lines is not None:
            lines[(*at, key)] = line
        found[key] = _value(next(events), events, (*at, key), lines)
    return found


def _scalar(event: Any, line: int) -> Any:
    text: str = event.value
    if event.tag not in {None, "!", "tag:yaml.org,2002:str"}:
        raise ContractError(f"not valid YAML: could not determine a constructor for the tag {event.tag}", line)
    is_plain = event.implicit[0]
    if is_plain and text in _WORDS:
        return _WORDS[text]
    if is_plain and _INTEGER.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if is_plain and _FLOAT.fullmatch(text):
        return _finite(re.sub(r"\.(?=[a-zA-Z])", "", text), line)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _short(message: object) -> str:
    text = " ".join(str(message).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
