"""The conformance suite on servers that were not made for it: it passes the sound ones and finds each ordinary mistake.

`make servers` runs this. A stack that is not installed is skipped.
"""

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

import pytest

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

HERE = Path(__file__).parent
USERS = ("ada@example.com:correct horse battery staple", "grace@example.com:a moth in a relay")
SECRET = "32 bytes of a key for HMAC-SHA-256"
PUMA = ("puma", "--environment", "production", "--bind", "tcp://127.0.0.1:0", "config.ru")
START_LIMIT = 30  # seconds
RUN_LIMIT = 240  # seconds

COMMANDS = {
    "express": ("node", "server.js"),
    "fastapi": (sys.executable, "app.py"),
    "sinatra": PUMA,
    "rails": PUMA,
}
# What fails if the libraries of a stack are not installed.
PROBES = {
    "express": ("npm", "ls", "--silent"),
    "fastapi": (sys.executable, "-c", "import fastapi, jwt, uvicorn"),
    "sinatra": ("ruby", "-rpuma", "-rsinatra/base", "-rwarden", "-rjwt", "-rbcrypt", "-e", "exit"),
    "rails": ("ruby", "-rpuma", "-rlogger", "-raction_controller/railtie", "-rjwt", "-rbcrypt", "-e", "exit"),
}
# The mistakes that README.md describes, each with the checks that are meant to find it.
FAULTS = {
    ("express", "signature-not-verified"): "forged.*",
    ("express", "expires-at-in-seconds"): "tokens.*",
    ("express", "unknown-user-message"): "login.*",
    ("express", "missing-credentials-400"): "login.*",
    ("express", "log-out-does-nothing"): "logout.*",
    ("fastapi", "expired-tokens"): "forged.*",
    ("fastapi", "stock-422"): "login.*",
    ("fastapi", "input-in-message"): "answers.secrecy",
    ("fastapi", "refresh-ends-the-older"): "refresh.*",
    ("fastapi", "same-token"): "refresh.*",
    ("sinatra", "algorithm-of-the-token"): "forged.*",
    ("sinatra", "log-out-of-everybody"): "logout.*",
    ("sinatra", "unknown-user-500"): "login.*",
    ("sinatra", "errors-with-200"): "login.*",
    ("sinatra", "any-content-type"): "bodies.*",
    ("rails", "blank-password"): "login.*",
    ("rails", "log-out-ends-one-token"): "logout.*",
    ("rails", "token-in-params"): "placement.*",
    ("rails", "plain-text-401"): "answers.media_type",
    ("rails", "expires-at-of-to-s"): "answers.schema",
}


@contextmanager
def running(stack, folder, fault=""):
    """The base URL of a server of this stack, or skip the test if the stack is not installed."""
    environment = {**os.environ, "PORT": "0", "USERS": ",".join(USERS), "SECRET": SECRET, "FAULT": fault}
    try:
        probe = subprocess.run(PROBES[stack], cwd=HERE / stack, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError as error:
        pytest.skip(f"{stack}: {error.filename} is not installed")
    if probe.returncode != 0:
        pytest.skip(f"{stack}: its libraries are not installed ({probe.stderr.strip()[-200:]})")
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            COMMANDS[stack], cwd=HERE / stack, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    with server:
        try:
            yield wait_for_url(server, log)
        finally:
            server.terminate()


def wait_for_url(server, log):
    """The base URL, made of the address that every one of the servers prints when it listens."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and server.poll() is None:
        if address := re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8")):
            return f"{address[0]}/v1"
        time.sleep(0.05)
    pytest.fail(f"the server does not start:\n{log.read_text('utf-8')}")


def judge(url, folder, *arguments):
    """The suite's exit status, the checks that failed, and its output."""
    report = folder / "report.json"
    command = [Path(sys.executable).with_name("pacerpro-conformance"), "--url", url, "--secret", SECRET, "--timeout=30"]
    command += [f"--user={user}" for user in USERS]
    command += ["--json", report, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_LIMIT, check=False)
    checks = json.loads(report.read_text("utf-8"))["checks"] if report.exists() else []
    failed = [check["name"] for check in checks if check["outcome"] == "failed"]
    return done.returncode, failed, done.stdout + done.stderr


@pytest.mark.parametrize("stack", COMMANDS)
def test_a_sound_server_passes(stack, tmp_path):
    with running(stack, tmp_path) as url:
        status, failed, output = judge(url, tmp_path)
    assert (status, failed) == (0, []), output


@pytest.mark.parametrize(("stack", "fault"), FAULTS)
def test_an_ordinary_mistake_is_found(stack, fault, tmp_path):
    found_by = FAULTS[stack, fault]
    # `answers` looks at the answers to the other checks, and cannot run alone.
    group = "login.*" if found_by.startswith("answers.") else found_by
    with running(stack, tmp_path, fault) as url:
        status, failed, output = judge(url, tmp_path, f"--only={group}")
    assert status == 1, output
    assert [name for name in failed if fnmatch(name, found_by)], output


def test_each_stack_has_five_faults():
    stacks = [stack for stack, _ in FAULTS]
    assert {stack: stacks.count(stack) for stack in COMMANDS} == dict.fromkeys(COMMANDS, 5)
