"""Clients that other generators make of the contract do the whole life of a session against the mock."""

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

pytestmark = pytest.mark.interop

HERE = Path(__file__).resolve().parent
CONTRACT = HERE.parents[1] / "openapi.yaml"
TOOLS = Path(f"{sys.prefix}-interop")
OPENAPI_GENERATOR = ["openapi-generator-cli", "generate", "-i", str(CONTRACT)]
LIMIT = 60  # seconds for one command
CREDENTIALS = ("ada@example.com", "interop")

# By driver in clients/: what makes `generated`, or for Python a package beside it.
GENERATORS = {
    "hey_api.ts": ["openapi-ts", "-i", str(CONTRACT), "-o", "generated"],
    "oazapfts.ts": ["oazapfts", str(CONTRACT), "generated/api.ts"],
    "openapi_fetch.ts": ["openapi-typescript", str(CONTRACT), "-o", "generated/schema.ts"],
    "openapi_generator_python.py": [*OPENAPI_GENERATOR, "-g", "python", "-o", "."],
    "openapi_generator_typescript.ts": [*OPENAPI_GENERATOR, "-g", "typescript-fetch", "-o", "generated"],
    "openapi_python_client.py": [
        *("openapi-python-client", "generate", "--path", str(CONTRACT), "--output-path", "generated"),
        *("--meta", "none", "--fail-on-warning"),
    ],
    "orval.ts": ["orval", "--config", "orval.config.cjs"],
    "swagger_typescript_api.ts": [
        *("swagger-typescript-api", "generate", "-p", str(CONTRACT), "-o", "generated", "-n", "api.ts"),
    ],
}


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    command = [Path(sys.executable).with_name("pacerpro-mock"), "--port", "0", "--quiet", "--user"]
    with subprocess.Popen([*command, ":".join(CREDENTIALS)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield re.search(r"http://\S+/v1", process.stdout.readline())[0]
        finally:
            process.terminate()


@pytest.fixture
def run(tmp_path, mock):
    """Runs a command in the temporary folder; fails the test with what the command printed."""
    folders = [TOOLS / "node_modules" / ".bin", TOOLS / "bin", Path(sys.executable).parent, os.environ["PATH"]]
    path = os.pathsep.join(map(str, folders))
    environment = {**os.environ, "PATH": path, "CONTRACT": str(CONTRACT), "BASE_URL": mock}

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize("driver", GENERATORS)
def test_the_client_of_another_generator_does_the_life_of_a_session(driver, tmp_path, mock, run):
    shutil.copytree(HERE / "clients", tmp_path, dirs_exist_ok=True)
    (tmp_path / "node_modules").symlink_to(TOOLS / "node_modules")
    if driver != "openapi_python_client.py":  # It makes the folder itself, and oazapfts does not.
        (tmp_path / "generated").mkdir()
    run(*GENERATORS[driver])
    if driver.endswith(".ts"):
        options = json.loads((HERE / "tsconfig.json").read_text("utf-8"))
        (tmp_path / "tsconfig.json").write_text(json.dumps({**options, "files": [driver]}), "utf-8")
        run("tsc", "--project", ".")
        run("esbuild", driver, "--bundle", "--platform=node", "--format=esm", "--outfile=client.mjs")
        printed = run("node", "client.mjs", mock, *CREDENTIALS)
    else:
        python = TOOLS / "bin" / "python" if driver == "openapi_generator_python.py" else sys.executable
        printed = run(str(python), driver, mock, *CREDENTIALS)
    login, refresh, logout, refused = map(json.loads, printed.splitlines())
    assert [each["status"] for each in (login, refresh, logout, refused)] == [200, 200, 200, 401]
    assert refused["message"] == "Token invalid or expired"
    expiries = [dt.datetime.fromisoformat(each["session"]["expiresAt"]) for each in (login, refresh)]
    assert dt.datetime.now(dt.UTC) < expiries[0] < expiries[1]
    for each in (login, refresh):
        header = {"Authorization": f"Bearer {each['session']['jwtToken']}"}
        assert httpx.get(f"{mock}/session", headers=header, trust_env=False).status_code == 401, "not logged out"


def test_the_contract_converts_to_a_valid_openapi_3_0_document(tmp_path, run):
    run("openapi-down-convert", "--input", str(CONTRACT), "--output", "openapi-3.0.yaml")
    run(sys.executable, "-m", "openapi_spec_validator", "--validation-errors", "all", "openapi-3.0.yaml")
    converted = yaml.safe_load((tmp_path / "openapi-3.0.yaml").read_text("utf-8"))
    assert converted["openapi"].startswith("3.0.")
    assert converted["paths"].keys() == yaml.safe_load(CONTRACT.read_text("utf-8"))["paths"].keys()
