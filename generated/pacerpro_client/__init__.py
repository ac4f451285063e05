# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""Log in to PacerPro, stay logged in, and call its operations.

Where to look: ``Client`` calls the operations, as ``client.TAG.OPERATION()`` or by the functions in ``api``, which has a
module for each operation; ``models`` has the objects that travel, and ``errors`` what a call raises.
``SessionAuth`` logs in by itself, and ``stores`` let processes share its session.
"""

from typing import TYPE_CHECKING

from pacerpro_runtime.lazy import lazy

if TYPE_CHECKING:
    from . import api as api
    from . import errors
    from . import models as models
    from . import stores as stores
    from . import types as types
    from .client import Client
    from .session_auth import SessionAuth
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Client": "client",
            "SessionAuth": "session_auth",
            "stores": "stores",
            "api": "api",
            "errors": "errors",
            "models": "models",
            "types": "types",
        },
    )

__version__ = "0.6.0"

__all__ = ["Client", "SessionAuth", "__version__", "errors"]
