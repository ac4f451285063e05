"""Holds any server of the contract against it, over HTTP: the command `pacerpro-conformance`.

`contract` reads openapi.yaml, `wire` sends, `probe` is what a check has in its hands, `suite` runs the checks, and
`report` says what came of it. `fuzzing` drives schemathesis. Every other module is a group of checks.
"""
