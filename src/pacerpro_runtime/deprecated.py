"""Mark a function as deprecated, for whoever calls it and for type checkers (PEP 702)."""

import sys

if sys.version_info >= (3, 13):
    from warnings import deprecated
else:
    from typing_extensions import deprecated

__all__ = ["deprecated"]
