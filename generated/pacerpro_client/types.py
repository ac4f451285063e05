# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""The values that the signatures speak of: an absent value, a file, and a response."""

from pacerpro_runtime.types import UNSET, File, FileContent, FileTypes, Response, Unset

__all__ = ["UNSET", "File", "FileContent", "FileTypes", "Response", "Unset"]
