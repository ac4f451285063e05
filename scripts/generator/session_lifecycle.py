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
            return _Reader(scheme[EXTENSION], ("components", "securitySchemes", name, EXTENSION), reading).read()
    return None


class _Reader:
    def __init__(self, extension: Any, pointer: Pointer, reading: Reading) -> None:
        if not isinstance(extension, dict):
            raise ContractError("the lifecycle is a mapping from roles to names", pointer)
        self._extension = extension
        self._pointer = pointer
        self._operations = {each.name: each for each in reading.operations}
        self._models = reading.models.all

    def read(self) -> Lifecycle:
        login, refresh, logout = (self._operation(role) for role in ("login", "refresh", "logout"))
        credentials = self._model("login", [body.type for body in login.bodies])
        session = self._model("login", [each.type for each in login.successes])
        return Lifecycle(
            login=login,
            refresh=refresh,
            logout=logout,
            credentials=credentials,
            identity=self._property("identity", credentials),
            password=self._property("password", credentials),
            session=session,
            token=self._property("token", session, "str"),
            expiry=self._property("expiry", session, "datetime.datetime"),
        )

    def _named(self, role: str) -> str:
        if not isinstance(name := self._extension.get(role), str):
            raise ContractError(f"the lifecycle does not say which is the {role}", self._place(role))
        return name

    def _place(self, role: str) -> Pointer:
        return (*self._pointer, role) if role in self._extension else self._pointer

    def _operation(self, role: str) -> Operation:
        name = self._named(role)
        operation = self._operations.get(operation_name(name))
        if operation is None:
            raise ContractError(f"there is no operation {name}", self._place(role))
        return operation

    def _model(self, role: str, types: list[str]) -> Model:
        for type_ in types:
            if type_ in self._models:
                return self._models[type_]
        raise ContractError("a log-in takes an object and answers one", self._place(role))

    def _property(self, role: str, model: Model, type_: str = "str") -> str:
        name = self._named(role)
        for each in model.properties:
            if each.name == name:
                # An optional property of an answer may be null: a newer server may send it so.
                if not {type_, f"MaybeNull[{type_}]"} & set(split(each.type)):
                    raise ContractError(f"{name} cannot be the {role}: it is not a {KINDS[type_]}", self._place(role))
                return each.python_name
        raise ContractError(f"{model.name} has no property {name}", self._place(role))
