# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""The objects that travel."""

from .empty import Empty
from .error import Error
from .error_type import ErrorType
from .session import Session
from .user import User

__all__ = [
    "Empty",
    "Error",
    "ErrorType",
    "Session",
    "User",
]
