# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
from enum import StrEnum


class ErrorType(StrEnum):
    """How a user interface should present the message."""

    ERROR = "error"
    ALERT = "alert"
    NOTICE = "notice"
    WARNING = "warning"
