"""The commands that repeat a request, and the recipes of forged tokens: they say exactly what was sent."""

import re
import subprocess
import sys

import pytest
from mutate import SECRET

from pacerpro_conformance import jws
from pacerpro_conformance.http.masking import Mask
from pacerpro_conformance.http.wire import Request


def words_of(line, variables):
    """The words that a shell makes of a line."""
    command = ["/bin/sh", "-c", f"printf '%s\\n' {line}"]
    return subprocess.run(command, capture_output=True, text=True, env=variables, check=True).stdout.splitlines()


@pytest.mark.parametrize("text", ["it's", 'a "b" $(touch x) `y` $HOME $TOKEN', "$TOKENS \\ $PASSWORD", "$SECRET"])
def test_a_command_expands_nothing_but_our_own_variables(contract, text):
    call = Request(headers=(("X-Test", text),), method="GET", url="http://127.0.0.1/")
    values = {"TOKEN": "t", "PASSWORD": "p", "SECRET": "s", "TOKENS": "wrong", "HOME": "wrong"}
    words = words_of(Mask(contract, ["correct horse"], SECRET).curl(call), values)
    expected = re.sub(r"\$(TOKEN|PASSWORD|SECRET)\b", lambda found: values[found[1]], text)
    assert f"X-Test: {expected}" in words


ECHO = """
import http.server, sys
class Echo(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        chunked = self.headers.get("transfer-encoding") == "chunked"
        body = b""
        while chunked:
            size = int(self.rfile.readline(), 16)
            body += self.rfile.read(size + 2)[:-2]
            chunked = size
        body += self.rfile.read(int(self.headers.get("content-length", 0)))
        own = ("content-type", "authorization", "transfer-encoding")
        shown = repr(([(k.lower(), v) for k, v in self.headers.items() if k.lower() in own], self.path, body)).encode()
        self.send_response(200); self.send_header("content-length", str(len(shown))); self.end_headers()
        self.wfile.write(shown)
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Echo)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="module")
def echo():
    with subprocess.Popen([sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True) as process:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


@pytest.mark.parametrize(
    ("headers", "body", "sent"),
    [
        ((("Content-Type", "a/b"),), b"\xff\0{", None),
        ((("Content-Type", ""),), b"@file", None),
        ((), b"x", None),
        ((("Content-Type", "a/b"),), b"x" * 5000, None),
        ((("Content-Type", "a/b"),), b"\r\n {}\t\n", None),
        ((("Authorization", "Bearer  TOKEN-TOKEN"),), b"", (("authorization", "Bearer  t"),)),
        ((("Authorization", ""),), b"", None),
        ((("Content-Type", "a/b"),), b'{\n "password":  "wrong"}', b'{\n "password":  "p"}'),
    ],
)
@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_command_repeats_what_was_sent(contract, echo, tmp_path, headers, body, sent, in_chunks):
    """Byte for byte, except for what a variable stands for."""
    mask = Mask(contract, ["correct horse"], SECRET, folder=tmp_path / "files")
    url = f"{echo}/a//b?x[]=1&y=%2F"
    call = Request(headers=headers, body=[body] if in_chunks else body, token="TOKEN-TOKEN", method="POST", url=url)
    command = ["/bin/sh", "-c", f"{mask.curl(call)} -s"]
    done = subprocess.run(
        command, env={"TOKEN": "t", "PASSWORD": "p", "PATH": "/usr/bin:/bin"}, capture_output=True, check=True
    )
    head, path, received = eval(done.stdout.partition(b"\r\n\r\n")[2].rpartition(b"\r\n\r\n")[2] or b"()")  # noqa: S307  # What this test printed.
    wanted = sent if isinstance(sent, tuple) else tuple((name.lower(), value) for name, value in headers)
    assert [each for each in head if each[0] != "transfer-encoding"] == list(wanted)
    assert path == "/a//b?x[]=1&y=%2F"
    assert received == (sent if isinstance(sent, bytes) else body)
    assert (("transfer-encoding", "chunked") in head) is in_chunks


def test_the_recipe_of_a_forged_token_makes_it(probe):
    live = probe.log_in().value
    header, claims, _ = live.split(".")
    forged = f"{jws.encode({'alg': 'none'})}.{claims}."
    assert jws.recipe(forged, live).startswith('base64url(b\'{"alg":"none"}\') + "." + LIVE[1] + "." + ')
    signed = jws.sign({"alg": "HS256"}, {"sub": 1}, b"key")
    recipe = jws.recipe(signed, live, "HMAC-SHA256 with 'key'")
    assert recipe.startswith(
        'base64url(b\'{"alg":"HS256"}\') + "." + base64url(b\'{"sub":1}\') + "." + HMAC-SHA256 with'
    )
    assert signed.rpartition(".")[2] not in recipe
    assert jws.recipe(f"{live}!", live) == "LIVE!"
    assert header not in recipe
