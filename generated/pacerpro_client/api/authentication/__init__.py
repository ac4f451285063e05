# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""Log in, refresh the session, and log out."""
