"""The conformance suite: checks any server of the contract over HTTP. Its command is `pacerpro-conformance`.

`contract` reads openapi.yaml, `http` sends requests, `probe` is what a check works with, `checks` holds the checks and
`suite` runs them, and `reports` shows the outcome.
"""
