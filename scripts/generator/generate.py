"""Make generated/pacerpro_client from openapi.yaml.

The contract is validated, the client is generated and formatted in a temporary folder and imported there, and only
then does it take the place of the old one: nothing stale stays behind, and nothing half-made is ever seen.
"""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.properties.schemas import Class
from openapi_python_client.strings import ClassName, PythonIdentifier

from generator import derived_files
from generator.contract import ContractError, load, refuse
from generator.naming import CLASS_OVERRIDES
from generator.python_literals import literal
from generator.reading import Reading
from generator.reference import Reference
from generator.template_context import Facts

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "pacerpro_client"
OUTPUT = ROOT / "generated" / PACKAGE
# How each file begins that was made here, whatever the rest of its notice says.
MADE_HERE = "# Made from openapi.yaml by `make generate`."
NOTICE = f"{MADE_HERE} Do not edit: change the contract or a template.\n"

Listing = Callable[[dict[str, Any], Path], dict[Path, str]]


class GenerationError(Exception):
    """The client cannot be made. The message is for whoever ran the command."""


def main(command_line: Sequence[str] | None = None, listing: Listing = lambda _document, _package: {}) -> int:
    """Generate, or check what was generated, and return the exit status.

    Args:
        command_line: The arguments; by default those of the process.
        listing: Returns the files that list the public API of a contract and of the package made from it.
    """
    arguments = _arguments(command_line)
    try:
        if arguments.check:
            return _check(arguments.contract, arguments.output, listing)
        return _replace(arguments.contract, arguments.output, listing)
    except ContractError as error:
        for line in error.located(arguments.contract):
            print(f"generate: {line}", file=sys.stderr)
    except GenerationError as error:
        print(f"generate: {error}", file=sys.stderr)
    except OSError as error:
        print(f"generate: {error.filename or 'the output'}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("generate: interrupted, and nothing is changed", file=sys.stderr)
    return 1


def _arguments(command_line: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; show what is out of date, and exit 1")
    parser.add_argument("--contract", type=Path, default=ROOT / "openapi.yaml", help="default: openapi.yaml")
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, help=f"default: generated/{PACKAGE}, and what goes with it"
    )
    return parser.parse_args(command_line)


def _replace(contract: Path, output: Path, listing: Listing) -> int:
    _refuse_foreign(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with _made(contract, output, listing) as (package, texts), derived_files.staged(texts) as put_in_place:
        in_package = _differences(output, package)
        changed = in_package | derived_files.differences(texts)
        if in_package:
            _swap(output, package)
        put_in_place()
    for name in sorted(changed):
        print(f"  {name}")
    how_many = f"is made anew from {_shown(contract)}: {len(changed)} files changed"
    print(f"{_shown(output)} {how_many if changed else 'is up to date'}")
    return 0


def _check(contract: Path, output: Path, listing: Listing) -> int:
    with tempfile.TemporaryDirectory() as folder, _made(contract, output, listing, Path(folder)) as (package, texts):
        changed = _differences(output, package) | derived_files.differences(texts)
    for diff in changed.values():
        sys.stdout.writelines(diff)
    if changed:
        print(f"{_shown(output)} is not what {_shown(contract)} makes: {', '.join(changed)}. Run: make generate")
    return 1 if changed else 0


@contextmanager
def _made(
    contract: Path, output: Path, listing: Listing, folder: Path | None = None
) -> Iterator[tuple[Path, dict[Path, str | None]]]:
    """Yield the finished package in a temporary folder, which is removed in the end, and the texts that go with it."""
    document = load(contract)
    with tempfile.TemporaryDirectory(prefix=f".{PACKAGE}-", dir=folder or output.parent) as temporary:
        package = Path(temporary) / PACKAGE
        _generate(document, contract, package)
        _import(package)
        yield package, derived_files.texts(package, listing(document, package)) if output == OUTPUT else {}


def configuration(contract: Path = ROOT / "openapi.yaml", package: Path = OUTPUT) -> Config:
    """Return the settings with which a contract is read and a package is written."""
    settings = ConfigFile.load_from_path(ROOT / "generator-config.yml")
    config = Config.from_sources(settings, MetaType.NONE, contract, "utf-8", overwrite=False, output_path=package)
    config.class_overrides = {**CLASS_OVERRIDES, **config.class_overrides}
    return config


def _generate(document: dict[str, Any], contract: Path, package: Path) -> None:
    config = configuration(contract, package)
    hooks, config.post_hooks = config.post_hooks, []
    reading = Reading(document, config)
    refuse(reading.problems)
    data = _named(reading, config)
    project = Project(openapi=data, config=config, custom_template_path=ROOT / "scripts" / "generator" / "templates")
    facts = Facts(document, reading)
    operations = {each.name: each for each in reading.operations}
    tags = {
        str(tag): [operations[endpoint.name] for endpoint in each.endpoints]
        for tag, each in data.endpoint_collections_by_tag.items()
    }
    reference = Reference(facts, tags)
    project.env.globals |= {
        "facts": facts,
        "reference": reference,
        "operations": operations,
        "models": facts.models.all,
    }
    project.env.filters["lower_first"] = lambda text: text[:1].lower() + text[1:]
    project.env.filters["literal"] = literal
    with redirect_stdout(StringIO()):  # It says which folder it writes to, which is temporary.
        project.build()
    for name in ["operations.py", *(("session_auth.py", "stores.py") if facts.lifecycle else ())]:
        (package / name).write_text(project.env.get_template(f"{name}.jinja").render(), encoding="utf-8")
    (package / "py.typed").write_text("", encoding="utf-8")
    for file in package.rglob("*.*"):
        file.write_text(NOTICE + file.read_text(encoding="utf-8"), encoding="utf-8")
    derived_files.write(
        {package.parent / derived_files.PAGES / name: text for name, text in reference.pages(project.env).items()}
    )
    for hook in hooks:
        _run(shlex.split(hook), package.parent)


def _named(reading: Reading, config: Config) -> GeneratorData:
    """Return openapi-python-client's own reading of a document that holds names alone.

    It lays out the package and renders the templates. What an operation takes and what a model is, it gets wrong in
    places (see normalize.py), so it is not told, and the templates ask our own reading.
    """
    models, tags = reading.models.all, reading.tags()
    document = {
        "openapi": "3.1.0",
        "info": {"title": "names", "version": "1.0.0"},
        "paths": {
            f"/{tag}/{each.name}": {"get": {"operationId": each.name, "tags": [tag], "responses": {}}}
            for tag, operations in tags.items()
            for each in operations
        },
        "components": {"schemas": {f"Model{number}": {"type": "object"} for number in range(len(models))}},
    }
    data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        raise GenerationError(f"openapi-python-client fails: {data.header}")
    for model, found in zip(models.values(), data.models, strict=True):
        object.__setattr__(found, "class_info", Class(ClassName(model.name, ""), PythonIdentifier(model.module, "")))
    return data


def _run(command: list[str], folder: Path) -> None:
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    program = shutil.which(command[0], path=tools)
    if program is None:
        raise GenerationError(f"{command[0]} is not installed: run make setup")
    result = subprocess.run([program, *command[1:]], cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        raise GenerationError(f"{command[0]} failed: {result.stderr or result.stdout}")


def _import(package: Path) -> None:
    """Import all modules of the package in a process of its own."""
    names = [".".join(file.relative_to(package.parent).with_suffix("").parts) for file in package.rglob("*.py")]
    code = f"import sys; sys.path.insert(0, {str(package.parent)!r}); import {', '.join(sorted(names))}"
    result = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise GenerationError(f"the generated package cannot be imported: {result.stderr.strip().splitlines()[-1]}")


def _differences(old: Path, new: Path) -> dict[str, list[str]]:
    """Return a diff for each file that is not the same in both folders."""
    before, after = _contents(old), _contents(new)
    return {
        name: list(
            difflib.unified_diff(before.get(name, []), after.get(name, []), fromfile=f"a/{name}", tofile=f"b/{name}")
        )
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def _contents(folder: Path) -> dict[str, list[str]]:
    files = [each for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts]
    # As bytes are: line ends count, and somebody else's file may be no text.
    texts = {each.relative_to(folder).as_posix(): each.read_bytes().decode(errors="backslashreplace") for each in files}
    return {name: text.splitlines(keepends=True) for name, text in texts.items()}


def _refuse_foreign(output: Path) -> None:
    """Raise an error if there is something in the place of the client that was not made here."""
    mine = output.is_dir() and not output.is_symlink()
    files = [each for each in output.iterdir() if each.name != "__pycache__"] if mine else []
    if mine and files:
        mine = any(MADE_HERE in file.read_text(encoding="utf-8", errors="replace") for file in output.glob("*.py"))
    if not mine and os.path.lexists(output):
        raise GenerationError(f"{output} is in the way: it is not a client that was made here")


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


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
