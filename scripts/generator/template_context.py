"""What the templates need to know of the contract, beyond what openapi-python-client tells them.

The generator passes on neither servers, security, extensions nor the format of a property; its objects for operations
and models are matched here with the document that they came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty, Property
from openapi_python_client.parser.responses import Response
from openapi_python_client.strings import PythonIdentifier

from generator.contract_version import distribution_version
from generator.example_values import Values
from generator.json_pointer import resolve
from generator.lint import DISPLAY, HIDDEN, METHODS, server_url
from generator.session_lifecycle import read_lifecycle

# RFC 9110, section 9.2.2.
IDEMPOTENT = frozenset({"get", "head", "options", "put", "delete", "trace"})

# How the body of a response is read, by where the generator takes it from.
READERS = {"response.text": "as_text", "response.content": "as_file", "None": "as_nothing"}

# The class that the runtime raises for a documented status, beside ServerError; any other raises their parent.
ERRORS = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "NotFound",
    "413": "ContentTooLarge",
    "415": "UnsupportedMediaType",
    "429": "TooManyRequests",
}
UNDOCUMENTED = [
    ("errors.ApiError", "Any other answer than a success."),
    ("errors.InvalidResponse", "A success that the contract does not allow."),
    ("httpx.RequestError", "The network failed, a timeout ran out, or what came cannot be unpacked."),
]


@dataclass(frozen=True)
class Outcome:
    """A documented response: its status or range, its type, how its body is read, and what the contract says of it."""

    status: str
    type: str
    reader: str
    description: str

    @property
    def key(self) -> str:
        """The status as a Python literal."""
        return self.status if self.status.isdigit() else f'"{self.status}"'

    @property
    def summary(self) -> str:
        """What the contract says of it, or its status where it says nothing."""
        return self.description or f"What comes with {self.status}."


class Facts:
    """Answers the templates' questions."""

    def __init__(self, document: dict[str, Any], data: GeneratorData) -> None:
        self._document = document
        paths = document.get("paths", {}).items()
        found = [(path, item[method]) for path, item in paths for method in item if method in METHODS]
        self._operations = {PythonIdentifier(each["operationId"], "field_"): each for _, each in found}
        self._paths = {PythonIdentifier(each["operationId"], "field_"): path for path, each in found}
        self.title: str = document["info"]["title"]
        self.version = distribution_version(document)
        self.server = server_url(document)
        self.lifecycle = read_lifecycle(document, data)
        self.values = Values(document)
        self.models: dict[str, ModelProperty] = {each.class_info.name: each for each in data.models}

    def secured(self, endpoint: Endpoint) -> bool:
        """Tell whether an operation takes a token; what it says itself goes before what the document's top says."""
        security = self._operations[endpoint.name].get("security", self._document.get("security", []))
        return any(security)

    def repeatable(self, endpoint: Endpoint) -> bool:
        """Tell whether an operation may be sent twice: its method says so, or it logs in."""
        logs_in = self.lifecycle is not None and endpoint.name == self.lifecycle.login.name
        return endpoint.method in IDEMPOTENT or logs_in

    @property
    def logs_in(self) -> bool:
        """Whether an address and a password are all that a log-in needs."""
        life = self.lifecycle
        needed = {each.python_name for each in life.credentials.required_properties or []} if life else {""}
        return life is not None and needed <= {life.identity, life.password}

    def logs_out(self, endpoint: Endpoint) -> bool:
        """Tell whether an operation revokes the token with which it is called."""
        return self.lifecycle is not None and endpoint.name == self.lifecycle.logout.name

    def deprecated(self, endpoint: Endpoint) -> str:
        """Return the words with which to warn of an operation that is on its way out; nothing for any other."""
        if not self._operations[endpoint.name].get("deprecated"):
            return ""
        return f"{endpoint.method.upper()} {self.path(endpoint)} will be removed from the API."

    def successes(self, endpoint: Endpoint) -> list[Outcome]:
        """Return the documented successes; without any, what holds by default."""
        outcomes = [_outcome(each) for each in endpoint.responses]
        successes = [each for each in outcomes if each.status.startswith("2")]
        return successes or [each for each in outcomes if each.status == "default"]

    def failures(self, endpoint: Endpoint) -> list[Outcome]:
        """Return the documented responses that are no successes."""
        return [each for each in map(_outcome, endpoint.responses) if not each.status.startswith("2")]

    def result(self, endpoint: Endpoint) -> str:
        """Return the type of an operation's success."""
        return " | ".join(sorted({each.type for each in self.successes(endpoint)})) or "None"

    def path(self, endpoint: Endpoint) -> str:
        """Return an operation's path with the parameters' own names; the generator puts Python's in their place."""
        return str(self._paths[endpoint.name])

    def operation(self, endpoint: Endpoint) -> dict[str, Any]:
        """Return what the contract says of an operation, as it stands there."""
        return self._operations[endpoint.name]

    def parameters(self, endpoint: Endpoint) -> list[dict[str, Any]]:
        """Return what the contract says of the parameters of an operation, those of its path first."""
        shared = self._document["paths"][self.path(endpoint)].get("parameters", [])
        return [self.resolve(each) for each in [*shared, *self.operation(endpoint).get("parameters", [])]]

    def resolve(self, value: Any) -> dict[str, Any]:
        """Return what a reference stands for; any other value as it is."""
        found: dict[str, Any] = resolve(self._document, value)
        return found

    def schema(self, model: ModelProperty) -> dict[str, Any]:
        """Return the schema of a model."""
        found: dict[str, Any] = model.data.model_dump(
            mode="json",
            by_alias=True,
            exclude_unset=True,
            exclude_none=True,  # The generator itself has set those.
        )
        return found

    def body_description(self, endpoint: Endpoint) -> str:
        """Return what the contract says of an operation's body."""
        body = resolve(self._document, self._operations[endpoint.name].get("requestBody", {}))
        return " ".join(str(body.get("description", "What to send.")).split())

    def raised(self, endpoint: Endpoint) -> list[tuple[str, str]]:
        """Return the errors that a call raises, each with what it means."""
        documented: dict[str, dict[str, None]] = {}  # Several statuses may share one description.
        for each in self.failures(endpoint):
            if name := ERRORS.get(each.status, "ServerError" if each.status.startswith("5") else ""):
                documented.setdefault(f"errors.{name}", {})[each.summary] = None
        return [*((name, " ".join(summaries)) for name, summaries in documented.items()), *UNDOCUMENTED]

    def raised_names(self, endpoint: Endpoint) -> str:
        """Return the names of the errors that a call raises, in one line."""
        return ", ".join(name for name, _ in self.raised(endpoint))

    def is_secret(self, model: ModelProperty, prop: Property) -> bool:
        """Tell whether a property must not be shown: it is marked, a password, write-only, or the lifecycle's token."""
        life = self.lifecycle
        if life and model.class_info == life.session.class_info and prop.python_name == life.token:
            return True
        properties = self.properties(self.schema(model))
        return self._has_secret(properties.get(prop.name.get_untrusted_value()))

    def display(self, model: ModelProperty) -> str | None:
        """Return the attribute that stands for a whole object in a line of text."""
        name = (model.data.model_extra or {}).get(DISPLAY)
        properties = [*(model.required_properties or []), *(model.optional_properties or [])]
        return next((each.python_name for each in properties if each.name.get_untrusted_value() == name), None)

    def tag_description(self, tag: str) -> str:
        """Return what the contract says of a tag."""
        tags = {PythonIdentifier(each["name"], "tag"): each for each in self._document.get("tags", [])}
        return str(tags.get(PythonIdentifier(tag, "tag"), {}).get("description", f"The operations under {tag}."))

    def properties(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schemas of an object's properties, with those that it has from others."""
        schema = resolve(self._document, schema)
        inherited = [self.properties(parent) for parent in schema.get("allOf") or []]
        return {name: each for part in [*inherited, schema.get("properties") or {}] for name, each in part.items()}

    def _has_secret(self, schema: Any) -> bool:
        schema = resolve(self._document, schema)
        if not isinstance(schema, dict):
            return False
        if schema.get("format") == "password" or schema.get("writeOnly") or schema.get(HIDDEN):
            return True
        # The properties of an object inside are for the class of that object to mark.
        return any(
            self._has_secret(each)
            for each in [schema.get("items"), *(schema.get("anyOf") or []), *(schema.get("oneOf") or [])]
        )


def _outcome(response: Response) -> Outcome:
    reader = READERS.get(response.source["attribute"])
    type_ = "None" if reader == "as_nothing" else response.prop.get_type_string().as_unembedded_code()
    description = getattr(response.data, "description", None)
    return Outcome(
        status=response.status_code.pattern,
        type=type_,
        reader=reader or f"as_json({type_})",
        description=" ".join(description.get_untrusted_value().split()) if description else "",
    )
