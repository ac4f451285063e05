"""Say what is in a wheel or an sdist that should not be, or is not and should."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

PACKAGES = {
    "pacerpro_cli": Path("src/pacerpro_cli"),
    "pacerpro_client": Path("generated/pacerpro_client"),
    "pacerpro_conformance": Path("src/pacerpro_conformance"),
    "pacerpro_mock": Path("src/pacerpro_mock"),
    "pacerpro_runtime": Path("src/pacerpro_runtime"),
}
CONTRACT = "pacerpro_mock/openapi.yaml"
IN_THE_SDIST = ("generated/", "src/", "openapi.yaml", "LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml")
# What the builder adds by itself.
ADDED_TO_THE_SDIST = {"PKG-INFO", ".gitignore"}

METADATA = {
    "Name": "pacerpro-client",
    "License-Expression": "Apache-2.0",
    "License-File": "LICENSE",
    "Requires-Python": ">=3.11",
    "Description-Content-Type": "text/markdown",
}
CLASSIFIERS = {"Typing :: Typed", "Private :: Do Not Upload"}


def complaints(wheel: Path, sdist: Path, tree: Path) -> Iterator[str]:
    """Yield what is wrong with what was built from a tree that has the committed files and no others."""
    found = _of_wheel(wheel)
    info = next(name.split("/")[0] for name in found if name.endswith(".dist-info/METADATA"))
    wanted = {
        f"{package}/{file.relative_to(tree / folder).as_posix()}": file.read_bytes()
        for package, folder in PACKAGES.items()
        for file in (tree / folder).rglob("*")
        if file.is_file()
    }
    wanted[CONTRACT] = (tree / "openapi.yaml").read_bytes()
    yield from _compared("the wheel", {name: data for name, data in found.items() if not name.startswith(info)}, wanted)
    yield from _metadata(found[f"{info}/METADATA"], info)
    files = {file.relative_to(tree).as_posix(): file.read_bytes() for file in tree.rglob("*") if file.is_file()}
    wanted = {name: data for name, data in files.items() if name.startswith(IN_THE_SDIST)}
    found = {name: data for name, data in _of_sdist(sdist).items() if name not in ADDED_TO_THE_SDIST}
    yield from _compared("the sdist", found, wanted)


def _compared(what: str, found: dict[str, bytes], wanted: dict[str, bytes]) -> Iterator[str]:
    yield from (f"{what} has {name}" for name in sorted(found.keys() - wanted.keys()))
    yield from (f"{what} lacks {name}" for name in sorted(wanted.keys() - found.keys()))
    yield from (f"{what} has another {name}" for name in sorted(found.keys() & wanted) if found[name] != wanted[name])


def _metadata(text: bytes, info: str) -> Iterator[str]:
    message = message_from_bytes(text)
    for name, value in METADATA.items():
        if message[name] != value:
            yield f"the metadata has {name}: {message[name]}, and should have {value}"
    if not info.startswith(f"pacerpro_client-{message['Version']}.dist-info"):
        yield f"the metadata has Version: {message['Version']}, and the folder is {info}"
    yield from (f"the metadata lacks {name}" for name in ("Author", "Summary", "Provides-Extra") if not message[name])
    yield from (f"the metadata has {name}" for name in ("Home-page", "Project-URL", "Download-URL") if message[name])
    missing = CLASSIFIERS - set(message.get_all("Classifier") or [])
    yield from (f"the metadata lacks the classifier {each}" for each in sorted(missing))
    if not str(message.get_payload()).startswith("# pacerpro-client"):
        yield "the metadata lacks the README"


def _of_wheel(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _of_sdist(sdist: Path) -> dict[str, bytes]:
    with tarfile.open(sdist) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        streams = {member.name.partition("/")[2]: archive.extractfile(member) for member in members}
        return {name: stream.read() for name, stream in streams.items() if stream}
