"""Starts the mock with one fault, or without, and checks it against the contract: `mutate.py NAME [ARGUMENT...]`.

It runs in a process of its own, so that no fault outlives it. The arguments are those of `pacerpro-conformance`.
"""

import importlib
import sys
from pathlib import Path

from mutants import MUTANTS

USERS = {"ada@example.com": "correct horse", "grace@example.com": "battery staple"}
SECRET = "an example key of more than 32 bytes"
SOUND = "sound"

for module in sorted((Path(__file__).parent / "mutants").glob("[a-z]*.py")):
    importlib.import_module(f"mutants.{module.stem}")


def main(name, *arguments):
    from pacerpro_conformance import cli

    if name != SOUND:
        MUTANTS[name].apply()
    from pacerpro_mock import MockServer

    with MockServer(users=USERS, secret=SECRET, strict_slashes=True) as server:
        users = [f"--user={email}:{password}" for email, password in USERS.items()]
        return cli.main(["--url", server.url, "--secret", SECRET, *users, *arguments])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
