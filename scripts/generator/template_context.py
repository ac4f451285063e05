"""What the templates need to know of the contract as a whole, and of an operation beyond what is sent and answered."""

from __future__ import annotations

import re
from typing import Any

from generator.contract import distribution_version
from generator.described import Model, Operation, Property, union
from generator.lint import server_url
from generator.naming import tag_name
from generator.reading import Reading
from generator.session_lifecycle import read_lifecycle
from generator.type_annotations import names_in

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
        self._tags = {tag_name(each["name"]): each for each in document.get("tags", [])}
        self.models = reading.models
        self.operations = reading.operations
        self.title: str = document["info"]["title"]
        self.version = distribution_version(document)
        self.server = server_url(document)
        self.errors = sorted([*((name, status) for status, name in ERRORS.items()), ("ServerError", "500 and above")])
        self.lifecycle = read_lifecycle(document, reading)

    @property
    def logs_in(self) -> bool:
        """Whether an address and a password are all that a log-in needs."""
        life = self.lifecycle
        needed = {each.python_name for each in life.credentials.properties if not each.default} if life else {""}
        return life is not None and needed <= {life.identity, life.password}

    def raised(self, operation: Operation) -> list[tuple[str, str]]:
        """Return the errors that a call raises, each with what it means."""
        documented: dict[str, dict[str, None]] = {}  # Several statuses may share one description.
        for each in operation.failures:
            name = ERRORS.get(each.status, "ServerError" if each.status.startswith("5") else "ApiError")
            said = f"{each.status}: {each.summary}" if name == "ApiError" else each.summary
            documented.setdefault(f"errors.{name}", {})[said] = None
        for error, said in UNDOCUMENTED:
            documented.setdefault(error, {})[said] = None
        return [(error, " ".join(sentences)) for error, sentences in documented.items()]

    @property
    def error_body(self) -> str:
        """The type of the body of an error, of any operation; None for a body that is something else."""
        body = union([*(each.type for one in self.operations for each in one.failures), "None"])
        # A model may be called as an error is.
        return re.sub(r"\w+", lambda found: f"_models.{found[0]}" if found[0] in self.models.all else found[0], body)

    def is_secret(self, model: Model, prop: Property) -> bool:
        """Tell whether a property must not be shown: it is marked, a password, write-only, or the lifecycle's token."""
        life = self.lifecycle
        if life and model is life.session and prop.python_name == life.token:
            return True
        return self.models.is_secret(prop.schema)

    def tag_description(self, tag: str) -> str:
        """Return what the contract says of a tag."""
        return str(self._tags.get(tag, {}).get("description", f"The operations under {tag}."))

    def used(self, code: str) -> list[Model]:
        """Return the classes that some code names."""
        names = names_in(code)
        return [each for each in self.models.all.values() if each.name in names]
