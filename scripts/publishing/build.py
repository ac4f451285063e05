"""Build the sdist, the wheel and a bill of materials into dist/.

The same commit gives the same bytes on another day, in another folder and under another umask: the build takes a copy
of the files that git knows, and every file in it has the same time. A later commit that changes none of these files,
such as the one that records the release, gives the same bytes too.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from generator.programs import ROOT, Stopped, run

from publishing.sbom import bill_of_materials, sha256

DIST = ROOT / "dist"
SAME = {"SOURCE_DATE_EPOCH": "1577836800", "PYTHONHASHSEED": "0"}  # 2020-01-01


def main() -> None:
    """Build, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=DIST, help="default: dist; what was there is removed")
    parser.add_argument(
        "--tools", type=Path, help="the folder of twine and check-wheel-contents, to hold the result to them"
    )
    arguments = parser.parse_args()
    try:
        for file in build(arguments.output, arguments.tools):
            print(f"  {file.name}  {file.stat().st_size} bytes  sha256 {sha256(file)}")
    except Stopped as error:
        sys.exit(f"build: {error}")


def build(output: Path, tools: Path | None = None) -> list[Path]:
    """Build into a folder, replace what was in it, and return the files.

    Raises:
        Stopped: It cannot be built, or the result fails a check.
    """
    with tempfile.TemporaryDirectory() as folder:
        tree, made = Path(folder) / "tree", Path(folder) / "dist"
        for name in filter(None, run("git", "ls-files", "-z").split("\0")):
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, tree / name)
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", made, folder=tree, env=SAME)
        wheel, sdist = next(made.glob("*.whl")), next(made.glob("*.tar.gz"))
        if tools:
            run(tools.resolve() / "twine", "check", "--strict", wheel, sdist)
            # W009 is about a wheel with more than one package at its top: this one has several on purpose.
            run(tools.resolve() / "check-wheel-contents", "--no-config", "--ignore", "W009", wheel)
        bill = made / f"{wheel.name.split('-py3')[0]}.cdx.json"
        bill.write_text(bill_of_materials(wheel), encoding="utf-8")
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir(parents=True)
        return [Path(shutil.copy(file, output)) for file in sorted(made.iterdir())]
