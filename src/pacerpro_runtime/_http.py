"""The one place that names the HTTP library.

Every other module says ``from ._http import httpx``, so a move to a fork of it is an edit of this line.
"""

import httpx

__all__ = ["httpx"]
