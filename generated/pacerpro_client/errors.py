# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""Everything that a call can raise; see ``pacerpro_runtime.errors``."""

from pacerpro_runtime.errors import *
