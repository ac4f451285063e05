"""What the client costs over the HTTP library alone: ratios, each from pairs measured in turn, as a Markdown table.

The server answers from memory, in a process of its own, on loopback. Run on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import commands
import mocks
import starts
import tasks
import warm
from pairs import Ratio


@dataclass(frozen=True)
class Row:
    """A line of the table: what is measured, against what, what is aimed at (None: it only explains), and how."""

    what: str
    against: str
    target: float | None
    measure: Callable[[str, int], Ratio]


ROWS = [
    Row("`session_refresh.sync`", "`httpx.Client.get(url).json()`", 1.00, warm.refresh),
    Row("`session_refresh.sync` over pyreqwest", "`httpx.Client.get(url).json()`", 0.75, warm.over_pyreqwest),
    Row("`session_refresh.sync` under `alias_httpx()`", "`httpx.Client.get(url).json()`", 0.90, warm.over_httpx2),
    Row("a warm call through `SessionAuth`", "the same with a fixed header", 1.03, warm.auth),
    Row("the same with `for_httpx2()`", "httpx2 with a fixed header", 1.03, warm.httpx2_auth),
    Row("the same with `for_requests()`", "requests with a fixed header", 1.03, warm.requests_auth),
    Row("the same with `for_aiohttp()`", "aiohttp with a fixed header", 1.03, warm.aiohttp_auth),
    Row("`import pacerpro_client`", "`import httpx`", 1.10, commands.imports),
    Row("`from pacerpro_client import Client, SessionAuth`", "`import httpx`", 1.30, commands.names),
    Row("`session_refresh.asyncio` over pyreqwest", "`httpx.AsyncClient.get(url)`", None, tasks.one_by_one),
    Row("the same, 300 at once", "`httpx.AsyncClient.get(url)`", 0.20, tasks.at_once),
    Row("1,000 tasks cold, with one log-in", "the same with the token at hand, in memory", 2.00, tasks.cold),
    Row("8 processes cold, with one log-in", "the same with the token at hand", None, commands.cold_processes),
    Row("`make generate`", "the bare generator", 1.60, commands.generate),
    Row("the same for 100 operations", "the bare generator", 1.50, commands.generate_large),
]
# Where node and wrk are there.
OF_THE_MOCK = [
    Row("a log-in at the mock, 8 at once", "Prism", 0.50, mocks.post),
    Row("a refresh at the mock, 8 at once", "Prism", 0.50, mocks.get),
]


def main() -> None:
    """Measure each row, and write the table to stdout and the progress to stderr."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--pairs", type=int, default=15, help="pairs of runs for each row; default: %(default)s")
    parser.add_argument("row", nargs="*", help="only the rows that contain one of these words")
    arguments = parser.parse_args()
    pairs: int = arguments.pairs
    if pairs < 2:
        parser.error("a median wants at least 2 pairs")
    packages = ", ".join(f"{name} {version(name)}" for name in ("pacerpro-client", "httpx", "httpx2", "pyreqwest"))
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()},")
    print(f"{packages}; medians of {pairs} pairs, and the middle half of them\n")
    print("| what | against | ratio | target | |\n|---|---|---|---|---|")
    with server() as url:
        for row in ROWS if mocks.missing() else [*ROWS, *OF_THE_MOCK]:
            if arguments.row and not any(word in row.what for word in arguments.row):
                continue
            print(f"measuring {row.what} ...", file=sys.stderr, flush=True)
            ratio = row.measure(url, pairs)
            print(f"| {row.what} | {row.against} | {ratio} | {verdict(ratio, row.target)} |", flush=True)
    if mocks.missing():
        print(f"\nThe mock is not compared with Prism: {mocks.missing()}.")
    if not arguments.row:
        print("\n| the mock's first start in a process | milliseconds | target |\n|---|---|---|")
        print(f"| without a socket | {starts.milliseconds(starts.OFFLINE, pairs):.0f} | below 50 |")
        print(f"| on a port | {starts.milliseconds(starts.ONLINE, pairs):.0f} | below 500 |")


def verdict(ratio: Ratio, target: float | None) -> str:
    """Return the last two cells of a line."""
    if target is None:
        return "none | "
    return f"at most {target:.2f} | {'met' if ratio.median <= target else 'missed'}"


@contextmanager
def server() -> Iterator[str]:
    """Run the server, and yield its URL."""
    command = [sys.executable, str(Path(__file__).with_name("server.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{int((process.stdout or sys.stdin).readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
