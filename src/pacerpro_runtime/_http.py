"""The one place that names the HTTP library, so that a move to a fork of it is an edit of this line."""

import httpx as httpx  # noqa: PLC0414  # Passed on.
