#!/usr/bin/env python3
"""Show the whole loop on this machine: `make demo`.

From the contract to a client, from the client to a session with a running server, and from that server back to the
contract. It imports nothing that ships: the program of a user, examples/session.py, runs in its own process.
"""

import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Two users: the conformance suite checks that the log-out of one does not affect the other.
USERS = {"ada@example.com": "correct horse battery staple", "bob@example.com": "an example, and no secret"}
USER_FLAGS = [word for email, password in USERS.items() for word in ("--user", f"{email}:{password}")]


def step(heading: str, explanation: str, *command: str, **environment: str) -> None:
    """Print a step's heading and run its command, if it has one; end the demo if that fails."""
    print(f"\n{heading}\n      {explanation}", flush=True)
    if not command:
        return
    program = command[1] if command[0] == "-m" else command[0]
    if subprocess.run([sys.executable, *command], cwd=ROOT, env=os.environ | environment, check=False).returncode:
        sys.exit(f"make demo: stopped, because {program} failed")


def main() -> None:
    """Run the steps, and stop at the first failure."""
    start, secret = time.monotonic(), secrets.token_hex(32)
    (email, password), *_ = USERS.items()

    explanation = "openapi.yaml says what the service does; generated/pacerpro_client follows from it."
    step("[1/4] Make the client", explanation, "scripts/generate.py")
    step("[2/4] Start the mock", "It replaces the service: real HTTP on loopback, real signed tokens, state.")
    program = str(Path(sys.executable).with_name("pacerpro-mock"))
    command = [program, "--port", "0", "--secret", secret, *USER_FLAGS, "--strict-slashes"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as mock:
        try:  # Its log is not shown: the conformance suite provokes many complaints.
            found = re.search(r"http://\S+", mock.stdout.readline() if mock.stdout else "")
            if not found:
                sys.exit("make demo: stopped, because the mock did not start; `make mock` says why")
            url = found[0]
            print(f"pacerpro-mock listens on {url}")
            explanation = "examples/session.py logs in, refreshes, logs out and tries the old token again."
            told = {"PACERPRO_BASE_URL": url, "PACERPRO_EMAIL": email, "PACERPRO_PASSWORD": password}
            step("[3/4] Use the client", explanation, "examples/session.py", **told)
            explanation = "The conformance suite sends what the contract allows and forbids, and judges the answers."
            command = ["-m", "pacerpro_conformance", "--url", url, *USER_FLAGS, "--secret", secret, "--quick"]
            step("[4/4] Check the mock against the contract, in a short run", explanation, *command)
        finally:
            mock.terminate()
    print(f"\nDone in {time.monotonic() - start:.0f} s. Edit openapi.yaml and run it again, or read README.md.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
