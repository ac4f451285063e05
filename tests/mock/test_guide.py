"""The programs of docs/testing.md do what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pacerpro_mock import MockServer

from .wire import WITHOUT

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
TOKEN = "a control token"

pytest_plugins = ["pytester"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def test_the_test_in_pytest(pytester):
    pytester.makepyfile(f"import httpx\n\n{blocks('python')[0]}")
    pytester.runpytest_subprocess("-p", "no:cacheprovider", *WITHOUT).assert_outcomes(passed=1)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_test_in_node(tmp_path):
    with MockServer(control_token=TOKEN) as server:
        (tmp_path / "page.test.mjs").write_text(
            blocks("js")[0].replace("http://127.0.0.1:8080", server.url.removesuffix("/v1")), encoding="utf-8"
        )
        done = subprocess.run(
            ["node", "--test", str(tmp_path / "page.test.mjs")],
            capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "PACERPRO_MOCK_CONTROL_TOKEN": TOKEN},
        )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert [record.status for record in server.requests] == [503]


def test_each_option_of_the_page_is_there():
    from pacerpro_mock.cli import OPTIONS

    named = set(re.findall(r"`[^`]*?(--[a-z][a-z-]+)", PAGE.read_text("utf-8"))) - {"--help", "--test", "--cacert"}
    assert named <= {option.flag for option in OPTIONS}
    assert len(named) > 15
