"""The two users of the server that the checks log in as."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pacerpro_conformance.errors import CannotRunError
from pacerpro_conformance.values import as_object


@dataclass(frozen=True)
class User:
    """Credentials that the server knows."""

    email: str
    password: str = field(repr=False)


def read_users(texts: Sequence[str], source: str) -> list[User]:
    """Users, each as EMAIL:PASSWORD. Raises CannotRunError."""
    users: list[User] = []
    for number, text in enumerate(texts, 1):
        email, colon, password = text.partition(":")
        if not (email and colon and password):
            raise CannotRunError(f"{source} takes EMAIL:PASSWORD, and number {number} is something else")
        users.append(User(email, password))
    return users


def read_users_file(path: Path) -> list[User]:
    """The users in a TOML file with a table `[users]` of passwords by address, as the mock reads it.

    Raises CannotRunError.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8-sig")).get("users")
    except OSError as error:
        raise CannotRunError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        # Without the parser's words, which may quote a password.
        raise CannotRunError(f"{path} is not TOML") from error
    users = as_object(table)
    if not isinstance(table, dict) or not all(isinstance(each, str) and each for each in users.values()):
        raise CannotRunError(f'{path} needs a table [users] of passwords by address, as \'"ada@example.com" = "..."\'')
    return [User(email, password) for email, password in users.items()]


def two_of(users: Sequence[User]) -> tuple[User, User]:
    """The two users. Raises CannotRunError if there are fewer or more."""
    count = len({user.email for user in users})
    if count != 2:
        raise CannotRunError(f"two different users are needed, and {count} given: --user EMAIL:PASSWORD, twice")
    if len(users) != count:
        raise CannotRunError("a user is given twice, and two different ones are needed")
    return users[0], users[1]
