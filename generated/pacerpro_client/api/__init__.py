# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""The operations, in a package for each tag and a module for each operation."""

from typing import TYPE_CHECKING

from pacerpro_runtime.lazy import lazy

if TYPE_CHECKING:
    from . import authentication as authentication
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "authentication": "authentication",
        },
    )
