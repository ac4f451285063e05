"""Make generated/pacerpro_client from openapi.yaml.

The contract is validated, the client is generated and formatted in a temporary folder and imported there, and only
then does it take the place of the old one: nothing stale stays behind, and nothing half-made is ever seen.
"""

import argparse
import difflib
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from openapi_python_client.config import Config, ConfigFile, MetaType

from generator.contract import ContractError, load, refuse
from generator.naming import CLASS_OVERRIDES
from generator.programs import Stopped, run
from generator.reading import Reading
from generator.rendering import render

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "pacerpro_client"
OUTPUT = ROOT / "generated" / PACKAGE
PAGES = "docs/reference"
# How each file begins that was made here, whatever the rest of its notice says.
MADE_HERE = "# Made from openapi.yaml by `make generate`."
NOTICE = f"{MADE_HERE} Do not edit: change the contract or a template.\n"

Listing = Callable[[dict[str, Any], Path], dict[Path, str]]


def main(command_line: Sequence[str] | None = None, listing: Listing = lambda _document, _package: {}) -> int:
    """Generate, or check what was generated, and return the exit status.

    Args:
        command_line: The arguments; by default those of the process.
        listing: Returns the files that list the public API of a contract and of the package made from it.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; show what is out of date, and exit 1")
    parser.add_argument("--contract", type=Path, default=ROOT / "openapi.yaml", help="default: openapi.yaml")
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, help=f"default: generated/{PACKAGE}, and what goes with it"
    )
    arguments = parser.parse_args(command_line)
    try:
        return _update(arguments.contract, arguments.output, listing, check=arguments.check)
    except ContractError as error:
        for line in error.located(arguments.contract):
            print(f"generate: {line}", file=sys.stderr)
    except Stopped as error:
        print(f"generate: {error}", file=sys.stderr)
    except OSError as error:
        print(f"generate: {error.filename or 'the output'}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("generate: interrupted, and nothing is changed", file=sys.stderr)
    return 1


def _update(contract: Path, output: Path, listing: Listing, *, check: bool) -> int:
    """Make the package in a temporary folder, and put it in its place, or only compare."""
    shown = [path.relative_to(ROOT) if path.is_relative_to(ROOT) else path for path in (output, contract)]
    if not check:
        _refuse_foreign(output)
        output.parent.mkdir(parents=True, exist_ok=True)
    document = load(contract, lambda found: Reading(found, configuration(contract, output)).problems)
    with tempfile.TemporaryDirectory(prefix=f".{PACKAGE}-", dir=None if check else output.parent) as folder:
        package = Path(folder) / PACKAGE
        pages = _generate(document, contract, package)
        _import(package)
        # By name, what each file beside the package has to say; None for one that must not be there.
        beside = _beside(pages, listing(document, package)) if output == OUTPUT else {}
        before = _contents(output) | {name: _text(ROOT / name) for name in beside if (ROOT / name).exists()}
        after = _contents(package) | {name: text for name, text in beside.items() if text is not None}
        changed = {name: _diff(name, before, after) for name in sorted({**before, **after})}
        changed = {name: diff for name, diff in changed.items() if diff}
        if not check:
            _put_in_place(output, package, {name: text for name, text in beside.items() if name in changed}, changed)
    if check:
        for diff in changed.values():
            sys.stdout.writelines(diff)
        if changed:
            print(f"{shown[0]} is not what {shown[1]} makes: {', '.join(changed)}. Run: make generate")
        return 1 if changed else 0
    for name in changed:
        print(f"  {name}")
    how_many = f"is made anew from {shown[1]}: {len(changed)} files changed"
    print(f"{shown[0]} {how_many if changed else 'is up to date'}")
    return 0


def _beside(pages: Mapping[str, str], listings: Mapping[Path, str]) -> dict[str, str | None]:
    notice = f"<!-- {MADE_HERE.removeprefix('# ')}"
    old = [page.name for page in (ROOT / PAGES).glob("*.md") if page.read_text("utf-8").startswith(notice)]
    named = {f"{PAGES}/{name}": pages.get(name) for name in {*old, *pages}}
    return named | {path.relative_to(ROOT).as_posix(): text for path, text in listings.items()}


def _put_in_place(output: Path, package: Path, beside: Mapping[str, str | None], changed: Collection[str]) -> None:
    drafts = {name: package.parent / name.replace("/", "_") for name in beside}
    for name, draft in drafts.items():  # What cannot be written shows while nothing is changed yet.
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(beside[name] or "", encoding="utf-8")
    if len(changed) > len(beside):
        _swap(output, package)
    for name, draft in drafts.items():
        if beside[name] is None:
            (ROOT / name).unlink()
        else:
            shutil.move(draft, ROOT / name)


def configuration(contract: Path = ROOT / "openapi.yaml", package: Path = OUTPUT) -> Config:
    """Return the settings with which a contract is read and a package is written."""
    settings = ConfigFile.load_from_path(ROOT / "generator-config.yml")
    config = Config.from_sources(settings, MetaType.NONE, contract, "utf-8", overwrite=False, output_path=package)
    config.class_overrides = {**CLASS_OVERRIDES, **config.class_overrides}
    return config


def _generate(document: dict[str, Any], contract: Path, package: Path) -> dict[str, str]:
    """Write and format the package, and return the pages of the reference by their names."""
    config = configuration(contract, package)
    hooks, config.post_hooks = config.post_hooks, []  # openapi-python-client passes over a hook that is not installed.
    reading = Reading(document, config)
    refuse(reading.problems)
    pages = render(document, reading, config, ROOT / "scripts" / "generator" / "templates")
    for file in package.rglob("*.*"):
        file.write_text(NOTICE + file.read_text(encoding="utf-8"), encoding="utf-8")
    for name, text in pages.items():
        (package.parent / name).write_text(text, encoding="utf-8")
    for hook in hooks:
        program, *arguments = shlex.split(hook)
        run(Path(sys.executable).parent / program, *arguments, folder=package.parent)
    # The hooks format programs there too.
    return {name: (package.parent / name).read_text(encoding="utf-8") for name in pages}


def _import(package: Path) -> None:
    """Import all modules of the package in a process of its own."""
    names = [".".join(file.relative_to(package.parent).with_suffix("").parts) for file in package.rglob("*.py")]
    code = f"import sys; sys.path.insert(0, {str(package.parent)!r}); import {', '.join(sorted(names))}"
    try:
        run(sys.executable, "-B", "-W", "error", "-", input=code)  # As an argument, it could be too long.
    except Stopped as error:
        raise Stopped(f"the generated package cannot be imported: {str(error).splitlines()[-1]}") from None


def _diff(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return how a text differs; nothing if it does not."""
    old, new = (each.get(name, "").splitlines(keepends=True) for each in (before, after))
    empty = [] if name in before and name in after else [f"{name} is {'new' if name in after else 'gone'}\n"]
    return list(difflib.unified_diff(old, new, fromfile=f"a/{name}", tofile=f"b/{name}")) or empty


def _contents(folder: Path) -> dict[str, str]:
    files = [each for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts]
    return {each.relative_to(folder).as_posix(): _text(each) for each in files}


def _text(file: Path) -> str:
    # As bytes are: line ends count, and somebody else's file may be no text.
    return file.read_bytes().decode(errors="backslashreplace")


def _refuse_foreign(output: Path) -> None:
    """Raise an error if there is something in the place of the client that was not made here."""
    mine = output.is_dir() and not output.is_symlink()
    if mine and any(each.name != "__pycache__" for each in output.iterdir()):
        mine = any(MADE_HERE in file.read_text(encoding="utf-8", errors="replace") for file in output.glob("*.py"))
    if not mine and os.path.lexists(output):
        raise Stopped(f"{output} is in the way: it is not a client that was made here")


def _swap(output: Path, package: Path) -> None:
    """Put the package in the place of the old one; if that fails, the old one is back."""
    old = package.parent / "old"
    try:
        with suppress(FileNotFoundError):
            output.rename(old)
        package.rename(output)
    except BaseException:
        if old.exists() and not output.exists():
            old.rename(output)
        raise
