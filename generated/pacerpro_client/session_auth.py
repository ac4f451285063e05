# Made from openapi.yaml by `make generate`. Do not edit: change the contract, or scripts/templates/.
"""placeholder"""


class SessionAuth:
    """Placeholder."""
