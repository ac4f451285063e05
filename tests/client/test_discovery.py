"""What can be found without a manual: by completion, by help(), and by the attributes of what is there."""

from __future__ import annotations

import subprocess
import sys

import anyio

import pacerpro_client
from pacerpro_client import errors
from pacerpro_client.models import Empty, Session, User
from pacerpro_runtime import errors as runtime_errors

USER = User(email="ada@example.com", password="correct horse battery staple")


def test_the_package_shows_its_rooms():
    assert {"Client", "SessionAuth", "api", "errors", "models", "stores", "types"} <= set(dir(pacerpro_client))
    assert "authentication" in dir(pacerpro_client.api)
    assert {"session_create", "session_delete", "session_refresh"} <= set(dir(pacerpro_client.api.authentication))


def test_an_operation_is_reached_after_one_import_which_is_small():
    program = """
import sys, pacerpro_client
assert "httpx" not in sys.modules
assert callable(pacerpro_client.api.authentication.session_create.sync)
assert pacerpro_client.models.User and pacerpro_client.types.UNSET is not None and pacerpro_client.stores.FileStore
assert "httpx_retries" not in sys.modules and "asyncio" not in sys.modules
try:
    pacerpro_client.nothing
except AttributeError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert run.stdout == "module 'pacerpro_client' has no attribute 'nothing'\n"


def test_what_only_calls_need_is_imported_by_the_first_of_them():
    program = """
import sys
from pacerpro_client import Client, SessionAuth
Client(), SessionAuth.from_env
print([each for each in ("attr", "typing_extensions", "anyio", "asyncio", "httpx_retries") if each in sys.modules])
"""
    # Without the packages that httpx itself imports if they happen to be there.
    program = f"import sys; sys.modules |= dict.fromkeys(('click', 'rich'))\n{program}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n"


def test_operations_are_methods_of_a_client(server, client):
    with client() as own:
        session = own.authentication.session_create(body=USER)
    assert type(session) is Session

    async def later():
        async with client(session.jwt_token) as own:
            newer = await own.authentication.asession_refresh()
            return newer, await own.authentication.asession_delete()

    newer, nothing = anyio.run(later)
    assert newer.expires_at >= session.expires_at
    assert nothing == Empty()


def test_every_method_says_what_it_does_and_where_to_read_more(client):
    operations = client().authentication
    names = [name for name in dir(operations) if not name.startswith("_")]

    assert len(names) >= 6
    for name in names:
        assert "pacerpro_client.api.authentication." in getattr(operations, name).__doc__


def test_the_errors_of_the_package_are_those_of_the_runtime():
    public = {each for each in vars(runtime_errors).values() if isinstance(each, type) and each.__name__[0] != "_"}
    assert {each.__name__ for each in public if issubclass(each, errors.PacerProError)} == set(errors.__all__)
    assert all(getattr(errors, name) is getattr(runtime_errors, name) for name in errors.__all__)
