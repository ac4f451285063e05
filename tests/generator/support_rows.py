"""The rows of the support table: a small contract for each construct of OpenAPI 3.1, and what has to come of it."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from jinja2 import Environment

from .support_page import TITLES, tables

# What a batch shares; a row with a `document` of its own is made alone.
BASE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Support", "version": "1.0.0"},
    "servers": [{"url": "https://api.example.com/v1"}],
    "tags": [{"name": name} for name in TITLES],
    "paths": {},
    "components": {
        "schemas": {},
        "securitySchemes": {"Bearer": {"type": "http", "scheme": "bearer"}},
    },
}


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    section: str
    number: int
    data: dict[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.section}: {self.data['construct']}"

    @property
    def path(self) -> str:
        """The path of the row's operations, if it does not say its own."""
        return self.data.get("path") or f"/{self.section}/{self.number}"

    @property
    def alone(self) -> bool:
        """Whether the row needs a contract of its own."""
        return not {"document", "refused", "text", "content_type_overrides"}.isdisjoint(self.data)

    def paths(self) -> dict[str, Any]:
        """Return the row's operations."""
        data, name = self.data, f"{self.section}{self.number}"
        if "paths" in data or "text" in data:
            return data.get("paths", {})
        operation: dict[str, Any] = {
            "tags": [self.section],
            "security": [],
            "responses": {"204": {"description": "Done."}},
        }
        if "parameter" in data:
            return {self.path: {"get": {**operation, "operationId": f"{name}Get", "parameters": [data["parameter"]]}}}
        if "operation" in data:
            [(method, own)] = data["operation"].items()
            return {self.path: {method: {**operation, "operationId": f"{name}Do", **own}}}
        first = next(iter(data.get("schemas", {"": {}})))
        schema = data.get("schema", {"$ref": f"#/components/schemas/{first}"})
        content = {"application/json": {"schema": schema}}
        answer = {
            **operation,
            "operationId": f"{name}Get",
            "responses": {"200": {"description": "It.", "content": content}},
        }
        body = {**operation, "operationId": f"{name}Send", "requestBody": {"required": True, "content": content}}
        both = {"get": answer, "post": body}
        return {self.path: {method: both[method] for method in both if data.get("only") in {None, KINDS[method]}}}

    def names(self) -> set[str]:
        """Return what no other row of the same contract may have."""
        return {*self.paths(), *(f"schema {name.lower().replace('_', '')}" for name in self.data.get("schemas", {}))}


KINDS = {"get": "answer", "post": "request"}


def all_rows() -> list[Row]:
    """Return all rows, section by section."""
    return [Row(name, number, data) for name, table in tables().items() for number, data in enumerate(table, 1)]


def contract(rows: list[Row]) -> dict[str, Any]:
    """Return a contract that holds all of these rows."""
    document = json.loads(json.dumps(BASE))
    for row in rows:
        document["paths"] |= row.paths()
        document["components"]["schemas"] |= row.data.get("schemas", {})
        document = merged(document, row.data.get("document", {}))
    return document


def merged(value: Any, patch: Any) -> Any:
    """Return a value after a merge patch (RFC 7396), in which a null takes away; `~null` is a null that stays."""
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for key, each in patch.items():
        if each is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), each)
    return result


def batches(rows: list[Row]) -> list[list[Row]]:
    """Return the rows in as few contracts as their names allow."""
    found: list[tuple[list[Row], set[str]]] = []
    for row in rows:
        fits = (each for each in found if not row.alone and each[1] and not each[1] & row.names())
        members, taken = next(fits, ([], set()))
        if not members:
            found.append((members, taken))
        members.append(row)
        if not row.alone:
            taken |= row.names()
    return [members for members, _ in found]


def make(rows: list[Row], folder: Path, name: str) -> dict[str, str]:
    """Make a package of the rows; return for each the package's name, or behind an exclamation mark what went wrong.

    If a contract fails, each half of its rows is tried alone, so that a fault stands at its own row.
    """
    complaint = generated(rows, folder, name)
    if not complaint or len(rows) == 1:
        return dict.fromkeys(map(str, rows), f"!{complaint}" if complaint else name)
    half = len(rows) // 2
    return make(rows[:half], folder, f"{name}a") | make(rows[half:], folder, f"{name}b")


def generated(rows: list[Row], folder: Path, name: str) -> str:
    """Make a package, and return what the generator complains of."""
    from generator import generate

    path = folder / f"{name}.yaml"
    text = rows[0].data.get("text") or json.dumps(contract(rows), indent=1, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    said, configuration = StringIO(), generate.configuration

    def configured(*arguments: Any) -> Any:
        config = configuration(*arguments)
        config.content_type_overrides |= rows[0].data.get("content_type_overrides", {})
        return config

    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(StringIO()))
        stack.enter_context(redirect_stderr(said))
        stack.enter_context(patch.object(generate, "configuration", configured))
        # For speed: templates are compiled once for all rows, and support_checks.py imports the modules itself.
        stack.enter_context(patch.object(Environment, "compile", _compiled))
        stack.enter_context(patch.object(generate, "_import", lambda _package: None))
        try:
            generate.main(["--contract", str(path), "--output", str(folder / "clients" / name)])
        except Exception as error:  # noqa: BLE001  # Whatever it is, it must not reach a user.
            return f"traceback: {type(error).__name__}: {error}"
    return said.getvalue()


_compile, _codes = Environment.compile, dict[tuple[Any, ...], Any]()


def _compiled(environment: Environment, *template: Any) -> Any:
    if template not in _codes:
        _codes[template] = _compile(environment, *template)
    return _codes[template]


def make_all(rows: list[Row], folder: Path) -> dict[str, str]:
    """Make all packages below a folder; see :func:`make`."""
    work = batches(rows)
    names = [f"support{number}" for number in range(len(work))]
    made: dict[str, str] = {}
    with ProcessPoolExecutor(2) as pool:
        for each in pool.map(make, work, [folder] * len(work), names, chunksize=4):
            made |= each
    return made


def operations(package: str, path: str) -> dict[str, Any]:
    """Return the modules of a package's operations on a path, by method."""
    root = Path(sys.modules[package].__file__ or "").parent if package in sys.modules else None
    root = root or Path(importlib.import_module(package).__file__ or "").parent
    return {
        module.operation.method.lower(): module for module in _modules(package, root) if module.operation.path == path
    }


def _modules(package: str, root: Path) -> Iterator[Any]:
    for file in sorted(root.glob("api/*/[!_]*.py")):
        yield importlib.import_module(f"{package}.api.{file.parent.name}.{file.stem}")
