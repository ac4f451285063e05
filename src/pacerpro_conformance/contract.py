"""What openapi.yaml says, so that no check states it again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, SchemaError

from .errors import CannotRunError
from .values import as_object, is_list, is_object

LIFECYCLE = "x-session-lifecycle"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# What reading another document raises.
BROKEN = (yaml.YAMLError, SchemaError, LookupError, TypeError, AttributeError, ValueError, RecursionError)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast, and not everywhere
FORMATS = Draft202012Validator.FORMAT_CHECKER


@dataclass(frozen=True)
class Operation:
    """One operation of a session's life, with the references in its responses resolved."""

    name: str
    method: str
    path: str
    responses: Mapping[str, Any]

    def response(self, status: int) -> Any:
        """What the contract says about an answer with this status, or with its range; None if it says nothing.

        A gateway chooses its 5xx freely, so one that the contract does not list counts as one that it does.
        """
        keys = [str(status), f"{status // 100}XX"]
        keys += [key for key in self.responses if status >= 500 and key.startswith("5")]
        return next((self.responses[key] for key in keys if key in self.responses), None)

    def example(self, status: int) -> dict[str, Any]:
        """The contract's first example of an answer; empty if there is none."""
        content = as_object(self.response(status)).get("content", {})
        examples = [example["value"] for media in content.values() for example in media.get("examples", {}).values()]
        return dict(examples[0]) if examples else {}


class Contract:
    """The contract: the operations of a session's life, and the rules for tokens.

    The suite checks no other operations: they have needs that it does not know.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.title = f"{document['info']['title']} {document['info']['version']}"
        scheme, *_ = (each for each in document["components"]["securitySchemes"].values() if LIFECYCLE in each)
        self.scheme, life = str(scheme["scheme"]).capitalize(), scheme[LIFECYCLE]
        self.identity, self.password = str(life["identity"]), str(life["password"])
        self.token, self.expiry = str(life["token"]), str(life["expiry"])
        operations = {operation.name: operation for operation in self._operations(list(life.values()))}
        self.log_in, self.refresh, self.log_out = (operations[life[name]] for name in ("login", "refresh", "logout"))
        self.session_operations = (self.log_in, self.refresh, self.log_out)
        self.session_paths = sorted({operation.path for operation in self.session_operations})
        content, *_ = self.refresh.response(200)["content"].values()
        # The schemas of a token's header and claims, as far as there are any.
        self.token_rules: dict[str, Any] = content["schema"]["properties"][self.token].get("x-jwt", {})
        for schema in self.token_rules.values():
            Draft202012Validator.check_schema(schema, format_checker=FORMATS)

    @classmethod
    def read(cls, path: Path) -> "Contract":
        """Read the contract from a file. Raises CannotRunError if it is not a contract that can be checked."""
        try:
            return cls(yaml.load(path.read_text("utf-8"), LOADER))  # noqa: S506 - it is a safe one
        except OSError as error:
            raise CannotRunError(f"{path} cannot be read: {error.strerror}") from error
        except BROKEN as error:
            why = " ".join(f"{type(error).__name__}: {getattr(error, 'message', error)}".split())
            raise CannotRunError(f"{path} is not a contract with {LIFECYCLE}: {why}") from error

    def _operations(self, names: list[str]) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                operation = item.get(method, {})
                if operation.get("operationId") in names:
                    self._resolved(operation.get("requestBody"))  # a reference to nothing is found here, too
                    responses = {str(key): self._resolved(each) for key, each in operation["responses"].items()}
                    yield Operation(operation["operationId"], method.upper(), path, responses)

    def _resolved(self, part: Any) -> Any:
        """A part of the contract, with what a reference refers to in place of each reference, and sound schemas."""
        if is_list(part):
            return [self._resolved(each) for each in part]
        if not is_object(part):
            return part
        if not isinstance(part.get("$ref"), str):
            resolved = {key: self._resolved(each) for key, each in part.items()}
            if "schema" in resolved:
                Draft202012Validator.check_schema(resolved["schema"], format_checker=FORMATS)
            return resolved
        target: Any = self.document
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        return self._resolved({**target, **{key: each for key, each in part.items() if key != "$ref"}})

    def methods(self, path: str) -> set[str]:
        """The methods that the contract has for a path."""
        return {method.upper() for method in METHODS if method in self.document["paths"][path]}


def complaints(schema: Mapping[str, Any], value: Any) -> list[str]:
    """Where a value breaks a schema of the contract, in words that quote no value."""
    validator: Any = Draft202012Validator(schema, format_checker=FORMATS)
    return [
        f"{'.'.join(map(str, error.absolute_path)) or 'the whole'} breaks "
        f"{error.validator}: {json.dumps(error.validator_value, default=str)}"
        for error in validator.iter_errors(value)
    ]
