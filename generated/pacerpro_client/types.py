# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""The values that the signatures speak of: an absent value, a file, and a response."""

from pacerpro_runtime.types import UNSET, File, FileContent, FileStream, FileTypes, MaybeNull, OpenEnum, Response, Unset
from pacerpro_runtime.wire.model import UnknownKind

__all__ = [
    "UNSET",
    "FileStream",
    "File",
    "FileContent",
    "FileTypes",
    "MaybeNull",
    "OpenEnum",
    "Response",
    "UnknownKind",
    "Unset",
]
