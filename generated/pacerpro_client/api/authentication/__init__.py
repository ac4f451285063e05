# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""The life of a session, from log-in to log-out."""
