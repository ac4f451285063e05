"""Publish the built distribution to an index, and say so only when a consumer can log in with what the index gives out.

Credentials come from UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD (or UV_PUBLISH_TOKEN), from netrc, or from a keyring
under the upload URL. What the index has already, with the same content, is left alone: publishing again is no error.
In the end the public face becomes the one that the next change is compared with, tests/api-released.txt.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from packaging.version import Version
from versioning.api_listing import CURRENT, RELEASED, UNRELEASED
from versioning.version_rule import recorded

from publishing.build import DIST, ROOT, BuildError, build
from publishing.consumer import ConsumerError, log_in_from_index, log_in_from_wheel
from publishing.credentials import PASSWORD, TOKEN, USERNAME, for_reading, for_upload
from publishing.last_release import objections
from publishing.package_index import Credentials, IndexProblem, check_url, digests
from publishing.sbom import sha256

RECORD, FACE = (path.relative_to(ROOT).as_posix() for path in (RELEASED, CURRENT))
TIME_LIMIT = 600  # seconds for the checks, and for an upload
PATIENCE = 30.0  # seconds until an index has to show what it has taken


class Refused(Exception):
    """Something is not right, and nothing was published by this step. The message is for whoever ran the command."""


def main() -> int:
    """Publish, and return the exit status."""
    arguments = parser(__doc__).parse_args()
    return reported(
        lambda: publish(arguments.index, arguments.simple, arguments.tools.resolve(), dry_run=arguments.dry_run)
    )


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return the parser of a command that publishes."""
    found = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--index", required=True, help="where files are uploaded to")
    found.add_argument("--simple", required=True, help="where files are installed from: the simple API's URL")
    found.add_argument("--tools", type=Path, required=True, help="the folder of uv, twine and check-wheel-contents")
    found.add_argument("--dry-run", action="store_true", help="do all but the upload")
    return found


def reported(step: Callable[[], None]) -> int:
    """Run a step, and return the exit status; what is not right is one message, and no traceback."""
    try:
        step()
    except (Refused, BuildError, IndexProblem, ConsumerError) as error:
        print(f"{Path(sys.argv[0]).stem}: {error}", file=sys.stderr)
        return 1
    return 0


def publish(upload: str, simple: str, tools: Path, *, dry_run: bool) -> None:
    """Go through all steps, and stop at the first that is not right.

    Raises:
        Refused, BuildError, IndexProblem, ConsumerError: What is not right.
    """
    check_urls(upload, simple)
    put(ready(tools), upload, simple, tools, dry_run=dry_run)


def check_urls(upload: str, simple: str) -> None:
    """Refuse URLs that are not there, or that would show a secret, before anything takes long.

    Raises:
        Refused, IndexProblem: What is wrong with one of them.
    """
    if not upload or not simple:
        raise Refused("say where to: INDEX=<where files are uploaded to> SIMPLE=<where they are installed from>")
    for url in (upload, simple):
        check_url(url)


def ready(tools: Path) -> list[Path]:
    """Return what a clean tree that passes all checks builds.

    Raises:
        Refused, BuildError: It is not clean, a check fails, or it cannot be built.
    """
    _clean_tree()
    _checks()
    files = build(DIST, tools)
    say(f"built {' and '.join(file.name for file in files)}")
    return files


def put(built: list[Path], upload: str, simple: str, tools: Path, *, dry_run: bool) -> None:
    """Upload what the index lacks, and be its consumer.

    Raises:
        Refused, IndexProblem, ConsumerError: What is not right.
    """
    files = [file for file in built if file.suffix != ".json"]
    wheel = next(file for file in files if file.suffix == ".whl")
    version = wheel.name.split("-")[1]
    user = for_upload(upload, tools)
    reader = for_reading(simple, upload, user, tools)
    there = digests(simple, reader)
    missing = _missing(files, version, there)
    names = " and ".join(file.name for file in missing)
    if missing:
        _judge(wheel, there, simple, reader)
    if not missing:
        say(f"{version} is there already, with the same content")
    elif dry_run:
        say(f"would upload {names} to {upload}")
        log_in_from_wheel(tools, version, wheel, sys.executable)
        say(f"{version} can be installed, and logs in; nothing was uploaded")
        return
    else:
        _upload(missing, upload, simple, user, tools)
        _wait_for(files, version, simple, reader)
        say(f"uploaded {names}")
    log_in_from_index(tools, version, simple, reader, sys.executable)
    say(f"pacerpro-client {version} is published: installed from {simple}, it logs in")
    _record(version)


def say(line: str) -> None:
    """Tell of a step at once: the next may take long."""
    print(line, flush=True)


def _clean_tree() -> None:
    done = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    changed = [line[3:] for line in done.stdout.splitlines()]
    if changed == [RECORD] and RELEASED.exists() and RELEASED.read_bytes() == CURRENT.read_bytes():
        changed = []  # That is what publishing leaves behind, and no build holds it.
    if done.returncode or changed:
        raise Refused(f"the tree is not as it was committed: {' '.join(changed[:5]) or done.stderr.strip()}")
    say("the tree is clean")


def _checks() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "check.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(("ok  ", "skip  "))]
        raise Refused("\n".join(["a check fails:", *lines]))
    say("all checks pass")


def _missing(files: list[Path], version: str, there: dict[str, str]) -> list[Path]:
    """Return the files that the index does not have."""
    for file in files:
        if there.get(file.name, sha256(file)) != sha256(file):
            raise Refused(f"the index has another {file.name}: raise the version, or x-rebuild for the same contract")
    others = {name for name in there if name.startswith(f"pacerpro_client-{version}") and _is_of(name, version)}
    if more := sorted(others - {file.name for file in files}):
        raise Refused(f"the index has more files of {version} than were built: {', '.join(more)}")
    return [file for file in files if file.name not in there]


def _judge(wheel: Path, there: Iterable[str], simple: str, reader: Credentials | None) -> None:
    """Refuse a break without its version, by what the index has given out last and not by the tree's own record."""
    last, lines = objections(wheel, there, simple, reader)
    old, version = recorded(), wheel.name.split("-")[1]
    if last is None and old and Version(old.version) < Version(version):
        raise Refused(
            f"{simple} has no release below {version}, and {RECORD} says that {old.version} is one. Is that the right "
            f"URL? If nothing was ever released there, let the file say: {UNRELEASED}"
        )
    if lines:
        found = "\n".join(lines)
        raise Refused(
            f"the index has {last}, and this cannot follow it:\n{found}\n"
            "Raise info.version in openapi.yaml, and run: make generate. "
            f"`make check` sees it too when {RECORD} is what {last} left: git show v{last}:{FACE} > {RECORD}"
        )
    say(f"it may follow what the index has: {last or 'nothing'}")


def _record(version: str) -> None:
    """Make what is published now the face that the next change is compared with, and say what is left to type."""
    left: list[str] = []
    if not RELEASED.exists() or RELEASED.read_bytes() != CURRENT.read_bytes():
        shutil.copyfile(CURRENT, RELEASED)
        left.append(f'git commit -m "Release {version}" -- {RECORD}')
    tag = ["git", "rev-parse", "--quiet", "--verify", f"refs/tags/v{version}"]
    if subprocess.run(tag, cwd=ROOT, capture_output=True, check=False).returncode:
        left.append(f"git tag v{version}")
    if left:
        say("\n  ".join([f"{RECORD} has what the next change is compared with. What is left to type:", *left]))


def _is_of(name: str, version: str) -> bool:
    rest = name.removeprefix(f"pacerpro_client-{version}")
    return rest.startswith("-") or rest in {".tar.gz", ".zip"}


def _upload(files: list[Path], upload: str, simple: str, user: Credentials | None, tools: Path) -> None:
    # The simple URL lets uv skip what a race has brought there, and refuse what is different.
    command = [str(tools / "uv"), "publish", "--no-config", "--no-progress", "--trusted-publishing", "never"]
    command += ["--publish-url", upload, "--check-url", simple, *map(str, files)]
    kept = {name: value for name, value in os.environ.items() if name not in {TOKEN, USERNAME, PASSWORD}}
    secrets = {USERNAME: user[0], PASSWORD: user[1]} if user else {}
    try:
        done = subprocess.run(
            command, env={**kept, **secrets}, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"the upload took more than {TIME_LIMIT} s; run this again to go on") from None
    if done.returncode and (found := re.search(r"status code (401|403)", done.stderr)):
        kept_in = f"{USERNAME} and {PASSWORD} (or {TOKEN}), netrc, or a keyring"
        raise Refused(f"{upload} refuses these credentials: {found[1]}. They come from {kept_in}")
    if done.returncode:
        said = " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", done.stderr, flags=re.DOTALL).split())
        for secret in user or ():
            said = said.replace(secret, "***")
        raise Refused(f"the upload failed, perhaps half-way: {said}. Run this again to go on where it ended")


def _wait_for(files: list[Path], version: str, simple: str, user: Credentials | None) -> None:
    end = time.monotonic() + PATIENCE
    while left := _missing(files, version, digests(simple, user)):
        if time.monotonic() > end:
            raise Refused(f"{simple} does not show {left[0].name}, {PATIENCE:.0f} s after it was uploaded")
        time.sleep(0.5)
