"""What the mock serves beside the API."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

from pacerpro_mock import Mock
from pacerpro_mock.contract.document import Document

CONTRACT = Path(__file__).parents[2] / "openapi.yaml"
PATHS = ["/ready", "/openapi.json", "/openapi.yaml", "/docs", "/docs/start.js", "/docs/swagger-ui.css",
         "/docs/swagger-ui-bundle.js"]  # fmt: skip


def test_it_is_ready_once_it_answers(each_way):
    response = each_way("GET", "/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("path", PATHS)
def test_each_page_has_get_and_head_and_nothing_else(each_way, path):
    got, head, put = (each_way(method, path) for method in ("GET", "HEAD", "PUT"))
    assert (got.status_code, head.status_code, put.status_code) == (200, 200, 405)
    assert got.content
    assert head.content == b""
    assert head.headers["content-length"] == str(len(got.content))
    assert put.headers["allow"] == "GET, HEAD"
    assert "date" in got.headers


@pytest.mark.parametrize(
    "path", ["/docs/", "/docs/../ready", "/docs/x.js", "/openapi", "/v1/ready", "/docs/%2e%2e/ready"]
)
def test_other_paths_beside_the_api_are_404(call, path):
    assert call("GET", path).status_code in {200, 404} if "ready" in path and "v1" not in path else 404


def test_the_contract_is_served_with_the_mock_as_its_server(call):
    served = call("GET", "/openapi.json").json()
    assert served["servers"] == [{"url": "/v1", "description": "This mock."}]
    written = yaml.safe_load(CONTRACT.read_text("utf-8"))
    assert {**served, "servers": None} == {**written, "servers": None}
    assert yaml.safe_load(call("GET", "/openapi.yaml").text) == served
    validate(served)


def test_nothing_on_the_page_comes_from_elsewhere(call):
    page = call("GET", "/docs")
    assert re.findall(r'(?:src|href)="([^"]*)"', page.text) == [
        "data:,", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/start.js",
    ]  # fmt: skip
    assert "://" not in page.text + call("GET", "/docs/start.js").text
    assert page.headers["content-security-policy"].startswith("default-src 'self';")


def test_without_swagger_ui_the_page_says_what_to_type(call, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "flask_swagger_ui" else find_spec(name, *rest)
    )
    page = call("GET", "/docs")
    assert (page.status_code, "pip install 'pacerpro-client[mock]'" in page.text) == (501, True)


def test_an_unquoted_date_in_the_contract_is_text(tmp_path):
    path = tmp_path / "openapi.yaml"
    path.write_text("openapi: 3.1.0\nservers: [{url: https://x.invalid}]\nexample: 2030-01-01T12:00:00Z\n")
    assert Document(path).value["example"] == "2030-01-01T12:00:00+00:00"


def test_the_root_leads_to_the_page(each_way):
    response = each_way("GET", "/")
    assert (response.status_code, response.headers["location"]) == (307, "/docs")


def test_serving_the_page_imports_no_flask():
    import subprocess
    import sys

    code = """
import sys
from pacerpro_mock import Mock
from pacerpro_mock.swagger_ui import pages
from pacerpro_mock.http.messages import Head
for path in pages.PAGES:
    assert next(Mock().begin(Head("GET", path, []))).status in {200, 307}
print("flask" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False\n"


def test_a_mock_starts_without_reading_yaml():
    import subprocess
    import sys

    code = "import sys, pacerpro_mock; pacerpro_mock.Mock(); print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False\n"
    assert Mock().url
