"""The edited contracts, and the clients that are made from them."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BASE = ROOT / "tests" / "sample_contracts" / "session.yaml"
EDITS = sorted(file.stem for file in (HERE / "edits").glob("*.yaml"))


def edited(name: str) -> dict[str, Any]:
    """Return the tests' own contract after an edit: a merge patch (RFC 7396), which may move paths before."""
    document = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    patch = yaml.safe_load((HERE / "edits" / f"{name}.yaml").read_text(encoding="utf-8"))
    for old, new in patch.pop("$move", {}).items():
        document["paths"][new] = document["paths"].pop(old)
    return merged(document, patch)


def merged(value: Any, patch: Any) -> Any:
    """Return a value after a merge patch: what the patch calls null is gone."""
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for key, each in patch.items():
        if each is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), each)
    return result


def make(name: str, folder: Path) -> str:
    """Make an edit's client as a package of its own name, and return what the generator complains of."""
    from generator import generate

    contract = folder / f"{name}.json"
    contract.write_text(json.dumps(edited(name)), encoding="utf-8")
    complaint = StringIO()
    with redirect_stdout(StringIO()), redirect_stderr(complaint):
        generate.main(["--contract", str(contract), "--output", str(folder / "clients" / f"{name}_client")])
    return complaint.getvalue()


def make_all(folder: Path) -> dict[str, str]:
    """Make all clients below a folder, and return the complaints."""
    with ProcessPoolExecutor(2) as pool:
        return dict(zip(EDITS, pool.map(make, EDITS, [folder] * len(EDITS)), strict=True))
