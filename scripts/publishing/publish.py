"""Publish the distribution to a package index, and check that a consumer can log in with what the index hands out.

The order: URLs, clean tree, credentials, index and version; then the checks, the tests and the build; then the upload.
Credentials come from UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD (or UV_PUBLISH_TOKEN), from netrc, or from a keyring
under the upload URL. Files that the index already has with the same content are left alone, so publishing again is no
error. Afterwards tests/api-released.txt holds the public API that the next change is compared with.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from generator.contract import ContractError, distribution_version, load
from generator.programs import ROOT, Stopped, run
from packaging.version import Version
from versioning.api_listing import CURRENT, RELEASED, UNRELEASED
from versioning.version_rule import complaints, listed, recorded

from publishing.build import DIST, build
from publishing.consumer import log_in
from publishing.package_index import PASSWORD, TOKEN, USERNAME, Index

RECORD, LISTING = (path.relative_to(ROOT).as_posix() for path in (RELEASED, CURRENT))
UPLOAD_LIMIT = 600  # seconds
PATIENCE = 30.0  # seconds until an index has to show an uploaded file

SAME_INDEX = "check that SIMPLE is the simple URL of the same index"
# What to do about a failed upload, by what uv says of it.
ADVICE = {
    "do not match": "the index has other files of this version: raise it, or x-rebuild for the same contract",
    "status code 40[13]": f"{{index.upload}} refuses these credentials, which come from {USERNAME} and {PASSWORD} (or "
    f"{TOKEN}), netrc, or a keyring",
    "status code 4(00.*exist|09)": f"{{index.upload}} has these files, and {{index.simple}} shows none: {SAME_INDEX}",
}
FAILED = "the upload failed, perhaps half-way; run this again to go on where it ended"

# A step is reported at once: the next may take long.
say = partial(print, flush=True)


def main() -> None:
    """Publish, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", required=True, help="the upload URL")
    parser.add_argument("--simple", required=True, help="the simple API's URL, from which users install")
    parser.add_argument("--tools", type=Path, required=True, help="the folder of uv, twine and check-wheel-contents")
    parser.add_argument("--build-twice", action="store_true", help="build the commit again in a clone, and compare")
    parser.add_argument("--dry-run", action="store_true", help="do everything but the upload")
    parser.add_argument("--no-tests", action="store_true", help="skip the tests, if CI has run them on this commit")
    arguments = parser.parse_args()
    try:
        _publish(arguments)
    except (Stopped, ContractError, ValueError) as error:
        sys.exit(f"publish: {error}")


def _publish(arguments: argparse.Namespace) -> None:
    tools = arguments.tools.resolve()
    index = Index.find(arguments.index, arguments.simple, tools)
    _check_tree()
    say(f"credentials for {index.upload}: {'found' if index.uploader else 'none; the upload must be open to anyone'}")
    _check_version(index)
    _pass("check", [sys.executable, "scripts/check.py"])
    if not arguments.no_tests:
        say("run the tests (--no-tests skips them, if CI has run them on this commit)")
        _pass("test", [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"])
    files = build(DIST, tools)
    say(f"built {' and '.join(file.name for file in files)}")
    if arguments.build_twice:
        _build_again(files)
    _deliver([file for file in files if file.suffix != ".json"], index, tools, dry_run=arguments.dry_run)


def _check_tree() -> None:
    changed = [line[3:] for line in run("git", "status", "--porcelain").splitlines()]
    if changed == [RECORD] and RELEASED.exists() and RELEASED.read_bytes() == CURRENT.read_bytes():
        changed = []  # Publishing leaves this behind, and it is not part of a build.
    if changed:
        raise Stopped(f"commit or revert first: {' '.join(changed[:5])}")
    say("the tree is clean")


def _check_version(index: Index) -> None:
    """Refuse a change without its version, if the record that shows it is of the last release of the index."""
    document = load(ROOT / "openapi.yaml")
    version, old = distribution_version(document), recorded()
    last, known = index.last_below(version), old.version if old else None
    if known not in {last and last.base_version, document["info"]["version"]}:
        advice = f"git show v{last}:{LISTING} > {RECORD}" if last else f"put into the file: {UNRELEASED}"
        raise Stopped(
            f"the last release below {version} is {last or 'none'} on {index.simple}, and {known or 'none'} in "
            f"{RECORD}. Check the URL. If it is right: {advice}"
        )
    if old and (lines := list(complaints(old, listed(CURRENT)))):
        raise Stopped("\n".join([*lines, "Raise info.version in openapi.yaml, and run: make generate"]))
    say(f"{version} may follow what the index has: {last or 'nothing'}")


def _pass(what: str, command: list[str]) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise Stopped(f"a {what} fails: see above")
    say(f"all {what}s pass")


def _build_again(files: list[Path]) -> None:
    """Build the commit in a clone: another folder, umask and time zone."""
    with tempfile.TemporaryDirectory() as folder:
        clone, again = Path(folder) / "clone", Path(folder) / "again"
        run("git", "clone", "--quiet", ROOT, clone, umask=0o077)
        run(sys.executable, clone / "scripts/build.py", "--output", again, umask=0o077, env={"TZ": "Asia/Tokyo"})
        for file in files:
            if not (again / file.name).exists() or (again / file.name).read_bytes() != file.read_bytes():
                raise Stopped(f"{file.name} comes out differently in a clone: the build is not reproducible")
    say("built again in a clone, it is the same, byte for byte")


def _deliver(files: list[Path], index: Index, tools: Path, *, dry_run: bool) -> None:
    """Upload the files that the index lacks, and be its consumer."""
    wheel = next(file for file in files if file.suffix == ".whl")
    version = wheel.name.split("-")[1]
    names = " and ".join(file.name for file in files)
    _upload(files, index, tools, ["--dry-run"] if dry_run else [])
    if dry_run:
        say(f"{index.upload} would get what it lacks of {names}")
        log_in(tools / "uv", version, index, wheel)
        say(f"{version} can be installed, and logs in; nothing was uploaded")
        return
    say(f"{index.upload} has {names}, with this content")
    _wait_for(version, index)
    log_in(tools / "uv", version, index)
    say(f"pacerpro-client {version} is published: installed from {index.simple}, it logs in")
    _record(version)


def _upload(files: list[Path], index: Index, tools: Path, options: list[str]) -> None:
    # With the simple URL uv skips files that are there, and refuses different ones.
    options += ["--no-config", "--no-progress", "--trusted-publishing", "never", "--check-url", index.simple]
    user = dict(zip((USERNAME, PASSWORD), index.uploader or (), strict=False))
    try:
        run(tools / "uv", "publish", *options, "--publish-url", index.upload, *files, limit=UPLOAD_LIMIT, env=user)
    except Stopped as error:
        said = " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", str(error), flags=re.DOTALL).split())
        advice = next((each for form, each in ADVICE.items() if re.search(form, said)), FAILED)
        raise Stopped(f"{advice.format(index=index)}: {said}") from None


def _wait_for(version: str, index: Index) -> None:
    """Wait until the index shows a version."""
    end = time.monotonic() + PATIENCE
    while Version(version) not in index.versions():
        if time.monotonic() > end:
            raise Stopped(
                f"the upload is done, but {index.simple} does not show {version} after {PATIENCE:.0f} s: {SAME_INDEX}, "
                "then run this again; nothing is uploaded twice"
            )
        time.sleep(0.5)  # Between two looks at the index.


def _record(version: str) -> None:
    """Record the public API as released, and say what is left to type."""
    left: list[str] = []
    if not RELEASED.exists() or RELEASED.read_bytes() != CURRENT.read_bytes():
        shutil.copyfile(CURRENT, RELEASED)
        left.append(f'git commit -m "Release {version}" -- {RECORD}')
    if not run("git", "tag", "--list", f"v{version}"):
        left.append(f"git tag v{version}")
    if left:
        say("\n  ".join([f"{RECORD} holds the public API for the next comparison. Left to type:", *left]))
