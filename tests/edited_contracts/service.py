"""A service of any contract, as a transport: it refuses what the contract forbids and answers what it promises.

It reads the document by itself, with jsonschema, and shares no code with what is tested.
"""

from __future__ import annotations

import json
from collections import deque
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
from samples import Schemas

Json = Any


class Refused(AssertionError):
    """A request that the contract does not allow."""


class Service(httpx.MockTransport):
    """Answers every request with the sample of its operation's first success, or with what :meth:`answer` was told."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(self._handle)
        self.document = document
        self.schemas = Schemas(document)
        self.requests: list[httpx.Request] = []
        self._answers: deque[tuple[int, Json | bytes]] = deque()

    def answer(self, status: int, body: Json | bytes = b"") -> None:
        """Give the next answer; what is no bytes is sent as JSON, and has to fit the contract."""
        self._answers.append((status, body))

    @property
    def last(self) -> httpx.Request:
        """The newest request."""
        return self.requests[-1]

    @property
    def sent(self) -> Json:
        """The JSON body of the newest request."""
        return json.loads(self.last.content)

    @property
    def parts(self) -> dict[str, tuple[str | None, str, bytes]]:
        """The parts of the newest request's multipart body, by name: file name, media type, content."""
        return parts_of(self.last)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        # A copy: the client takes what is secret out of its own once it is sent.
        self.requests.append(httpx.Request(request.method, request.url, headers=request.headers, content=content))
        item, operation, path_values = self._operation(request)
        if any(operation.get("security", self.document.get("security", []))):
            _require(request.headers.get("Authorization", "").startswith("Bearer "), "no token")
        else:
            _require("Authorization" not in request.headers, "a token that nobody asked for")
        self._check_parameters(request, [*item.get("parameters", []), *operation.get("parameters", [])], path_values)
        self._check_body(request, self.schemas.resolve(operation.get("requestBody", {})))
        return self._respond(operation)

    def _operation(self, request: httpx.Request) -> tuple[Any, Any, dict[str, str]]:
        url = str(request.url).partition("?")[0]
        server = self._server()
        _require(url.startswith(server), f"{url} is not at {server}")
        segments = url.removeprefix(server).split("/")
        for path, item in self.document["paths"].items():
            names = path.split("/")
            fits = len(names) == len(segments) and all(
                name == segment or name.startswith("{") for name, segment in zip(names, segments, strict=True)
            )
            if fits and request.method.lower() in item:
                values = {
                    name[1:-1]: unquote(segment)
                    for name, segment in zip(names, segments, strict=True)
                    if name.startswith("{")
                }
                return item, item[request.method.lower()], values
        raise Refused(f"no operation {request.method} {url}")

    def _server(self) -> str:
        first = self.document["servers"][0]
        url: str = first["url"]
        for name, variable in first.get("variables", {}).items():
            url = url.replace(f"{{{name}}}", variable["default"])
        return url.rstrip("/")

    def _check_parameters(self, request: httpx.Request, parameters: list[Any], path_values: dict[str, str]) -> None:
        query = parse_qs(urlsplit(str(request.url)).query, keep_blank_values=True)
        cookies = dict(part.split("=", 1) for part in request.headers.get("Cookie", "").split("; ") if part)
        for parameter in map(self.schemas.resolve, parameters):
            name, schema = parameter["name"], self.schemas.resolve(parameter["schema"])
            singles = {"path": path_values, "header": request.headers, "cookie": cookies}.get(parameter["in"], {})
            texts = query.pop(name, []) if parameter["in"] == "query" else [singles[name]] if name in singles else []
            if not texts:
                _require(not parameter.get("required"), f"{name} is missing")
            elif schema.get("type") == "array":
                items = self.schemas.resolve(schema["items"])
                self.schemas.check(schema, [_typed(items, text) for text in texts])
            else:
                self.schemas.check(schema, _typed(schema, texts[0]))
        _require(not query, f"unknown parameters {', '.join(query)}")

    def _check_body(self, request: httpx.Request, body: dict[str, Any]) -> None:
        content = body.get("content", {})
        if not request.content:
            _require(not body.get("required"), "the body is missing")
            return
        media_type = request.headers.get("Content-Type", "").partition(";")[0]
        _require(media_type in content, f"a body of {media_type}")
        schema = self.schemas.resolve(content[media_type].get("schema", {}))
        if media_type.endswith("json"):
            self.schemas.check(schema, json.loads(request.content))
        elif media_type == "multipart/form-data":
            names = set(parts_of(request))
            _require(set(schema.get("required", [])) <= names <= set(schema["properties"]), f"parts {names}")

    def _respond(self, operation: dict[str, Any]) -> httpx.Response:
        responses = {str(status): self.schemas.resolve(each) for status, each in operation["responses"].items()}
        success = next((status for status in responses if status.startswith("2")), "default")
        given = self._answers.popleft() if self._answers else None
        status = given[0] if given else int(success.replace("XX", "00").replace("default", "200"))
        response: Any = (
            responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default") or {}
        )
        content: dict[str, Any] = response.get("content", {})
        media_type = next(iter(content), None)
        media = content[media_type] if media_type else {}
        value = given[1] if given else self.schemas.sample(media.get("schema", {})) if media_type else b""
        if isinstance(value, bytes):
            return httpx.Response(status, content=value, headers={"Content-Type": media_type} if media_type else None)
        if media_type == "application/octet-stream":
            return httpx.Response(status, content=value.encode(), headers={"Content-Type": media_type})
        if media_type and not media_type.endswith("json"):
            return httpx.Response(status, text=value, headers={"Content-Type": media_type})
        self.schemas.check(media.get("schema", {}), value)
        return httpx.Response(status, json=value)


def parts_of(request: httpx.Request) -> dict[str, tuple[str | None, str, bytes]]:
    """Return the parts of a multipart body."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message = message_from_bytes(head + request.content, policy=HTTP)
    parts: dict[str, tuple[str | None, str, bytes]] = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        payload = part.get_payload(decode=True)
        parts[name] = (part.get_filename(), part.get_content_type(), payload if isinstance(payload, bytes) else b"")
    return parts


def _typed(schema: dict[str, Any], text: str) -> Json:
    types = schema.get("type", "string")
    if types in {"integer", "number", "boolean"}:
        return json.loads(text)
    return text


def _require(condition: object, message: str) -> None:
    if not condition:
        raise Refused(message)


__all__ = ["Refused", "Service"]
