"""Contracts that cannot be served, and what means nothing in one."""

from __future__ import annotations

import json

import httpx
import pytest

from pacerpro_mock import Mock

from .matters import CONTRACT, USERS

REQUEST = {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Gone"}}}}}
BROKEN = {
    "nonsense": ": [",
    "not OpenAPI": "swagger: '2.0'\n",
    "a list": "[1]",
    "no paths": "openapi: 3.1.0\n",
    "a reference to nothing": json.dumps({**CONTRACT, "components": {}}),
    "a reference to another file": json.dumps(CONTRACT).replace("#/components/schemas/Matter", "other.yaml#/Matter"),
    "a request of nothing": json.dumps({**CONTRACT, "paths": {"/x": {"post": {**REQUEST, "responses": {"204": {}}}}}}),
    "a list of paths": json.dumps({**CONTRACT, "paths": []}),
    "an operation of text": json.dumps({**CONTRACT, "paths": {"/x": {"get": "text"}}}),
    "no responses": json.dumps({**CONTRACT, "paths": {"/x": {"get": {}}}}),
    "a type that there is not": json.dumps(CONTRACT).replace('"type": "boolean"', '"type": "truth"'),
    "a schema of text": json.dumps(CONTRACT).replace('"schema": {"type": "boolean"}', '"schema": "boolean"'),
    "headers in a list": json.dumps({**CONTRACT, "paths": {"/x": {"get": {"responses": {"200": {"headers": [1]}}}}}}),
    "a status of text": json.dumps({**CONTRACT, "paths": {"/x": {"get": {"responses": {"2nd": {}}}}}}),
    "a circle": "openapi: 3.1.0\npaths: &a {/x: *a}\n",
    "bytes": b"\xff",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_is_one_line_with_the_files_name(tmp_path, name):
    path = tmp_path / "openapi.yaml"
    path.write_bytes(BROKEN[name] if isinstance(BROKEN[name], bytes) else BROKEN[name].encode())
    with pytest.raises(ValueError, match="is not a contract: ") as caught:
        Mock(USERS, contract=path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_reference_inside_data_means_nothing(tmp_path):
    data = {"default": {"$ref": "nowhere"}, "x-internal": {"$ref": "nowhere"}, "examples": [{"$ref": "nowhere"}]}
    content = {"application/json": {"schema": {"type": "object", **data}}}
    paths = {"/links": {"get": {"operationId": "linkShow", "responses": {"200": {"content": content}}}}}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps({**CONTRACT, "security": [], "paths": paths}))
    with httpx.Client(transport=Mock(USERS, contract=path).transport()) as client:
        assert client.get("http://mock/v1/links").json() == {"$ref": "nowhere"}


def test_an_unreadable_contract_is_one_line(tmp_path):
    with pytest.raises(ValueError, match=r"^cannot read .*none\.yaml: No such file or directory$"):
        Mock(USERS, contract=tmp_path / "none.yaml")
