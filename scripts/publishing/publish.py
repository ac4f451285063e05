"""Publish the distribution to a package index, and check that a consumer can log in with what the index hands out.

The order: URLs, clean tree, credentials, index and version; then the checks, the tests and the build; then the upload.
Credentials come from UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD (or UV_PUBLISH_TOKEN), from netrc, or from a keyring
under the upload URL. Files that the index already has with the same content are left alone, so publishing again is no
error. Afterwards tests/api-released.txt holds the public API that the next change is compared with.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from generator.contract import ContractError, load
from generator.contract_version import distribution_version
from packaging.version import Version
from versioning.api_listing import CURRENT, RELEASED, UNRELEASED, current, read, written
from versioning.version_rule import recorded

from publishing.build import DIST, ROOT, TIME_LIMIT, BuildError, build
from publishing.consumer import ConsumerError, log_in_from_index, log_in_from_wheel
from publishing.last_release import objections
from publishing.package_index import Index, IndexProblem, check_url
from publishing.sbom import sha256
from publishing.upload import UploadError, upload, wait_for

RECORD, LISTING = (path.relative_to(ROOT).as_posix() for path in (RELEASED, CURRENT))
TEST_LIMIT = 3600  # seconds


class Refused(Exception):
    """A condition for publishing does not hold, and nothing was uploaded. The message is for the user."""


def main(*, build_twice: bool = False) -> int:
    """Publish, and return the exit status.

    Args:
        build_twice: Whether to build the commit again in a clone and compare the bytes, as a release does.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", required=True, help="the upload URL")
    parser.add_argument("--simple", required=True, help="the simple API's URL, from which users install")
    parser.add_argument("--tools", type=Path, required=True, help="the folder of uv, twine and check-wheel-contents")
    parser.add_argument("--dry-run", action="store_true", help="do everything but the upload")
    parser.add_argument("--no-tests", action="store_true", help="skip the tests, if CI has run them on this commit")
    arguments = parser.parse_args()
    try:
        _publish(arguments, build_twice=build_twice)
    except (Refused, BuildError, ContractError, IndexProblem, UploadError, ConsumerError) as error:
        print(f"{Path(sys.argv[0]).stem}: {error}", file=sys.stderr)
        return 1
    return 0


def _publish(arguments: argparse.Namespace, *, build_twice: bool) -> None:
    tools = arguments.tools.resolve()
    if not arguments.index or not arguments.simple:
        raise Refused("name the index: INDEX=<upload URL> SIMPLE=<simple API's URL>")
    for url in (arguments.index, arguments.simple):
        check_url(url)
    _check_tree()
    index = Index.find(arguments.index, arguments.simple, tools)
    say(f"credentials for {index.upload}: {'found' if index.uploader else 'none; the upload must be open to anyone'}")
    _check_version(index)
    _run_checks()
    if not arguments.no_tests:
        say("run the tests (--no-tests skips them, if CI has run them on this commit)")
        _run_tests()
    files = build(DIST, tools)
    say(f"built {' and '.join(file.name for file in files)}")
    if build_twice:
        _build_again(files)
    _deliver([file for file in files if file.suffix != ".json"], index, tools, dry_run=arguments.dry_run)


def _deliver(files: list[Path], index: Index, tools: Path, *, dry_run: bool) -> None:
    """Upload the files that the index lacks, and be its consumer."""
    wheel = next(file for file in files if file.suffix == ".whl")
    version = wheel.name.split("-")[1]
    missing = index.missing(files, version)
    names = " and ".join(file.name for file in missing)
    if not missing:
        say(f"{version} is there already, with the same content")
    elif dry_run:
        say(f"would upload {names} to {index.upload}")
        log_in_from_wheel(tools, version, wheel, sys.executable)
        say(f"{version} can be installed, and logs in; nothing was uploaded")
        return
    else:
        upload(missing, version, index, tools)
        say(f"uploaded {names}")
        wait_for(files, version, index)
    log_in_from_index(tools, version, index.simple, index.reader, sys.executable)
    say(f"pacerpro-client {version} is published: installed from {index.simple}, it logs in")
    _record(version)


def say(line: str) -> None:
    """Report a step at once: the next may take long."""
    print(line, flush=True)


def _check_tree() -> None:
    done = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    changed = [line[3:] for line in done.stdout.splitlines()]
    if changed == [RECORD] and RELEASED.exists() and RELEASED.read_bytes() == CURRENT.read_bytes():
        changed = []  # Publishing leaves this behind, and it is not part of a build.
    if done.returncode or changed:
        raise Refused(f"commit or revert first: {' '.join(changed[:5]) or done.stderr.strip()}")
    say("the tree is clean")


def _check_version(index: Index) -> None:
    """Refuse a break without its version, judged by the index's last release and not by the tree's own record."""
    document = load(ROOT / "openapi.yaml")
    version = distribution_version(document)
    listing = read(written(current(document, ROOT / "generated")))
    last, lines = objections(listing, version, index)
    old = recorded()
    if last is None and old and Version(old.version) < Version(version):
        raise Refused(
            f"{index.simple} has no release below {version}, but {RECORD} says that {old.version} is released. Check "
            f"the URL. If nothing was ever released there, put into the file: {UNRELEASED}"
        )
    if lines:
        raise Refused(
            "\n".join([f"the index has {last}, and {version} cannot follow it:", *lines])
            + "\nRaise info.version in openapi.yaml, and run: make generate. "
            f"`make check` sees it too when {RECORD} is that of {last}: git show v{last}:{LISTING} > {RECORD}"
        )
    say(f"{version} may follow what the index has: {last or 'nothing'}")


def _run_checks() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "check.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIME_LIMIT * 2, check=False)
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(("ok  ", "skip  "))]
        raise Refused("\n".join(["a check fails:", *lines]))
    say("all checks pass")


def _run_tests() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto"]
    if subprocess.run(command, cwd=ROOT, timeout=TEST_LIMIT, check=False).returncode:
        raise Refused("a test fails: see above")
    say("all tests pass")


def _build_again(files: Iterable[Path]) -> None:
    """Build the commit in a clone: another folder, umask and time zone."""
    with tempfile.TemporaryDirectory() as folder:
        clone, again = Path(folder) / "clone", Path(folder) / "again"
        _run(["git", "clone", "--quiet", str(ROOT), str(clone)])
        _run([sys.executable, str(clone / "scripts" / "build.py"), "--output", str(again)])
        for file in files:
            other = again / file.name
            if not other.exists() or sha256(other) != sha256(file):
                raise Refused(f"{file.name} comes out differently in a clone: the build is not reproducible")
    say("built again in a clone, it is the same, byte for byte")


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command,
        env={**os.environ, "TZ": "Asia/Tokyo"},
        umask=0o077,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    if done.returncode:
        raise Refused(f"{Path(command[0]).name} {command[1]} failed: {done.stdout}{done.stderr}".rstrip())


def _record(version: str) -> None:
    """Record the public API as released, and say what is left to type."""
    left: list[str] = []
    if not RELEASED.exists() or RELEASED.read_bytes() != CURRENT.read_bytes():
        shutil.copyfile(CURRENT, RELEASED)
        left.append(f'git commit -m "Release {version}" -- {RECORD}')
    tag = ["git", "rev-parse", "--quiet", "--verify", f"refs/tags/v{version}"]
    if subprocess.run(tag, cwd=ROOT, capture_output=True, check=False).returncode:
        left.append(f"git tag v{version}")
    if left:
        say("\n  ".join([f"{RECORD} holds the public API for the next comparison. Left to type:", *left]))
