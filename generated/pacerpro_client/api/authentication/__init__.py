# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""Log in, refresh the session, and log out."""

from typing import TYPE_CHECKING

from pacerpro_runtime.lazy import lazy

if TYPE_CHECKING:
    from . import session_create as session_create
    from . import session_delete as session_delete
    from . import session_refresh as session_refresh
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "session_create": "session_create",
            "session_refresh": "session_refresh",
            "session_delete": "session_delete",
        },
    )
