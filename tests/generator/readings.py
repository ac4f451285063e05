"""Read what the client makes, without the client: annotations as text, JSON values, URLs, parts of a body."""

from __future__ import annotations

import ast
import datetime
import inspect
import re
import uuid
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import unquote

import httpx


def reduced(url: str) -> str:
    """Return a URL in which what may be escaped or not stands in one way (RFC 3986, section 6.2.2.2)."""
    path, mark, query = url.partition("?")
    return (
        path
        + mark
        + re.sub("%(20|2F|3A|3F|40|21|24|27|28|29|2A|3B)", lambda found: unquote(found[0]), query).replace("+", " ")
    )


def class_named(value: Any, within: str | None) -> str:
    """Return the name of a value's class, or of that of one of its attributes."""
    for name in within.split(".") if within else ():
        if isinstance(value, list | dict):
            value = value[int(name) if isinstance(value, list) else name]
        else:
            value = getattr(value, name)
    return type(value).__name__


def plain(value: Any) -> Any:
    """Return a result as JSON, text or bytes."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if hasattr(value, "payload"):
        return value.payload if isinstance(value.payload, bytes) else value.payload.read()
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else getattr(value, "value", value)


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are the same: numbers by value, instants as instants, UUIDs in either case."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(each, other[key]) for key, each in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str) and one != other:
        return instant(one) == instant(other) is not None or one == other.lower()
    return bool(one == other)


def instant(text: str) -> datetime.datetime | None:
    """Return the instant of a date-time; a leap second is the last that Python knows, and it counts microseconds."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[tT ](\d\d:\d\d):(\d\d)(\.\d{1,6})?\d*([zZ]|[+-]\d\d:\d\d)", text)
    if not found:
        return None
    seconds = found[3].replace("60", "59")
    return datetime.datetime.fromisoformat(f"{found[1]}T{found[2]}:{seconds}{found[4] or ''}{found[5].upper()}")


def parts(request: httpx.Request) -> list[tuple[str, str | None, str | None, str]]:
    """Return the parts of a multipart body: name, file name, media type, content."""
    message = message_from_bytes(
        f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode() + request.content, policy=HTTP
    )
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part["Content-Type"] and part.get_content_type(),
            part.get_payload(decode=True).decode(),
        )
        for part in message.iter_parts()
    ]


def function(module: Any) -> ast.FunctionDef:
    tree = ast.parse(inspect.getsource(module))
    return next(each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "sync")


def returned(module: Any) -> str:
    annotation = function(module).returns
    assert annotation
    return ast.unparse(annotation)


def argument(module: Any, name: str) -> str:
    arguments = function(module).args
    found = next(each for each in [*arguments.args, *arguments.kwonlyargs] if each.arg == name)
    assert found.annotation
    return ast.unparse(found.annotation)


def fields_of(cls: Any) -> dict[str, str]:
    """Return the annotations of a class's attributes, those of its bases too, as text."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        if each.__module__.startswith(cls.__module__.partition(".")[0]):
            body = ast.parse(inspect.getsource(each)).body[0].body  # type: ignore[attr-defined]
            found |= {item.target.id: ast.unparse(item.annotation) for item in body if isinstance(item, ast.AnnAssign)}
    return found


def normal(annotation: str) -> str:
    """Return an annotation with the members of its unions in one order, without what allows for a newer server."""
    annotation = re.sub(r"OpenEnum\[(\w+), [^\]]*\]", r"\1", annotation).replace(" | UnknownKind", "")
    annotation = re.sub(r"Annotated\[(.*), Exactly\(.*\)\]", r"\1", annotation)
    annotation = f"{annotation[10:-1]} | Unset" if annotation.startswith("MaybeNull[") else annotation

    def visit(node: ast.expr) -> str:
        if isinstance(node, ast.BinOp):
            return " | ".join(sorted(members(node)))
        if isinstance(node, ast.Subscript):
            return f"{visit(node.value)}[{visit(node.slice)}]"
        if isinstance(node, ast.Tuple):
            return ", ".join(map(visit, node.elts))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            return node.value if node.value[:1].isupper() else repr(node.value)
        return ast.unparse(node)

    def members(node: ast.expr) -> set[str]:
        return members(node.left) | members(node.right) if isinstance(node, ast.BinOp) else {visit(node)}

    return visit(ast.parse(annotation, mode="eval").body)
