# Made from openapi.yaml by `make generate`. Do not edit: change the contract, or scripts/templates/.
"""Log in to PacerPro, stay logged in, and call its operations.

Where to look: ``api`` has a module for each operation, ``models`` the objects that travel, ``errors`` what a call
raises, ``Client`` calls the operations, and ``SessionAuth`` logs in by itself.
"""

from . import errors
from .client import Client
from .session_auth import SessionAuth

__version__ = "0.5.0"

__all__ = ["Client", "SessionAuth", "__version__", "errors"]
