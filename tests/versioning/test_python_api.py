"""The listing of what programs can name is read from the source of the packages."""

import pytest
from versioning.python_api import python_lines

FILES = {
    "pacerpro_client/__init__.py": """
        from .client import Client
        __all__ = ["Client", "__version__"]
        __version__ = "1.0.0"
        """,
    "pacerpro_client/client.py": """
        from typing import TypedDict
        from typing_extensions import Unpack
        from pacerpro_runtime.base import Base

        class Network(TypedDict, total=False):
            timeout: float

        class Settings(Network, total=False):
            leeway: int

        class Client(Base):
            def __init__(self, url: str, *, retries: int = 3, **settings: Unpack[Settings]) -> None:
                self.url = url
                self._hidden = retries

            async def close(self) -> None: ...

            @property
            def life(self) -> float | None: ...

            def _private(self) -> None: ...
        """,
    "pacerpro_client/models/__init__.py": """
        from .user import User
        __all__ = ["User"]
        """,
    "pacerpro_client/models/user.py": """
        from attrs import define, field

        @define
        class User:
            email: str
            age: int | None = None
            rest: dict[str, int] = field(init=False, factory=dict)
        """,
    "pacerpro_client/errors.py": """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            class Problem(Exception):
                def __init__(self, text: str) -> None:
                    self.text = text
        else:
            from pacerpro_runtime.base import *
        __all__ = ["Problem"]
        """,
    "pacerpro_client/api/__init__.py": "",
    "pacerpro_client/api/users/__init__.py": "",
    "pacerpro_client/api/users/user_show.py": """
        from ...models import User

        def sync(*, client: object) -> User: ...
        def _helper() -> None: ...
        """,
    "pacerpro_runtime/__init__.py": "",
    "pacerpro_runtime/base.py": """
        class Base:
            def open(self) -> None: ...

        class Problem(Exception): ...
        """,
    "pacerpro_mock/__init__.py": "__all__ = ['LIFE']\nLIFE = 60",
}


@pytest.fixture
def lines(tmp_path):
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        stated = text.strip("\n").splitlines()
        file.write_text("\n".join(line.removeprefix("        ") for line in stated))
    return python_lines(tmp_path)


def test_it_lists_public_names_with_their_types(lines):
    assert lines == [
        "class pacerpro_client.Client(Base)",
        "def pacerpro_client.Client(url: str, *, retries: int = 3, timeout: float = ..., leeway: int = ...)",
        "async def pacerpro_client.Client.close() -> None",
        "pacerpro_client.Client.life: float | None",
        "def pacerpro_client.Client.open() -> None",
        "pacerpro_client.Client.url: str",
        "pacerpro_client.__version__",
        "def pacerpro_client.api.users.user_show.sync(*, client: object) -> User",
        "class pacerpro_client.errors.Problem(Exception)",
        "pacerpro_client.errors.Problem.text: str",
        "class pacerpro_client.models.User",
        "pacerpro_client.models.User.__match_args__ = email, age",
        "pacerpro_client.models.User.age: int | None = None",
        "pacerpro_client.models.User.email: str",
        "pacerpro_client.models.User.rest: dict[str, int]",
        "pacerpro_mock.LIFE = 60",
    ]
