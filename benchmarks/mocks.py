"""The mock against Prism, a stateless mock by others: the time for a request, with 8 connections of one wrk."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pairs import Ratio, Seconds, compare

ROOT = Path(__file__).resolve().parents[1]
PRISM = ROOT / "node_modules" / ".bin" / "prism"
# In the script's own words for wrk: a log-in, and a refresh.
SCRIPTS = {
    "POST": 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [[%s]]\n',
    "GET": 'wrk.headers["Authorization"] = "Bearer %s"\n',
}
USER = {"email": "ada@example.com", "password": "correct horse battery staple"}
SECONDS = 2


def missing() -> str:
    """What this machine lacks, or nothing."""
    if shutil.which("wrk") is None:
        return "wrk is not installed"
    return "" if PRISM.exists() else "Prism is not installed; npm ci brings it"


def post(_url: str, pairs: int) -> Ratio:
    """Measure log-in."""
    return _measure("POST", pairs)


def get(_url: str, pairs: int) -> Ratio:
    """Measure refresh."""
    return _measure("GET", pairs)


def _measure(method: str, pairs: int) -> Ratio:
    mock = [str(Path(sys.executable).with_name("pacerpro-mock")), "--quiet", "--port"]
    prism = [str(PRISM), "mock", str(ROOT / "openapi.yaml"), "--host", "127.0.0.1", "--port"]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        ours, theirs = (stack.enter_context(_running(command)) for command in (mock, prism))
        one = _seconds_a_request(f"{ours}/v1", method, Path(folder) / "ours.lua")
        return compare(one, _seconds_a_request(theirs, method, Path(folder) / "theirs.lua"), pairs)


@contextmanager
def _running(command: list[str]) -> Iterator[str]:
    """Run a server on a free port, and yield its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _seconds_a_request(url: str, method: str, script: Path) -> Seconds:
    """What makes wrk send as many requests as it can, and says how long one took."""
    body = json.dumps(USER)
    log_in = urllib.request.Request(f"{url}/session", body.encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(log_in) as response:  # noqa: S310
        token = json.load(response)["jwtToken"]
    script.write_text(SCRIPTS[method] % (body if method == "POST" else token), encoding="utf-8")
    command = ["wrk", "-t1", "-c8", f"-d{SECONDS}s", "-s", str(script), f"{url}/session"]

    def seconds() -> float:
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in said:
            raise RuntimeError(said)
        rate = float(re.findall(r"Requests/sec:\s+([0-9.]+)", said)[0])
        print(f"  {url} {method}: {rate:.0f} requests a second", file=sys.stderr)
        return 1 / rate

    return seconds
