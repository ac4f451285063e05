import asyncio
import re
import warnings
from pathlib import Path

from operation_deprecated_client import Client, SessionAuth
from operation_deprecated_client.api.authentication import session_delete, session_refresh
from service import Service

WORDS = "GET /session will be removed from the API."


def use(service: Service) -> None:
    client = Client(transport=service, async_transport=service, auth="token")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # A strict checker reports each of these; where it did not, the comment itself would be reported.
        session_refresh.sync(client=client)  # pyright: ignore[reportDeprecated]
        session_refresh.sync_detailed(client=client)  # pyright: ignore[reportDeprecated]
        asyncio.run(session_refresh.asyncio(client=client))  # pyright: ignore[reportDeprecated]
        asyncio.run(session_refresh.asyncio_detailed(client=client))  # pyright: ignore[reportDeprecated]
        session_delete.sync(client=client)
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    calls = [number for number, line in enumerate(lines, 1) if re.search(r"\(client=client\)+  # pyright", line)]
    assert [(each.category, str(each.message), each.filename, each.lineno) for each in caught] == [
        (DeprecationWarning, WORDS, __file__, number) for number in calls
    ]
    for function in (
        session_refresh.sync,  # pyright: ignore[reportDeprecated]
        session_refresh.sync_detailed,  # pyright: ignore[reportDeprecated]
        session_refresh.asyncio,  # pyright: ignore[reportDeprecated]
        session_refresh.asyncio_detailed,  # pyright: ignore[reportDeprecated]
    ):
        assert f"Deprecated: {WORDS}" in (function.__doc__ or "")
    assert "Deprecated" not in (session_delete.sync.__doc__ or "")

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # What the package does by itself is nobody's fault.
        with Client(transport=service, auth=SessionAuth(email="ada@example.com", password="secret")) as client:
            session_delete.sync(client=client)
