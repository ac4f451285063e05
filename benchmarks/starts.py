"""How long the mock's fixtures take to begin, in a process that has loaded pytest and the HTTP library already."""

from __future__ import annotations

import statistics
import subprocess
import sys

BEGIN = "import pytest, httpx, time; start = time.perf_counter()\n"
END = "\nprint((time.perf_counter() - start) * 1000)"

OFFLINE = f"{BEGIN}from pacerpro_mock import Mock; Mock().transport(){END}"
ONLINE = f"{BEGIN}from pacerpro_mock import MockServer\nserver = MockServer(); server.start(){END}; server.stop()"


def milliseconds(program: str, runs: int) -> float:
    """Return the median over so many new processes."""
    return statistics.median(float(_printed(program)) for _ in range(runs))


def _printed(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
