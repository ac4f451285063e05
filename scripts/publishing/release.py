"""Walk through a release: check, build, build again elsewhere, publish; and stop at the first thing that is not right.

It is `make publish`, with a build more.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from publishing.build import ROOT, TIME_LIMIT
from publishing.publish import Refused, check_urls, parser, put, ready, reported, say
from publishing.sbom import sha256


def main() -> int:
    """Release, and return the exit status."""
    arguments = parser(__doc__).parse_args()
    tools = arguments.tools.resolve()

    def release() -> None:
        check_urls(arguments.index, arguments.simple)
        files = ready(tools)
        _built_again_is_the_same(files)
        put(files, arguments.index, arguments.simple, tools, dry_run=arguments.dry_run)

    return reported(release)


def _built_again_is_the_same(files: list[Path]) -> None:
    """Build the commit in a clone: another folder, umask, time zone and time of day."""
    with tempfile.TemporaryDirectory() as folder:
        clone, again = Path(folder) / "clone", Path(folder) / "again"
        _run(["git", "clone", "--quiet", str(ROOT), str(clone)])
        _run(
            [sys.executable, str(clone / "scripts" / "build.py"), "--output", str(again)], umask=0o077, TZ="Asia/Tokyo"
        )
        for file in files:
            other = again / file.name
            if not other.exists() or sha256(other) != sha256(file):
                raise Refused(f"{file.name} comes out differently in a clone: the build is not reproducible")
    say("built again in a clone, it is the same, byte for byte")


def _run(command: list[str], umask: int = -1, **environment: str) -> None:
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        umask=umask,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    if done.returncode:
        raise Refused(f"{Path(command[0]).name} {command[1]} failed: {done.stdout}{done.stderr}".rstrip())
