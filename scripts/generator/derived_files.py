"""The texts that go with the client, made and checked along with it: the listing of its face, and the reference."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The reference's folder: beside the package where both are made, and in the tree.
PAGES = "docs/reference"
# How each page begins. What begins otherwise was not made here, and is let alone.
NOTICE = "<!-- Made from openapi.yaml by `make generate`."


def texts(package: Path, listing: Mapping[Path, str]) -> dict[Path, str | None]:
    """Return what each file has to say; None for one that must not be there."""
    there = [page for page in (ROOT / PAGES).glob("*.md") if page.read_text(encoding="utf-8").startswith(NOTICE)]
    stale: dict[Path, str | None] = dict.fromkeys(there)
    pages = {ROOT / PAGES / page.name: page.read_text(encoding="utf-8") for page in (package.parent / PAGES).iterdir()}
    return {**stale, **pages, **listing}


def differences(wanted: dict[Path, str | None]) -> dict[str, list[str]]:
    """Return a diff for each file that says something else."""
    found: dict[str, list[str]] = {}
    for path, text in wanted.items():
        name, old, new = path.relative_to(ROOT).as_posix(), _lines(_text(path)), _lines(text)
        if _text(path) != text:
            found[name] = list(difflib.unified_diff(old, new, fromfile=f"a/{name}", tofile=f"b/{name}"))
    return found


def write(wanted: Mapping[Path, str | None]) -> None:
    """Write the files that say something else, and remove those that must not be there."""
    with staged(wanted) as put_in_place:
        put_in_place()


@contextmanager
def staged(wanted: Mapping[Path, str | None]) -> Iterator[Callable[[], None]]:
    """Write what is new beside its place, and yield what puts it there.

    So a folder that takes no file shows while nothing is changed yet.
    """
    changed = {path: text for path, text in wanted.items() if _text(path) != text}
    drafts = {path: path.with_name(f".{path.name}.new") for path in changed}

    def put_in_place() -> None:
        for path, text in changed.items():
            if text is None:
                path.unlink()
            else:
                drafts[path].replace(path)

    try:
        for path, text in changed.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            drafts[path].write_text(text or "", encoding="utf-8")
        yield put_in_place
    finally:
        for draft in drafts.values():
            if draft.is_file():
                draft.unlink()


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _lines(text: str | None) -> list[str]:
    return (text or "").splitlines(keepends=True)
