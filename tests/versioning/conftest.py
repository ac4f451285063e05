"""The edits of contracts are shared with the tests of the clients made from them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "edited_contracts"))
