"""Adapters that send the tokens of a source with the requests of an HTTP library, each some twenty lines."""
