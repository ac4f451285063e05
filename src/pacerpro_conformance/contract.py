"""What openapi.yaml says, so that no check states it again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, SchemaError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .errors import CannotRunError
from .tokens import jws
from .values import as_object, is_list

LIFECYCLE = "x-session-lifecycle"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
ROOT_URI = "urn:contract"


@dataclass(frozen=True)
class Operation:
    """One operation of the contract, with the references to its responses resolved."""

    name: str
    method: str
    path: str
    secured: bool
    responses: Mapping[str, Any]

    def key(self, status: int) -> str:
        """What the contract lists a status as: itself, or its range.

        A gateway chooses its 5xx freely, so one that the contract does not list counts as one that it does.
        """
        listed = [key for key in (str(status), f"{status // 100}XX") if key in self.responses]
        if status >= 500:
            listed += [key for key in self.responses if key.startswith("5")]
        return listed[0] if listed else ""

    def response(self, status: int) -> Any:
        """What the contract says about an answer with this status; None if it says nothing."""
        return self.responses.get(self.key(status))


class Contract:
    """The contract: its operations, the lifecycle of a session, and the rules for tokens."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        resource = DRAFT202012.create_resource(document)
        empty: Registry[Any] = Registry()
        self._registry = empty.with_resource(ROOT_URI, resource)
        self._validators: dict[str, Any] = {}
        self.operations = {operation.name: operation for operation in self._read_operations()}
        scheme = next(scheme for scheme in document["components"]["securitySchemes"].values() if LIFECYCLE in scheme)
        self.scheme = str(scheme["scheme"]).capitalize()
        lifecycle = scheme[LIFECYCLE]
        self.log_in, self.refresh, self.log_out = (
            self.operations[lifecycle[k]] for k in ("login", "refresh", "logout")
        )
        self.identity, self.password = str(lifecycle["identity"]), str(lifecycle["password"])
        self.token, self.expiry = str(lifecycle["token"]), str(lifecycle["expiry"])
        content = next(iter(self.refresh.response(200)["content"].values()))
        session = as_object(self.resolved(content["schema"]))
        rules = as_object(self.resolved(session["properties"][self.token])).get("x-jwt", {})
        self.token_header, self.token_claims = rules.get("header", {}), rules.get("claims", {})
        self._check_schemas()

    @classmethod
    def read(cls, path: Path) -> "Contract":
        """Read the contract from a file. Raises CannotRunError if it is not a contract that can be checked."""
        try:
            return cls(yaml.safe_load(path.read_text("utf-8")))
        except OSError as error:
            raise CannotRunError(f"{path} cannot be read: {error.strerror}") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise CannotRunError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
        except SchemaError as error:
            raise CannotRunError(f"{path} has a broken schema: {' '.join(error.message.split())}") from error
        except (LookupError, TypeError, AttributeError, StopIteration, ValueError, RecursionError) as error:
            raise CannotRunError(f"{path} is not a contract with {LIFECYCLE}: {error!r}") from error

    def _read_operations(self) -> Iterator[Operation]:
        default = self.document.get("security", [])
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if operation := item.get(method):
                    responses = {str(key): self.resolved(each) for key, each in operation["responses"].items()}
                    secured = bool(operation.get("security", default))
                    yield Operation(operation["operationId"], method.upper(), path, secured, responses)

    def _check_schemas(self) -> None:
        """Raise LookupError for a reference to nothing, and SchemaError for a schema that is not one."""

        def walk(part: Any) -> None:
            for child in part if is_list(part) else as_object(part).values():
                walk(child)
            self.resolved(part)

        walk(self.document)
        components = self.document["components"]
        headers = (self.resolved(each)["schema"] for each in components.get("headers", {}).values())
        for schema in (*components.get("schemas", {}).values(), *headers, self.token_header, self.token_claims):
            Draft202012Validator.check_schema(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)

    def resolved(self, part: Any) -> Any:
        """A part of the contract, with a reference at its top followed."""
        while isinstance(reference := as_object(part).get("$ref"), str):
            target: Any = self.document
            for step in reference.removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            if target is part:
                raise LookupError(f"{reference} refers to itself")
            part = target
        return part

    @property
    def session_operations(self) -> tuple[Operation, ...]:
        """The operations of a session's life. The suite checks these; others have needs that it does not know."""
        return self.log_in, self.refresh, self.log_out

    @property
    def session_paths(self) -> list[str]:
        """The paths of these operations."""
        return sorted({operation.path for operation in self.session_operations})

    def methods(self, path: str) -> set[str]:
        """The methods that the contract has for a path."""
        return {operation.method for operation in self.operations.values() if operation.path == path}

    def example(self, operation: Operation, status: int) -> dict[str, Any]:
        """The contract's first example of an answer; empty if there is none."""
        for media in as_object(operation.response(status)).get("content", {}).values():
            for example in media.get("examples", {}).values():
                return dict(self.resolved(example)["value"])
        return {}

    def example_token(self) -> jws.Parts | None:
        """The token of the contract's example of a session, taken apart."""
        try:
            return jws.read(str(self.example(self.refresh, 200).get(self.token)))
        except jws.NotATokenError:
            return None

    def complaints(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """Where a value breaks a schema of the contract, in words that quote no value."""
        key = json.dumps(schema, sort_keys=True, default=str)
        if key not in self._validators:
            anchored = json.loads(key.replace('"#/', f'"{ROOT_URI}#/'))
            checker = Draft202012Validator.FORMAT_CHECKER
            self._validators[key] = Draft202012Validator(anchored, registry=self._registry, format_checker=checker)
        return [
            f"{'.'.join(map(str, error.absolute_path)) or 'the whole'} breaks "
            f"{error.validator}: {json.dumps(error.validator_value, default=str)}"
            for error in self._validators[key].iter_errors(value)
        ]
