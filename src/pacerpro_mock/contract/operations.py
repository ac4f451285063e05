"""The contract's operations: what a request must be like, and what answers it."""

import contextlib
import functools
import re
from typing import Any

from pacerpro_mock.contract.document import Document
from pacerpro_mock.contract.schemas import NoExample, Schemas, kinds_of
from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.http.operations import ABSENT, Operation
from pacerpro_mock.service import strict_json
from pacerpro_mock.settings import is_a

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# An OpenAPI header parameter of these names is ignored (OpenAPI 3.1, section 4.8.12.2).
_NOT_PARAMETERS = ("accept", "content-type", "authorization")
_JSON_TYPE = re.compile(r"application/([\w.-]+\+)?json", re.IGNORECASE)


class ContractOperation(Operation):
    """One operation of the contract."""

    def __init__(self, path: str, method: str, schemas: Schemas) -> None:
        resolve = schemas.resolve
        item = resolve(schemas.document["paths"][path])
        described = resolve(item[method])
        name = described.get("operationId", f"{method} {path}")
        super().__init__(name, method.upper(), path, lambda _request: self.success)
        security = described.get("security", schemas.document.get("security", []))
        # An empty requirement makes the others optional.
        self.needs_token = bool(security) and all(security)
        both = map(resolve, (*item.get("parameters", []), *described.get("parameters", [])))
        self._parameters = {
            (each["in"], each["name"]): each
            for each in both
            if each["in"] != "header" or each["name"].lower() not in _NOT_PARAMETERS
        }
        body = resolve(described.get("requestBody", {}))
        self._body_required = body.get("required", False)
        # The schemas of a body, by media type in lower case.
        self._media: dict[str, Any] = {
            name.partition(";")[0].strip().lower(): resolve(media).get("schema", True)
            for name, media in body.get("content", {}).items()
        }
        self.reads_body = bool(self._media)
        self._responses: dict[str, Any] = described["responses"]
        self._schemas = schemas
        for schema in (*self._media.values(), *(each.get("schema", True) for each in self._parameters.values())):
            with contextlib.suppress(NoExample):  # So that a mistake in it is found at once.
                schemas.example(schema)

    def _schema_of(self, head: Head) -> Any:
        """The schema of the request's body, or `ABSENT` if the contract does not name its type."""
        sent = head.media_type() or ""
        names = (sent, f"{sent.partition('/')[0]}/*", "*/*")
        return next((self._media[name] for name in names if name in self._media), ABSENT)

    def refuse_type(self, head: Head) -> Answer | None:
        """The answer to a body of a type that the contract does not name, or None."""
        no_body = not head.values(b"content-type") and not self._body_required
        known = no_body or self._schema_of(head) is not ABSENT
        return None if known else answers.unsupported_media_type(self._media)

    def mistake(self, head: Head, params: dict[str, str], body: bytes) -> str | None:
        """The first parameter that does not fit the contract, or else the body."""
        for (place, name), parameter in self._parameters.items():
            sent = _sent(place, name, head, params)
            if not sent and parameter.get("required"):
                return f"The {place} parameter {name} is required"
            if sent and (wrong := self._mistake_of(parameter, sent)):
                return f"The {place} parameter {name} does not fit the contract: {wrong}"
        if not body:
            return "A body is required" if self._body_required else None
        schema = self._schema_of(head)
        if schema is ABSENT or not _JSON_TYPE.fullmatch(head.media_type() or ""):
            return None
        try:
            wrong = self._schemas.mistake(schema, strict_json.parse(body))
        except strict_json.NotJson as error:
            return f"The body is {error}"
        return wrong and f"The body does not fit the contract: {wrong}"

    def _mistake_of(self, parameter: dict[str, Any], sent: list[str]) -> str | None:
        schema = self._schemas.resolve(parameter.get("schema", True))
        kinds = kinds_of(schema)
        if "object" in kinds:  # Spelled in too many ways to be read here.
            return None
        if "array" not in kinds:
            return self._schemas.mistake(schema, _typed(sent[0], kinds))
        # Elsewhere a list has commas in any case (OpenAPI 3.1, section 4.8.12.3).
        explode = parameter["in"] in {"query", "cookie"} and parameter.get("explode", True)
        items = kinds_of(self._schemas.resolve(schema.get("items", True)))
        texts = sent if explode else sent[0].split(",")
        return self._schemas.mistake(schema, [_typed(text, items) for text in texts])

    @functools.cached_property
    def success(self) -> Answer:
        """The answer with its example made valid; 501 if that cannot be made."""
        code = min((code for code in self._responses if code.startswith("2")), default="default")
        response = self._schemas.resolve(self._responses.get(code, {}))
        answer = answers.without_body(int(code.upper().replace("X", "0")) if code != "default" else 200)
        content: dict[str, Any] = {} if answer.status in answers.WITHOUT_BODY else response.get("content", {})
        try:
            if content:
                name = min(content, key=lambda name: not _JSON_TYPE.match(name))
                text = self._example(content[name], default=True, json=bool(_JSON_TYPE.match(name)))
                answer = answer.with_body(text.encode()).with_header("Content-Type", name)
            for name, header in response.get("headers", {}).items():
                if self._schemas.resolve(header).get("required") and name.lower() != "content-type":
                    answer = answer.with_header(name, self._example(header, default={"type": "string"}, json=False))
        except NoExample:
            return answers.error(501, f"The contract has no valid example for {self.id}, and none could be made")
        return answer

    def _example(self, node: Any, default: Any, *, json: bool) -> str:
        """A valid value for a media type or header, by its first example, as it is sent. Raises `NoExample`."""
        node = self._schemas.resolve(node)
        examples = [self._schemas.resolve(each).get("value", ABSENT) for each in node.get("examples", {}).values()]
        given = (examples or [node.get("example", ABSENT)])[0]
        value = self._schemas.example(node.get("schema", default), given)
        return value if isinstance(value, str) and not json else answers.to_json(value)


@functools.lru_cache(maxsize=8)
def read(document: Document) -> list[ContractOperation]:
    """All operations of a document. Raises `ValueError`, with the file's name, if it is broken."""
    value = document.value
    try:
        schemas = Schemas(value)
        paths = {path: schemas.resolve(item) for path, item in value["paths"].items()}
        found = [(path, method) for path, item in paths.items() for method in METHODS if method in item]
        operations = [ContractOperation(path, method, schemas) for path, method in found]
        _ = [each.success for each in operations]  # So that a mistake in one of them is found at once.
    except KeyError as error:
        raise document.mistake(f"there is no {error.args[0]} where OpenAPI asks for one") from None
    except (TypeError, AttributeError, RecursionError):
        raise document.mistake("an operation does not have the form that OpenAPI 3.1 gives it") from None
    except ValueError as error:
        raise document.mistake(str(error)) from None
    return operations


def _sent(place: str, name: str, head: Head, in_path: dict[str, str]) -> list[str]:
    """A parameter's texts, one for each time that it was sent."""
    if place == "path":
        return [in_path[name]] if name in in_path else []
    if place == "query":
        return head.parameters().get(name, [])
    if place == "header":
        return [value.decode("latin-1") for value in head.values(name.lower().encode())]
    pairs = [pair.strip().partition("=") for pair in b";".join(head.values(b"cookie")).decode("latin-1").split(";")]
    return [value for key, _, value in pairs if key == name]


def _typed(text: str, kinds: list[str]) -> Any:
    """The value that a text spells, unless it may be text by its schema."""
    try:
        value = strict_json.parse(text.encode()) if kinds and "string" not in kinds else text
    except strict_json.NotJson:
        return text
    return text if is_a(value, list, dict) or text != text.strip() else value
