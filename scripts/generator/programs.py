"""Run the programs that format, build and publish."""

import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TIME_LIMIT = 300  # seconds for one program


class Stopped(Exception):
    """The client cannot be made, built, published or used. The message is for the user."""


def run(*command: str | Path, folder: Path = ROOT, limit: int = TIME_LIMIT, **options: Any) -> str:
    """Run a program, for at most `limit` seconds, and return its output. `env` is added to the environment.

    Raises:
        Stopped: It is not there, fails, or takes too long.
    """
    name = " ".join([Path(command[0]).name, *map(str, command[1:2])])
    options |= {"env": {**os.environ, **options.get("env", {})}}
    options |= {"capture_output": True, "encoding": "utf-8", "errors": "replace"}
    try:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, cwd=folder, timeout=limit, check=False, **options
        )
    except FileNotFoundError:
        raise Stopped(f"{command[0]} is not there: make installs all but git, which must be on PATH") from None
    except subprocess.TimeoutExpired:
        raise Stopped(f"{name} took more than {limit} s") from None
    if done.returncode:
        raise Stopped(f"{name} failed:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout
