"""Read the life of a session from the contract: the extension that the security scheme carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.strings import PythonIdentifier

from generator.contract import ContractError
from generator.json_pointer import Pointer

# What a property has to be, by its type in Python.
KINDS = {"str": "string", "datetime.datetime": "date-time"}

EXTENSION = "x-session-lifecycle"


@dataclass(frozen=True)
class Lifecycle:
    """The operations and properties by which a session lives, as they are called in Python.

    ``credentials`` is the model that logs in, with ``identity`` and ``password``; ``session`` the one that comes back,
    with ``token`` and ``expiry``.
    """

    login: Endpoint
    refresh: Endpoint
    logout: Endpoint
    credentials: ModelProperty
    identity: str
    password: str
    session: ModelProperty
    token: str
    expiry: str


def read_lifecycle(document: dict[str, Any], data: GeneratorData) -> Lifecycle | None:
    """Return the lifecycle that a security scheme states, or None where none does.

    Raises:
        ContractError: It names an operation or a property that is not there.
    """
    schemes: dict[str, Any] = document.get("components", {}).get("securitySchemes", {})
    for name, scheme in schemes.items():
        if EXTENSION in scheme:
            return _Reader(scheme[EXTENSION], ("components", "securitySchemes", name, EXTENSION), data).read()
    return None


class _Reader:
    def __init__(self, extension: Any, pointer: Pointer, data: GeneratorData) -> None:
        if not isinstance(extension, dict):
            raise ContractError("the lifecycle is a mapping from roles to names", pointer)
        self._extension = extension
        self._pointer = pointer
        tags = data.endpoint_collections_by_tag.values()
        self._endpoints = {endpoint.name: endpoint for tag in tags for endpoint in tag.endpoints}
        self._models = {model.class_info.name: model for model in data.models}

    def read(self) -> Lifecycle:
        login, refresh, logout = (self._operation(role) for role in ("login", "refresh", "logout"))
        credentials = self._model("login", [body.prop for body in login.bodies])
        session = self._model(
            "login", [each.prop for each in login.responses if each.status_code.pattern.startswith("2")]
        )
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

    def _operation(self, role: str) -> Endpoint:
        name = self._named(role)
        endpoint = self._endpoints.get(PythonIdentifier(name, "field_"))
        if endpoint is None:
            raise ContractError(f"there is no operation {name}", self._place(role))
        return endpoint

    def _model(self, role: str, props: list[Any]) -> ModelProperty:
        for prop in props:
            if isinstance(prop, ModelProperty):
                return self._models[prop.class_info.name]
        raise ContractError("a log-in takes an object and answers one", self._place(role))

    def _property(self, role: str, model: ModelProperty, type_: str = "str") -> str:
        name = self._named(role)
        for each in [*(model.required_properties or []), *(model.optional_properties or [])]:
            if each.name.get_untrusted_value() == name:
                if type_ not in each.get_type_string().as_unembedded_code().split(" | "):
                    raise ContractError(f"{name} cannot be the {role}: it is no {KINDS[type_]}", self._place(role))
                return each.python_name
        raise ContractError(f"{model.class_info.name} has no property {name}", self._place(role))
