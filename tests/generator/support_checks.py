"""Hold a package against its row: what is typed, what travels, and what comes back."""

from __future__ import annotations

import datetime
import importlib
import inspect
import json
import re
import uuid
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from .readings import argument, class_named, fields_of, normal, parts, plain, reduced, returned, same
from .support_rows import Row, operations

# What the calls of the table may name, beside the package's models and types.
STANDARD = {
    "BytesIO": BytesIO,
    "UUID": uuid.UUID,
    "datetime": datetime.datetime,
    "date": datetime.date,
    "UTC": datetime.UTC,
}


@cache
def imported(package: str, folder: Path) -> Any:
    """Return a package, all modules of which can be imported."""
    for file in folder.rglob("*.py"):
        importlib.import_module(".".join(file.relative_to(folder.parent).with_suffix("").parts))
    return importlib.import_module(package)


class Works:
    """A row that works, and the package made of it."""

    def __init__(self, row: Row, package: str, folder: Path) -> None:
        self.row, self.data, self.folder = row, row.data, folder
        self.package = imported(package, folder)
        self.models = importlib.import_module(f"{package}.models")
        self.types = importlib.import_module(f"{package}.types")
        path = self.data.get("call_path") or next(iter(row.paths()), row.path)
        self.operations = operations(package, path)
        assert self.operations or self.data.get("only") == "nothing", f"no module for {path}"
        self.answer = httpx.Response(204)
        self.requests: list[httpx.Request] = []

    def check(self) -> None:
        self.annotations()
        checks = {"json": self.round_trip, "reads": self.reads, "unfit": self.unfit, "lenient": self.lenient}
        checks |= {"call": self.call, "answers": self.answered, "streams": self.streams}
        for word, check in checks.items():
            for value in self.data.get(word, ()):
                check(value)
        for value, name in self.data.get("classes", ()):
            assert class_named(self.reads(value), self.data.get("within")) == name, value
        for name in self.data.get("modules", ()):
            assert name in [module.__name__.rpartition(".")[2] for module in self.operations.values()]
        assert all((self.folder / name).exists() for name in self.data.get("files", ()))
        if "base" in self.data:
            assert str(self.client().get_httpx_client().base_url).rstrip("/") == self.data["base"]

    def client(self, **settings: Any) -> Any:
        if "strict" not in inspect.signature(self.package.Client).parameters:
            settings.pop("strict", None)
        transport = httpx.MockTransport(self.handle)
        return self.package.Client(auth="token", transport=transport, retries=0, **settings)

    def handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return self.answer

    def annotations(self) -> None:
        if "type" in self.data:
            for method, module in self.operations.items():
                annotation = (
                    argument(module, self.data.get("argument", "body"))
                    if method == "post" or "parameter" in self.data or "argument" in self.data
                    else returned(module)
                )
                assert normal(annotation) == normal(self.data["type"]), annotation
        for place, wanted in self.data.get("fields", {}).items():
            name, _, attribute = place.partition(".")
            found = fields_of(getattr(self.models, name))
            assert attribute in found, f"{attribute} is not in {sorted(found)}"
            assert normal(found[attribute]) == normal(wanted), found[attribute]
        for name, values in self.data.get("members", {}).items():
            found = [member.value for member in getattr(self.models, name)]
            assert sorted(found) == sorted(values), found
        assert set(self.data.get("models", ())) <= set(self.models.__all__), self.models.__all__
        for name, pattern in self.data.get("source", {}).items():
            operation = next(iter(self.operations.values()))
            file = Path(operation.__file__) if name == "operation" else self.folder / name
            assert re.search(pattern, file.read_text(encoding="utf-8"))

    def get(self, value: Any, **settings: Any) -> Any:
        module = self.operations.get("get") or next(iter(self.operations.values()))
        self.answer = httpx.Response(200, content=json.dumps(value), headers={"Content-Type": "application/json"})
        return module.sync(client=self.client(**settings))

    def reads(self, value: Any, **settings: Any) -> Any:
        result = self.get(value, **settings)
        if hasattr(result, "to_dict"):
            assert same(result.to_dict(), value), result.to_dict()
        return result

    def round_trip(self, value: Any) -> None:
        only = self.data.get("only")
        result = self.reads(value, strict=True) if only != "request" else value
        if only == "answer":
            return
        self.answer = httpx.Response(204)
        self.operations["post"].sync(client=self.client(), body=result)
        sent = json.loads(self.requests[-1].content)
        assert same(sent, value), f"sent {sent}, not {value}"

    def unfit(self, value: Any) -> None:
        errors = self.package.errors
        with pytest.raises(errors.InvalidResponse):
            pytest.fail(f"{value} was taken as {self.get(value, strict=True)!r}")

    def lenient(self, value: Any) -> None:
        self.unfit(value)
        result = self.get(value)
        self.answer = httpx.Response(204)
        self.operations["post"].sync(client=self.client(), body=result)
        assert same(json.loads(self.requests[-1].content), value)

    def call(self, each: Any) -> None:
        """What travels when a user calls."""
        self.answer = httpx.Response(each.get("status", 204))
        module = self.operations[each["method"]] if "method" in each else next(iter(self.operations.values()))
        names = {**vars(self.models), **vars(self.types), **STANDARD}
        arguments = eval(f"dict({each['call']})", dict(names))  # noqa: S307  # The table is ours.
        if "raises" in each:
            with pytest.raises(Exception, match=each["raises"]):
                module.sync(client=self.client(), **arguments)
            return
        module.sync(client=self.client(), **arguments)
        request = self.requests[-1]
        if "url" in each:
            wanted, found = (
                re.sub(r"^\$", self.row.path, each["url"]),
                request.url.raw_path.decode().removeprefix("/v1"),
            )
            assert found == wanted or (reduced(found) == reduced(wanted) and "raw" not in each), found
        if "url_among" in each:
            assert request.url.raw_path.decode().removeprefix(f"/v1{self.row.path}") in each["url_among"]
        for name, value in each.get("headers", {}).items():
            assert request.headers.get(name) == value
        if "text" in each:
            assert request.content.decode(each.get("charset", "utf-8")) == each["text"]
        if "body" in each:
            assert same(json.loads(request.content), each["body"]), request.content
        if "body_among" in each:
            assert json.loads(request.content) in each["body_among"], request.content
        if "parts" in each:
            assert parts(request) == [tuple(part) for part in each["parts"]]

    def answered(self, each: Any) -> None:
        """What a user gets for an answer."""
        content = each["body"].encode(each.get("charset", "utf-8")) if isinstance(each.get("body"), str) else b""
        content = json.dumps(each["json"]).encode() if "json" in each else content
        headers = {"Content-Type": each["type"]} if "type" in each else {}
        self.answer = httpx.Response(
            each.get("status", 200), content=content, headers={**headers, **each.get("headers", {})}
        )
        module = next(iter(self.operations.values()))
        arguments = eval(f"dict({each.get('call', '')})", dict(vars(self.models)))  # noqa: S307  # As above.
        if "error" in each:
            with pytest.raises(getattr(self.package.errors, each["error"])) as caught:
                module.sync(client=self.client(strict=each.get("strict", False)), **arguments)
            if "parsed" in each:
                assert plain(caught.value.parsed) == each["parsed"]
            return
        result = module.sync_detailed(client=self.client(), **arguments)
        assert result.status_code == each.get("status", 200)
        wanted = content if each.get("gives") == "bytes" else each["gives"]
        assert same(plain(result.parsed), wanted), result.parsed
        if "class" in each:
            assert type(result.parsed).__name__ == each["class"]

    def streams(self, chunks: list[str]) -> None:
        """A download comes in chunks as the server sends them, or goes straight to a file, with a progress hook."""
        module, sent = next(iter(self.operations.values())), [each.encode() for each in chunks]
        with TemporaryDirectory() as folder:
            self.answer = httpx.Response(200, content=iter(sent))
            with module.sync_stream(client=self.client()) as stream:
                assert list(stream.iter_bytes()) == sent
            self.answer, told = httpx.Response(200, content=iter(sent)), []
            with module.sync_stream(client=self.client()) as stream:
                stream.save(Path(folder) / "file", progress=lambda done, _: told.append(done))
            assert (Path(folder) / "file").read_bytes() == b"".join(sent)
            assert told[-1] == sum(map(len, sent))
