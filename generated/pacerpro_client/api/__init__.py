# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""The operations, in a package for each tag and a module for each operation."""
