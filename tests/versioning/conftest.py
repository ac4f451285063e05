"""The edits of contracts are shared with the tests of their evolution."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "evolution"))
