"""What the templates ask: of the contract as a whole, and what the reference and docstrings say of its parts."""

import json
import re
from typing import Any

from openapi_python_client.strings import pascal_case

from generator.contract import ContractError, distribution_version
from generator.described import Model, Operation, Property, union
from generator.example_values import Endless
from generator.json_pointer import resolve
from generator.lint import server_url
from generator.merging import Schema
from generator.naming import tag_name
from generator.python_literals import expression
from generator.reading import Reading
from generator.session_lifecycle import read_lifecycle
from generator.type_annotations import TYPES, names_in

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
# What a program calls its own things, so that an operation of such a name has another there.
OWN = ("asyncio", "client", "datetime", "main", "print", "result")
STANDARD = {"datetime": "import datetime", "UUID": "from uuid import UUID"}
LIMITS = "minimum exclusiveMinimum maximum exclusiveMaximum minLength maxLength minItems maxItems"
MARKS = {"readOnly": "set by the server", "writeOnly": "never answered"}


class Facts:
    """Answers the templates' questions."""

    def __init__(self, document: dict[str, Any], reading: Reading) -> None:
        self._document = document
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

    def tag_page(self, tag: str) -> str:
        """Return the name of the page of a tag's operations."""
        return f"{pascal_case(tag)}Api.md"

    def example(self, operation: Operation, tag: str, *, awaited: bool = False) -> str:
        """Return a program that calls an operation, for threads or for asyncio.

        Raises:
            ContractError: No value fits what the operation takes.
        """
        name = f"{operation.name}_operation" if operation.name in OWN else operation.name
        auth = "auth=SessionAuth.from_env()" if self.logs_in else 'auth="token"'
        auth, arguments = auth if operation.secured else "", self._arguments(operation)
        function = f"await {name}.asyncio" if awaited else f"{name}.sync"
        # The last comma tells the formatter to give each argument its line.
        call = f"{function}({', '.join(arguments)}{',' if operation.bodies else ''})"
        block = [f"with Client({auth}) as client:", f"    {call}"]
        if operation.result != "None":
            block = [block[0], f"    result = {call}", "print(result)"]

        code = f"{auth} {call}"
        standard = ["import asyncio"] if awaited else []
        standard += [line for name, line in STANDARD.items() if name in names_in(code)]
        imports = {
            "pacerpro_client": {"Client", *({"SessionAuth"} & names_in(auth))},
            f"pacerpro_client.api.{tag}": {operation.name if name == operation.name else f"{operation.name} as {name}"},
            "pacerpro_client.models": self.models.all.keys() & names_in(code),
            "pacerpro_client.types": set(TYPES) & names_in(code),
        }
        ours = [f"from {module} import {', '.join(sorted(names))}" for module, names in imports.items() if names]
        head = [*standard, "", *ours, ""]
        if awaited:
            block = ["", "async def main() -> None:", f"    async {block[0]}", *(f"    {line}" for line in block[1:])]
            block += ["", "", "asyncio.run(main())"]
        return "\n".join([*head, *block]).strip()

    def _arguments(self, operation: Operation) -> list[str]:
        values = self.models.values

        def value(plain: Schema, examples: list[Any]) -> str:
            try:
                return expression(values, plain, values.fitting(plain, examples))
            except Endless as error:
                raise ContractError(f"nothing can be sent: {error} requires itself", operation.place) from None

        arguments = [value(each.schema, each.examples) for each in operation.in_path]
        arguments.append("client=client")
        for body in operation.bodies[:1]:
            plain = {"type": "string", "file": True} if body.kind == "file" else body.schema
            arguments.append(f"body={value(plain, body.examples)}")
        needed = [each for each in operation.by_name if each.required and not each.default]
        return [*arguments, *(f"{each.python_name}={value(each.schema, each.examples)}" for each in needed)]

    def described(self, prop: Property) -> str:
        """Return what the contract says of a property or a parameter, in one line."""
        schema = self.models.schemas.resolve(prop.schema)
        said = {**schema, **prop.schema}
        text = prop.description or ("" if prop.location else str(schema.get("description", "")))
        notes = [] if text and prop.name == prop.python_name else [f"``{prop.name}`` in the contract"]
        notes += [f"format {said['format']}"] if "format" in said else []
        notes += [text for word, text in MARKS.items() if said.get(word)]
        notes += [f"{limit} {said[limit]:g}" for limit in LIMITS.split() if limit in said]
        if said.get("default") is not None and prop.default in {"", "UNSET"}:  # Python does not show it.
            notes.append(f"the server's default is ``{json.dumps(said['default'], ensure_ascii=False)}``")
        notes += [f"for example ``{each}``" for each in prop.schema.get("examples", [])[:1] if len(str(each)) <= 60]
        more = "; ".join(notes)
        parts = ["Deprecated." if prop.deprecated else "", text, f"{more[:1].upper()}{more[1:]}." if more else ""]
        return " ".join(" ".join(parts).split())

    def headers(self, operation: Operation) -> list[list[str]]:
        """Return the headers of the request, and those that the contract documents of the answers."""
        found: dict[tuple[str, str], list[str]] = {}
        for body in operation.bodies:
            found.setdefault(("Content-Type", f"`{body.media_type}`"), []).append("sent")
        if operation.secured:
            found.setdefault(("Authorization", "`Bearer` and the token"), []).append("sent")
        for status, each in operation.said.get("responses", {}).items():
            response = resolve(self._document, each) if not str(status).startswith("x-") else {}
            if types := " or ".join(f"`{media_type}`" for media_type in response.get("content", {})):
                found.setdefault(("Content-Type", types), []).append(str(status))
            for name, header in response.get("headers", {}).items():
                said = resolve(self._document, header)
                description = "Deprecated. " if said.get("deprecated") else ""
                description += " ".join(said.get("description", "").split())
                found.setdefault((name, description), []).append(str(status))
        return [[", ".join(when), *what] for what, when in found.items()]

    def authorization(self, operation: Operation) -> str:
        """Return which token an operation asks for."""
        if not operation.secured:
            return "None."
        return "A token: `Client(auth=...)` takes one" + (", or a `SessionAuth`." if self.logs_in else ".")

    def linked(self, type_: str) -> str:
        """Return a type with links to the pages of models."""
        parts = re.split(r"(\w+)", type_)
        shown = [f"[`{part}`]({part}.md)" if part in self.models.all else part for part in parts]
        return "".join(shown) if self.models.all.keys() & set(parts) else f"`{type_}`"
