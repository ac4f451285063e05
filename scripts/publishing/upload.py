"""Upload files to a package index with uv, and wait until the index shows them."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

from publishing.credentials import PASSWORD, TOKEN, USERNAME
from publishing.package_index import Index

TIME_LIMIT = 600  # seconds for an upload
PATIENCE = 30.0  # seconds until an index has to show an uploaded file


class UploadError(Exception):
    """An upload failed, or the index does not show the files. The message is for the user."""


def upload(files: list[Path], version: str, index: Index, tools: Path) -> None:
    """Upload files.

    Raises:
        UploadError: The index refuses them, or does not answer in time.
    """
    # With the simple URL uv skips files that a concurrent upload has brought, and refuses different ones.
    command = [str(tools / "uv"), "publish", "--no-config", "--no-progress", "--trusted-publishing", "never"]
    command += ["--publish-url", index.upload, "--check-url", index.simple, *map(str, files)]
    kept = {name: value for name, value in os.environ.items() if name not in {TOKEN, USERNAME, PASSWORD}}
    secrets = dict(zip((USERNAME, PASSWORD), index.uploader or (), strict=False))
    try:
        done = subprocess.run(
            command, env={**kept, **secrets}, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        raise UploadError(f"the upload took more than {TIME_LIMIT} s; run this again to go on") from None
    if not done.returncode:
        return
    status = re.search(r"status code (\d{3})", done.stderr)
    if status and status[1] in {"401", "403"}:
        kept_in = f"{USERNAME} and {PASSWORD} (or {TOKEN}), netrc, or a keyring"
        raise UploadError(f"{index.upload} refuses these credentials: {status[1]}. They come from {kept_in}")
    if status and status[1] in {"400", "409"} and index.missing(files, version) == files:
        raise UploadError(
            f"{index.upload} refuses the files ({status[1]}) as if it had them, and {index.simple} does not show them: "
            "check that SIMPLE is the simple URL of the same index"
        )
    said = " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", done.stderr, flags=re.DOTALL).split())
    for secret in index.uploader or ():
        said = said.replace(secret, "***")
    raise UploadError(f"the upload failed, perhaps half-way: {said}. Run this again to go on where it ended")


def wait_for(files: list[Path], version: str, index: Index) -> None:
    """Wait until the index shows all files.

    Raises:
        UploadError: It does not show them in time.
    """
    end = time.monotonic() + PATIENCE
    while left := index.missing(files, version):
        if time.monotonic() > end:
            raise UploadError(
                f"the upload is done, but {index.simple} does not show {left[0].name} after {PATIENCE:.0f} s: check "
                "that SIMPLE is the simple URL of the same index, then run this again; nothing is uploaded twice"
            )
        time.sleep(0.5)
