"""What the templates need to know of the contract as a whole, and of an operation beyond what is sent and answered."""

from __future__ import annotations

import re
from typing import Any

from generator.contract_version import distribution_version
from generator.described import Model, Operation, Property, union
from generator.json_pointer import resolve
from generator.lint import DISPLAY, server_url
from generator.naming import tag_name
from generator.reading import Reading
from generator.session_lifecycle import read_lifecycle
from generator.type_annotations import IMPORTS, TYPES, names_in

# RFC 9110, section 9.2.2.
IDEMPOTENT = frozenset({"get", "head", "options", "put", "delete", "trace"})

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


class Facts:
    """Answers the templates' questions."""

    def __init__(self, document: dict[str, Any], reading: Reading) -> None:
        self._document = document
        self.models = reading.models
        self.operations = reading.operations
        self.title: str = document["info"]["title"]
        self.version = distribution_version(document)
        self.server = server_url(document)
        self.lifecycle = read_lifecycle(document, reading)

    def secured(self, operation: Operation) -> bool:
        """Tell whether an operation takes a token; what it says itself goes before what the document's top says."""
        return any(operation.said.get("security", self._document.get("security", [])))

    def repeatable(self, operation: Operation) -> bool:
        """Tell whether an operation may be sent twice: its method says so, or it logs in."""
        return operation.method in IDEMPOTENT or (self.lifecycle is not None and operation is self.lifecycle.login)

    @property
    def logs_in(self) -> bool:
        """Whether an address and a password are all that a log-in needs."""
        life = self.lifecycle
        needed = {each.python_name for each in life.credentials.properties if not each.default} if life else {""}
        return life is not None and needed <= {life.identity, life.password}

    def logs_out(self, operation: Operation) -> bool:
        """Tell whether an operation revokes the token with which it is called."""
        return self.lifecycle is not None and operation is self.lifecycle.logout

    def deprecated(self, operation: Operation) -> str:
        """Return the words with which to warn of an operation that is on its way out; nothing for any other."""
        if not operation.said.get("deprecated"):
            return ""
        return f"{operation.method.upper()} {operation.path} will be removed from the API."

    def resolve(self, value: Any) -> dict[str, Any]:
        """Return what a reference stands for; any other value as it is."""
        found: dict[str, Any] = resolve(self._document, value)
        return found

    def body_description(self, operation: Operation) -> str:
        """Return what the contract says of an operation's body."""
        body = self.resolve(operation.said.get("requestBody", {}))
        return " ".join(str(body.get("description", "What to send.")).split())

    def raised(self, operation: Operation) -> list[tuple[str, str]]:
        """Return the errors that a call raises, each with what it means."""
        documented: dict[str, dict[str, None]] = {}  # Several statuses may share one description.
        for each in operation.failures:
            if name := ERRORS.get(each.status, "ServerError" if each.status.startswith("5") else ""):
                documented.setdefault(f"errors.{name}", {})[each.summary] = None
        return [*((name, " ".join(summaries)) for name, summaries in documented.items()), *UNDOCUMENTED]

    @property
    def error_body(self) -> str:
        """The type of the body of an error, of any operation; None for a body that is something else."""
        body = union([*(each.type for one in self.operations for each in one.failures), "None"])
        # A model may be called as an error is.
        return re.sub(r"\w+", lambda found: f"_models.{found[0]}" if found[0] in self.models.all else found[0], body)

    def raised_names(self, operation: Operation) -> str:
        """Return the names of the errors that a call raises, in one line."""
        return ", ".join(name for name, _ in self.raised(operation))

    def is_secret(self, model: Model, prop: Property) -> bool:
        """Tell whether a property must not be shown: it is marked, a password, write-only, or the lifecycle's token."""
        life = self.lifecycle
        if life and model is life.session and prop.python_name == life.token:
            return True
        return self.models.is_secret(prop.schema)

    def display(self, model: Model) -> str | None:
        """Return the attribute that stands for a whole object in a line of text."""
        name = model.schema.get(DISPLAY)
        return next((each.python_name for each in model.properties if each.name == name), None)

    def enum_base(self, model: Model) -> str:
        """Return what an enum derives from, so that its members can be used as their values."""
        kinds = {type(value) for value in model.schema["enum"]}
        if kinds <= {int, float}:
            return "IntEnum" if kinds == {int} else "float, Enum"
        return "StrEnum" if kinds == {str} else "Enum"

    def is_default(self, line: str, model: Model) -> bool:
        """Tell whether the class that a line imports is needed for a default of a model."""
        return any(each.default.startswith(f"{line.rpartition(' ')[2]}.") for each in model.properties)

    def tag_description(self, tag: str) -> str:
        """Return what the contract says of a tag."""
        tags = {tag_name(each["name"]): each for each in self._document.get("tags", [])}
        return str(tags.get(str(tag), {}).get("description", f"The operations under {tag}."))

    def imports(self, code: str, prefix: str, own: str = "") -> dict[str, list[str]]:
        """Return the imports that annotations need: of the standard library, of the client's types and of its classes.

        Args:
            code: The annotations.
            prefix: The dots before the name of the package.
            own: The class in whose module they stand.
        """
        names = names_in(code)
        used = [model for model in self.models.all.values() if model.name in names - {own}]
        return {
            "standard": [line for name, line in IMPORTS.items() if name in names],
            "types": sorted(names & set(TYPES)),
            "models": sorted(f"from {prefix}models.{each.module} import {each.name}" for each in used),
        }
