"""What openapi.yaml says, looked up by those who hold a server against it, so that none of it is typed twice."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

LIFECYCLE = "x-session-lifecycle"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
ROOT_URI = "urn:contract"


class UnusableContractError(Exception):
    """The contract cannot be read, or lacks what the checks need; the message says what."""


@dataclass(frozen=True)
class Operation:
    """One operation of the contract, with every reference of its responses resolved."""

    name: str
    method: str
    path: str
    secured: bool
    responses: Mapping[str, Any]

    def response(self, status: int) -> Any:
        """What the contract says of an answer with this status; None when it says nothing."""
        return self.responses.get(str(status)) or self.responses.get(f"{status // 100}XX")


class Contract:
    """The contract, with its operations by operationId and the lifecycle of its tokens."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        resource = DRAFT202012.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource(ROOT_URI, resource)
        self._schemas: dict[str, Draft202012Validator] = {}
        self.operations = {operation.name: operation for operation in self._read_operations()}
        scheme = next(scheme for scheme in document["components"]["securitySchemes"].values() if LIFECYCLE in scheme)
        # The word on the wire, which RFC 7235 lets a client write in any case and this service does not.
        self.scheme = str(scheme["scheme"]).capitalize()
        lifecycle = scheme[LIFECYCLE]
        self.log_in = self.operations[lifecycle["login"]]
        self.refresh = self.operations[lifecycle["refresh"]]
        self.log_out = self.operations[lifecycle["logout"]]
        self.identity, self.password = str(lifecycle["identity"]), str(lifecycle["password"])
        self.token, self.expiry = str(lifecycle["token"]), str(lifecycle["expiry"])

    @classmethod
    def read(cls, path: Path) -> "Contract":
        """Read the contract from a file.

        Raises UnusableContractError when it is no OpenAPI document with a session lifecycle.
        """
        try:
            return cls(yaml.safe_load(path.read_text("utf-8")))
        except OSError as error:
            raise UnusableContractError(f"{path} cannot be read: {error.strerror}") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise UnusableContractError(f"{path} is no YAML: {' '.join(str(error).split())}") from error
        except (KeyError, TypeError, AttributeError, StopIteration) as error:
            raise UnusableContractError(f"{path} is no contract with {LIFECYCLE}: {error!r}") from error

    def _read_operations(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    operation = item[method]
                    yield Operation(
                        name=operation["operationId"],
                        method=method.upper(),
                        path=path,
                        secured=bool(operation["security"]),
                        responses={key: self.resolved(each) for key, each in operation["responses"].items()},
                    )

    def resolved(self, part: Any) -> Any:
        """A part of the contract, with a reference at its top followed."""
        while isinstance(part, Mapping) and "$ref" in part:
            target: Any = self.document
            for step in str(part["$ref"]).removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            part = target
        return part

    @property
    def paths(self) -> list[str]:
        """The paths of the contract, as they are written; one with parameters would need values for them."""
        return sorted({operation.path for operation in self.operations.values()})

    def methods(self, path: str) -> set[str]:
        """The methods that the contract has for a path."""
        return {operation.method for operation in self.operations.values() if operation.path == path}

    def example(self, operation: Operation, status: int) -> dict[str, Any]:
        """The contract's first example of an answer; an empty one where it has none."""
        for media in operation.response(status).get("content", {}).values():
            for example in media.get("examples", {}).values():
                return dict(example["value"])
        return {}

    def complaints(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """Where a value breaks a schema of the contract, in words that quote no value."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._schemas:
            anchored = json.loads(key.replace('"#/', f'"{ROOT_URI}#/'))
            self._schemas[key] = Draft202012Validator(
                anchored, registry=self._registry, format_checker=Draft202012Validator.FORMAT_CHECKER
            )
        return [
            f"{'.'.join(map(str, error.absolute_path)) or 'the body'} breaks "
            f"{error.validator}: {json.dumps(error.validator_value)}"
            for error in self._schemas[key].iter_errors(value)
        ]
