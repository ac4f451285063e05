"""A maintainer's first edits of the contract need no edit of code or tests: generate, check and test stay green."""

import os
import re
import subprocess
from copy import deepcopy

import pytest
from ruamel.yaml import YAML

pytestmark = [pytest.mark.edits, pytest.mark.timeout(1800)]

MATTERS = """
get:
  operationId: matterList
  tags: [{tag}]
  summary: List matters
  description: Returns the matters that the user may see.
  security: [{{{scheme}: []}}]
  parameters:
    - name: state
      in: query
      description: Only matters in this state.
      schema: {{type: string, enum: [open, closed]}}
  responses:
    "200":
      description: The matters.
      content:
        application/json:
          schema:
            type: array
            items:
              title: Matter
              description: A matter.
              type: object
              required: [id, name]
              properties:
                id: {{description: Its number., type: integer, examples: [7]}}
                name: {{description: Its title., type: string, examples: [Doe v. Roe]}}
          examples:
            some: {{summary: One matter, value: [{{id: 7, name: Doe v. Roe}}]}}
"""


def log_in(document):
    """Return the log-in operation, and the security scheme that names it."""
    for name, scheme in document["components"]["securitySchemes"].items():
        if life := scheme.get("x-session-lifecycle"):
            operations = [each for path in document["paths"].values() for each in path.values()]
            return next(each for each in operations if each.get("operationId") == life["login"]), name
    raise AssertionError("no scheme has a lifecycle")


def resolved(document, value):
    while "$ref" in value:
        parts = value["$ref"].removeprefix("#/").split("/")
        value = document
        for part in parts:
            value = value[part]
    return value


def change_words(document):
    document["info"]["description"] += "\nMore on this in the user guide."


def add_a_property(document):
    answer = resolved(document, log_in(document)[0]["responses"]["200"])
    session = resolved(document, answer["content"]["application/json"]["schema"])
    session["properties"]["region"] = {"description": "Where the session lives.", "type": "string", "examples": ["eu"]}


def document_a_status(document):
    answers = log_in(document)[0]["responses"]
    # A copy, because the contract holds no aliases.
    answers["423"] = {**deepcopy(resolved(document, answers["403"])), "description": "The account is locked."}


def add_an_operation(document):
    operation, scheme = log_in(document)
    added = YAML(typ="safe").load(MATTERS.format(tag=operation["tags"][0], scheme=scheme))
    for status in ("400", "401"):
        added["get"]["responses"][status] = deepcopy(operation["responses"][status])
    document["paths"]["/matters"] = added


@pytest.fixture(scope="module")
def maintainer(copied_tree, tmp_path_factory):
    """A checkout with an environment of its own; returns what runs make there, from the committed state."""
    tree = copied_tree(tmp_path_factory.mktemp("maintainer") / "tree")

    # Without the variables of a surrounding make, such as ARGS.
    environment = {name: value for name, value in os.environ.items() if name not in {"ARGS", "MAKEFLAGS", "MFLAGS"}}

    def run(*command):
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=1200, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"

    run("git", "-c", "user.name=M", "-c", "user.email=m@example.com", "commit", "-qm", "As it is", "--allow-empty")
    run("make", "setup", "VENV=.venv")
    return tree, run


EDITS = [change_words, add_a_property, document_a_status, add_an_operation]


@pytest.mark.parametrize(
    "edits", [*([edit] for edit in EDITS), EDITS], ids=[*(each.__name__ for each in EDITS), "together"]
)
def test_an_edit_leaves_generate_check_and_test_green(maintainer, edits):
    tree, run = maintainer
    run("git", "checkout", "-q", ".")
    run("git", "clean", "-qfd")
    yaml = YAML()
    yaml.width = 120
    yaml.preserve_quotes = True
    document = yaml.load(tree / "openapi.yaml")
    major, minor, patch = (int(each) for each in document["info"]["version"].split("."))
    new = f"{major}.{minor}.{patch + 1}" if edits == [change_words] else f"{major}.{minor + 1}.0"
    document["info"]["version"] = new
    for edit in edits:
        edit(document)
    yaml.dump(document, tree / "openapi.yaml")
    changelog = tree / "CHANGELOG.md"
    entry = f"## [{new}] - 2099-01-01\n\n### Changed\n\n- The contract.\n\n"
    changelog.write_text(re.sub(r"^## \[", f"{entry}## [", changelog.read_text(), count=1, flags=re.MULTILINE))

    run("make", "generate", "VENV=.venv")
    run("git", "add", "--all")
    run("make", "check", "VENV=.venv")
    run("make", "test", "VENV=.venv")
