"""Read the life of a session from the contract: the extension that the security scheme carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.contract import ContractError
from generator.described import Model, Operation, split
from generator.json_pointer import Pointer
from generator.naming import operation_name
from generator.reading import Reading

# What a property has to be, by its type in Python.
KINDS = {"str": "string", "datetime.datetime": "date-time"}

EXTENSION = "x-session-lifecycle"


@dataclass(frozen=True)
class Lifecycle:
    """The operations and properties by which a session lives, as they are called in Python.

    ``credentials`` is the model that logs in, with ``identity`` and ``password``; ``session`` the one that comes back,
    with ``token`` and ``expiry``.
    """

    login: Operation
    refresh: Operation
    logout: Operation
    credentials: Model
    identity: str
    password: str
    session: Model
    token: str
    expiry: str


def read_lifecycle(document: dict[str, Any], reading: Reading) -> Lifecycle | None:
    """Return the lifecycle that a security scheme states, or None where none does.

    Raises:
        ContractError: It names an operation or a property that is not there.
    """
    schemes: dict[str, Any] = document.get("components", {}).get("securitySchemes", {})
    for name, scheme in schemes.items():
        if EXTENSION in scheme:
            return _Reader(scheme[EXTENSION], ("components", "securitySchemes", name, EXTENSION)).read(reading)
    return None


class _Reader:
    def __init__(self, extension: Any, pointer: Pointer) -> None:
        if not isinstance(extension, dict):
            raise ContractError("the lifecycle is a mapping from roles to names", pointer)
        self._extension = extension
        self._pointer = pointer

    def read(self, reading: Reading) -> Lifecycle:
        operations = {each.name: each for each in reading.operations}
        login, refresh, logout = (self._operation(role, operations) for role in ("login", "refresh", "logout"))
        taken, given = [each.type for each in login.bodies], [each.type for each in login.successes]
        credentials, session = (next(filter(None, map(reading.models.all.get, each)), None) for each in (taken, given))
        if credentials is None or session is None:
            raise self._error("login", "a log-in takes an object and answers one")
        identity, password = self._attribute("identity", credentials), self._attribute("password", credentials)
        token, expiry = self._attribute("token", session), self._attribute("expiry", session, "datetime.datetime")
        return Lifecycle(login, refresh, logout, credentials, identity, password, session, token, expiry)

    def _name(self, role: str) -> str:
        if not isinstance(name := self._extension.get(role), str):
            raise self._error(role, f"the lifecycle does not say which is the {role}")
        return name

    def _operation(self, role: str, operations: dict[str, Operation]) -> Operation:
        name = self._name(role)
        if operation_name(name) not in operations:
            raise self._error(role, f"there is no operation {name}")
        return operations[operation_name(name)]

    def _attribute(self, role: str, model: Model, type_: str = "str") -> str:
        name = self._name(role)
        found = next((each for each in model.properties if each.name == name), None)
        if found is None:
            raise self._error(role, f"{model.name} has no property {name}")
        # An optional property of an answer may be null: a newer server may send it so.
        if not {type_, f"MaybeNull[{type_}]"} & set(split(found.type)):
            raise self._error(role, f"{name} cannot be the {role}: it is not a {KINDS[type_]}")
        return found.python_name

    def _error(self, role: str, message: str) -> ContractError:
        return ContractError(message, (*self._pointer, role) if role in self._extension else self._pointer)
