"""`pacerpro api`: requests, answers, and how both go wrong."""

import json

import pytest

from .conftest import EMAIL, PASSWORD


def test_api_sends_the_token_and_streams_the_answer(logged_in):
    done = logged_in("api", "/session", "--include")

    head, _, body = done.stdout.partition("\n\n")
    assert head.startswith("HTTP/1.1 200 OK")
    assert json.loads(body)


@pytest.mark.parametrize("path", ["a:b", "//a", "/a?b=http:c"])
def test_any_path_is_below_the_base_url(logged_in, pacerpro_mock, path):
    done = logged_in("api", path)

    assert done.stderr == f"pacerpro: 404 Not Found from GET {pacerpro_mock.url}/{path.lstrip('/')}\n"
    assert done.returncode == 1


def test_fields_of_a_get_come_after_the_query_of_the_path(logged_in, pacerpro_mock):
    done = logged_in("api", "GET", "/none?state=open", "-f", "page=2")

    assert f"{pacerpro_mock.url}/none?state=open&page=2" in done.stderr


def test_api_exits_with_1_and_prints_the_body_of_an_error(logged_in, pacerpro_mock):
    done = logged_in("api", "POST", "session", "-f", f"email={EMAIL}", "-f", "password=wrong")

    assert done.returncode == 1
    assert "message" in json.loads(done.stdout)
    assert done.stderr == f"pacerpro: 401 Unauthorized from POST {pacerpro_mock.url}/session\n"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 302, "headers": {"Location": "/"}}, "302 Found from GET {url}/session, a redirect that is not"),
        ({"drop": "body"}, "the exchange with the service failed: "),
        ({"headers": {"Content-Encoding": "gzip"}}, "the exchange with the service failed: "),
    ],
)
def test_api_exits_with_1_and_says_what_is_wrong_with_an_answer(logged_in, pacerpro_mock, fault, words):
    pacerpro_mock.fail_next(**fault)

    done = logged_in("api", "/session")

    assert done.returncode == 1
    assert done.stderr.startswith(f"pacerpro: {words.format(url=pacerpro_mock.url)}")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("source", ["file", "-"])
def test_api_takes_a_body_from_a_file_or_standard_input(logged_in, tmp_path, source):
    body = json.dumps({"email": EMAIL, "password": PASSWORD})
    (tmp_path / "body.json").write_text(body)

    done = logged_in("api", "/session", "--input", "body.json" if source == "file" else "-", stdin=body)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("/session", "--input", "none.json"), "--input none.json cannot be read: No such file"),
        (("/session", "-f", "nothing"), "-f takes KEY=VALUE"),
        (("https://elsewhere.example/",), "give the path below the service's base URL"),
        (("GET", "/a", "b"), "api takes [METHOD] PATH"),
        (("/a\nb",), "Invalid non-printable ASCII character in URL"),
        (("G\u00cbT", "/a"), "is not an HTTP method"),
    ],
)
def test_wrong_usage_of_api_is_one_line_and_status_2(logged_in, pacerpro_mock, arguments, words):
    before = len(pacerpro_mock.requests)

    done = logged_in("api", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(pacerpro_mock.requests) == before
