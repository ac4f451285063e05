"""A contract that cannot be used: one line that says what is wrong and where, exit status 1, and nothing is touched."""

from __future__ import annotations

import re
from pathlib import Path

import generate as generator
import pytest

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "generated" / "pacerpro_client"

TITLE = "  title: PacerPro\n"
USER = '$ref: "#/components/schemas/User"'
EMPTY = "\n    Empty:\n"
SERVER = "- url: https://api.pacerpro.com/v1"
LIFECYCLE = "#/components/securitySchemes/Bearer/x-session-lifecycle"
BODY = "#/paths/~1session/post/requestBody/content/application~1json/schema/$ref"

# What is replaced by what; what the line says; where: the text at whose line it points, and the place.
EDITS = {
    "broken YAML": ("info:\n", "info: [\n", "not valid YAML: expected ',' or ']', but got ':'", "  summary:", None),
    "a tab": (TITLE, "\ttitle: PacerPro\n", r"not valid YAML: found character '\t' that cannot start", "\ttitle", None),
    "a key twice": (TITLE, TITLE * 2, 'not valid YAML: found duplicate key "title"', "  title: PacerPro\n  s", None),
    "a schema twice": (EMPTY, "\n    User: {}" + EMPTY, 'found duplicate key "User"', "    User: {}", None),
    "an anchor to nowhere": ("*session", "*sesion", "found undefined alias 'sesion'", "*sesion", None),
    "a tag": (TITLE, "  title: !foo x\n", "could not determine a constructor for the tag", "!foo", None),
    "a control character": (TITLE, "  title: \x01\n", "special characters are not allowed", "\x01", None),
    "two documents": (TITLE, f"{TITLE}---\n", "but found another document", "---", None),
    "no mapping": (None, "- openapi", "an OpenAPI document is a mapping, and this is none", "- openapi", None),
    "nothing": (None, "", "an OpenAPI document is a mapping, and this is none", 1, None),
    "another OpenAPI": ("openapi: 3.1.0", "openapi: 3.0.3", "and it must be 3.1", "openapi: ", "#/openapi"),
    "a reference to nowhere": (USER, USER.replace("User", "Nobody"), "Nobody refers to nothing", "Nobody", BODY),
    "a reference to a file": (USER, '$ref: "other.yaml"', "other.yaml is not in this document", "other.yaml", BODY),
    "a circle of references": (
        EMPTY,
        '\n    A: {$ref: "#/components/schemas/B"}\n    B: {$ref: "#/components/schemas/A"}' + EMPTY,
        "#/components/schemas/B leads back to itself",
        "    A: ",
        "#/components/schemas/A/$ref",
    ),
    "a reference that is none": (USER, "$ref: 5", "Input should be a valid", "$ref: 5", "#/paths/~1session/post/"),
    "a document that holds itself": (TITLE, f"{TITLE}  x-self: &self [*self]\n", "holds itself", None, None),
    "an unknown type": (
        "          type: integer\n",
        "          type: integr\n",
        "'integr' is not valid under any of the given schemas",
        "type: integr",
        "#/components/schemas/Error/properties/status/type",
    ),
    "a type that is too much": (
        "          enum: [error, alert, notice, warning]\n",
        "          enum: [error, 5]\n",
        "the generator cannot use this: Got {",
        "    Error:",
        "#/components/schemas/Error",
    ),
    "a default of another type": (
        "          type: integer\n",
        "          type: integer\n          default: one\n",
        "'one' is not of type 'integer'",
        "default: one",
        "#/components/schemas/Error/properties/status/default",
    ),
    "properties that are one in Python": (
        "        message:\n",
        '        "mess@age": {type: string}\n        message:\n',
        "mess@age and message would be one attribute in Python, message",
        "        message:\n",
        "#/components/schemas/Error/properties/message",
    ),
    "properties that are one in Python, with one from elsewhere": (
        EMPTY,
        '\n    More: {allOf: [{$ref: "#/components/schemas/User"}, {properties: {e-mail: {}, e.mail: {}, email: {}}}]}'
        + EMPTY,
        "e-mail and e.mail would be one attribute in Python, e_mail",
        "    More: ",
        "#/components/schemas/More/allOf/1/properties/e.mail",
    ),
    "a schema that requires itself": (
        "      required: [email, password]\n      properties:\n",
        '      required: [email, twin]\n      properties:\n        twin: {$ref: "#/components/schemas/User"}\n',
        "nothing can be sent: User requires itself",
        "    post:",
        "#/paths/~1session/post",
    ),
    "no operationId": (
        "      operationId: sessionRefresh\n",
        "",
        "an operation needs an operationId: it names the generated module",
        "    get:",
        "#/paths/~1session/get",
    ),
    "an operationId twice": (
        "operationId: sessionRefresh",
        "operationId: sessionCreate",
        "sessionCreate is too much like the operationId of GET /session",
        "operationId: sessionCreate",
        "#/paths/~1session/post/operationId",
    ),
    "operationIds that make one module": (
        "operationId: sessionRefresh",
        "operationId: session_create",
        "sessionCreate is too much like the operationId of GET /session",
        "operationId: sessionCreate",
        "#/paths/~1session/post/operationId",
    ),
    "a path parameter that is not declared": (
        "  /session:\n",
        "  /{id}/session:\n",
        "the path has {id}, and no parameter of that name says what it is",
        "    get:",
        "#/paths/~1{id}~1session/get",
    ),
    "no paths": ("\npaths:\n", "\nx-paths:\n", "there are no paths", 1, "#/"),
    "no responses": ("      responses:\n", "      x-responses:\n", "an operation needs responses", "    get:", "/get"),
    "no info": ("\ninfo:\n", "\nx-info:\n", '"info" is a required property', 1, "#/"),
    "a status that is a number": (
        '"415":',
        "415:",
        "the key 415 is not text: put it in quotes",
        "415:",
        "responses/415",
    ),
    "a date": (
        "\n  version: ",
        "\n  version: 2026-01-01 #",
        "is a date, which JSON does not know",
        "version:",
        "/info/version",
    ),
    "a version that is a number": (
        "\n  version: ",
        "\n  version: 0.5 #",
        '0.5 is not of type "string"',
        "version:",
        "/version",
    ),
    "a server over http": (
        SERVER,
        "- url: http://api.test",
        "the first server must be an https URL",
        "- url:",
        "/0/url",
    ),
    "no server": ("\nservers:\n", "\nx-servers:\n", "the first server must be an https URL", 1, "#/"),
    "a server with a password": (
        SERVER,
        "- url: https://a:b@api.test",
        "must hold no user, password",
        "- url:",
        "/0/url",
    ),
    "a server with a bad port": (SERVER, "- url: https://api.test:port", "must be an https URL", "- url:", "/0/url"),
    "a server's variable": (
        SERVER,
        "- url: https://{x}.test",
        "a variable that nothing is said of",
        "- url:",
        "/0/url",
    ),
    "a security scheme that is not there": (
        "        - Bearer: []\n",
        "        - Baerer: []\n",
        "there is no security scheme Baerer",
        "        - Baerer",
        "#/paths/~1session/get/security/0/Baerer",
    ),
    "a property to show that is not there": (
        "x-display: message",
        "x-display: massage",
        "there is no property massage",
        "x-display",
        "#/components/schemas/Error/x-display",
    ),
    "a lifecycle with an operation that is not there": (
        "refresh: sessionRefresh",
        "refresh: sessionRenew",
        "there is no operation sessionRenew",
        "refresh: ",
        f"{LIFECYCLE}/refresh",
    ),
    "a lifecycle with a token that is not there": (
        "token: jwtToken",
        "token: token",
        "Session has no property token",
        "token: token",
        f"{LIFECYCLE}/token",
    ),
    "a lifecycle with a password that is not there": (
        "password: password",
        "password: secret",
        "User has no property secret",
        "password: secret",
        f"{LIFECYCLE}/password",
    ),
    "a lifecycle without a log-out": (
        "        logout: sessionDelete\n",
        "",
        "the lifecycle does not say which is the logout",
        "x-session-lifecycle",
        LIFECYCLE,
    ),
    "a lifecycle that logs in without a body": (
        "login: sessionCreate",
        "login: sessionRefresh",
        "a log-in takes an object and answers one",
        "login: ",
        f"{LIFECYCLE}/login",
    ),
    "a lifecycle whose token is a date": (
        "token: jwtToken",
        "token: expiresAt",
        "expiresAt cannot be the token: it is no string",
        "token: expiresAt",
        f"{LIFECYCLE}/token",
    ),
    "a lifecycle whose expiry is a text": (
        "expiry: expiresAt",
        "expiry: jwtToken",
        "jwtToken cannot be the expiry: it is no date-time",
        "expiry: jwtToken",
        f"{LIFECYCLE}/expiry",
    ),
    "a parameter in another style": (
        "      summary: Refresh the session\n",
        "      summary: Refresh the session\n      parameters: [{name: a, in: query, explode: false, schema: {}}]\n",
        "the client writes parameters in the default style alone",
        "parameters: [",
        "#/paths/~1session/get/parameters/0",
    ),
    "a server of one operation": (
        "      summary: Refresh the session\n",
        "      summary: Refresh the session\n      servers: [{url: https://other.example.com}]\n",
        "the client knows the document's servers alone",
        "servers: [",
        "#/paths/~1session/get/servers",
    ),
    "a scheme that is no bearer token": (
        "      type: http\n      scheme: bearer\n      bearerFormat: JWT\n",
        "      type: apiKey\n      in: header\n      name: X-Key\n",
        "the client sends bearer tokens alone",
        "    Bearer:",
        "#/components/securitySchemes/Bearer",
    ),
    "a lifecycle that is none": (
        "x-session-lifecycle:\n",
        "x-session-lifecycle: no\n      x-other:\n",
        "the lifecycle is a mapping from roles to names",
        "x-session-lifecycle",
        LIFECYCLE,
    ),
}


def line_of(text: str, mark: str | int) -> int:
    return mark if isinstance(mark, int) else text.count("\n", 0, text.index(mark)) + 1


@pytest.fixture
def complaint(tmp_path, capsys):
    """Run the generator on a contract that is wrong, and return what it says."""

    def run(path: Path, *arguments: str) -> str:
        output = tmp_path / "out" / "pacerpro_client"
        status = generator.main(["--contract", str(path), "--output", str(output), *arguments])
        said = capsys.readouterr()
        assert (status, said.out) == (1, "")
        assert said.err.startswith("generate: ")
        assert said.err.count("\n") == 1
        assert said.err.endswith("\n")
        assert not output.exists()
        assert not list(output.parent.glob("*"))
        return said.err.removeprefix("generate: ").removesuffix("\n")

    return run


@pytest.mark.parametrize("check", [False, True], ids=["generate", "check"])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_one_line_says_what_is_wrong_and_where(contract, complaint, edit, check):
    old, new, message, mark, place = edit
    path = contract((old or contract().read_text(), new))
    text = path.read_text()

    said = complaint(path, *(["--check"] if check else []))

    found = re.fullmatch(rf"{re.escape(str(path))}(?::(\d+))?: (.*?)(?: \(at (#\S*)\))?", said)
    assert message in found[2]
    assert found[1] == (None if mark is None else str(line_of(text, mark)))
    assert place is None if found[3] is None else place in found[3]
    assert len(said) < 600


def test_a_file_that_is_not_there(complaint, tmp_path):
    assert complaint(tmp_path / "nowhere.yaml") == f"{tmp_path}/nowhere.yaml: there is no such file"


def test_a_folder_in_place_of_a_file(complaint, tmp_path):
    assert complaint(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"


def test_a_file_that_is_not_utf_8(complaint, contract):
    path = contract()
    path.write_bytes(path.read_bytes().replace(b"title: PacerPro", "title: Pâcer".encode("latin-1")))

    assert complaint(path) == f"{path}:{line_of(path.read_text(errors='replace'), 'title:')}: not UTF-8"


# Whoever runs the tests as root may write anywhere, so permissions prove nothing: what refuses here is a file where a
# folder has to be, and the kernel's own file system, which nobody can write to.
@pytest.mark.parametrize("place", ["{tmp}/file/generated/pacerpro_client", "/proc/generated/pacerpro_client"])
def test_a_place_that_cannot_be_written_to(generate, tmp_path, place):
    (tmp_path / "file").write_text("in the way")

    done = generate("--output", place.format(tmp=tmp_path))

    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"generate: \S+: (Not a directory|No such file or directory|File exists)\n", done.stderr)
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize("text", ["openapi: [", "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {/a: 5}\n"])
def test_a_bad_contract_leaves_the_client_that_is_there(generate, tmp_path, text):
    path = tmp_path / "contract.yaml"
    path.write_text(text)
    before = {each: each.read_bytes() for each in OUTPUT.rglob("*.py")}

    done = generate("--contract", path)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(f"generate: {path}:")
    assert {each: each.read_bytes() for each in OUTPUT.rglob("*.py")} == before


def test_a_document_that_its_aliases_make_endless_is_refused(tmp_path, complaint):
    lists = "\n".join(f"x-{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]" for n in range(7))
    path = tmp_path / "bomb.yaml"
    path.write_text(f"openapi: 3.1.0\nx-0: &a0 [1, 2]\n{lists}\n")
    assert "more than 500000 values" in complaint(path)
