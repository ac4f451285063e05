"""The server to check: how to reach it, its users, and whether it can be checked at all."""
