"""Read the life of a session from the contract: the extension that the security scheme carries."""

from typing import Any, NamedTuple

from generator.contract import ContractError
from generator.described import Model, Operation, split
from generator.json_pointer import Pointer
from generator.naming import operation_name
from generator.reading import Reading

EXTENSION = "x-session-lifecycle"


class Lifecycle(NamedTuple):
    """The operations and properties by which a session lives, as they are called in Python.

    ``credentials`` is the model that logs in, with ``identity`` and ``password``; ``session`` the one that comes back,
    with ``token`` and ``expiry``.
    """

    login: Operation
    refresh: Operation
    logout: Operation
    credentials: Model
    session: Model
    identity: str
    password: str
    token: str
    expiry: str


def read_lifecycle(document: dict[str, Any], reading: Reading) -> Lifecycle | None:
    """Return the lifecycle that a security scheme states, or None where none does.

    Raises:
        ContractError: It names an operation or a property that is not there.
    """
    for scheme, said in document.get("components", {}).get("securitySchemes", {}).items():
        if EXTENSION in said:
            return _read(said[EXTENSION], ("components", "securitySchemes", scheme, EXTENSION), reading)
    return None


def _read(names: dict[str, str], place: Pointer, reading: Reading) -> Lifecycle:
    known, roles = {each.name: each for each in reading.operations}, ("login", "refresh", "logout")
    for role in roles:
        if operation_name(names[role]) not in known:
            raise ContractError(f"there is no operation {names[role]}", (*place, role))
    login, refresh, logout = (known[operation_name(names[role])] for role in roles)
    taken, given = ([each.type for each in of] for of in (login.bodies, login.successes))
    credentials, session = (next(filter(None, map(reading.models.all.get, each)), None) for each in (taken, given))
    if credentials is None or session is None:
        raise ContractError("a log-in takes an object and answers one", (*place, "login"))
    attributes: list[str] = []
    for role, model in {"identity": credentials, "password": credentials, "token": session, "expiry": session}.items():
        found = next((each for each in model.properties if each.name == names[role]), None)
        if found is None:
            raise ContractError(f"{model.name} has no property {names[role]}", (*place, role))
        kind, type_ = ("date-time", "datetime.datetime") if role == "expiry" else ("string", "str")
        # An optional property of an answer may be null: a newer server may send it so.
        if not {type_, f"MaybeNull[{type_}]"} & set(split(found.type)):
            raise ContractError(f"{names[role]} cannot be the {role}: it is not a {kind}", (*place, role))
        attributes.append(found.python_name)
    return Lifecycle(login, refresh, logout, credentials, session, *attributes)
