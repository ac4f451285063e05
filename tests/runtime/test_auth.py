"""A fixed token goes to its origin, behind the word Bearer, and nowhere else."""

from __future__ import annotations

import copy
import pickle

import httpx
import pytest

from pacerpro_runtime.auth import BearerAuth
from pacerpro_runtime.operation import Operation, as_nothing

TOKEN = "header.payload.signature-hunter2"
HERE = "https://api.test/v1"

secured = Operation("GET", "/things", {200: as_nothing})
open_to_all = Operation("GET", "/things", {200: as_nothing}, secured=False)


@pytest.fixture
def tokens():
    """What each host was sent in the Authorization header."""
    return []


@pytest.fixture
def app(tokens):
    def answer(request):
        tokens.append((request.url.host, request.headers.get("Authorization")))
        if "to" in request.url.params:
            return httpx.Response(307, headers={"Location": request.url.params["to"]})
        return httpx.Response(200)

    return answer


def test_the_token_goes_with_the_operations_that_ask_for_one(sample, app, tokens, drive):
    drive(sample(app, auth=TOKEN), secured)
    drive(sample(app, auth=TOKEN), open_to_all)
    drive(sample(app), secured)

    assert tokens == [("api.test", f"Bearer {TOKEN}"), ("api.test", None), ("api.test", None)]


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("/other", True),
        ("https://api.test/beside", True),
        ("https://api.test:443/", True),
        ("https://api.test:8443/", False),
        ("http://api.test/", False),
        ("https://evil.test/", False),
        ("https://api.test@evil.test/", False),
        ("//evil.test/", True),  # httpx takes it as a path.
    ],
)
def test_an_absolute_url_does_not_lead_it_astray(sample, app, tokens, url, sent):
    with sample(app, auth=TOKEN) as client:
        client.get_httpx_client().get(url)

    assert [token for _, token in tokens] == [f"Bearer {TOKEN}" if sent else None]


async def ask(client, url):
    async with client:
        return await client.get_async_httpx_client().get(url, follow_redirects=True)


@pytest.mark.parametrize("world", ["sync", "asyncio"])
@pytest.mark.parametrize(
    ("hops", "sent"),
    [
        (["https://evil.test/"], [True, False]),
        (["http://api.test/"], [True, False]),
        (["https://api.test:8443/"], [True, False]),
        (["/elsewhere"], [True, True]),
        (["https://evil.test/", "https://api.test/"], [True, False, False]),
    ],
)
def test_a_redirect_that_a_caller_follows_does_not_lead_it_astray(sample, app, tokens, hops, sent, world):
    import anyio

    url = ""
    for hop in reversed(hops):
        url = f"{hop}?{httpx.QueryParams({'to': url}) if url else ''}"
    start = f"/start?{httpx.QueryParams({'to': url})}"

    client = sample(app, auth=TOKEN)
    if world == "sync":
        with client:
            client.get_httpx_client().get(start, follow_redirects=True)
    else:
        anyio.run(ask, client, start)

    assert [token == f"Bearer {TOKEN}" for _, token in tokens] == sent


def test_a_redirect_is_not_followed_by_itself(sample, app, tokens):
    with sample(app, auth=TOKEN) as client:
        response = client.get_httpx_client().get("/start", params={"to": "https://evil.test/"})

    assert response.status_code == 307
    assert [host for host, _ in tokens] == ["api.test"]


def test_an_auth_of_the_caller_s_own_is_used_for_secured_operations(sample, app, tokens):
    with sample(app, auth=httpx.BasicAuth("ada", "secret")) as client:
        client.send(secured)
        client.send(open_to_all)

    assert [token and token.partition(" ")[0] for _, token in tokens] == ["Basic", None]


@pytest.mark.parametrize("token", ["", "hunter2\n", "hunter2 b", "hünter2", "Bearer hunter2", "hunter2\x00", "a=b"])
def test_what_is_no_token_is_refused_without_being_shown(sample, token):
    with pytest.raises(ValueError, match="no bearer token") as refusal:
        sample(auth=token)

    assert "nter2" not in repr(refusal.value)


def test_it_shows_nothing_and_cannot_be_pickled_and_a_copy_is_itself():
    auth = BearerAuth(TOKEN, httpx.URL(HERE))

    assert repr(auth) == "BearerAuth(***)"
    assert "hunter2" not in f"{auth} {vars(auth)}"
    assert copy.copy(auth) is copy.deepcopy(auth) is auth
    with pytest.raises(TypeError, match="BearerAuth cannot be pickled, because it holds a secret: hand the token"):
        pickle.dumps(auth)


def test_one_for_another_origin_is_refused_when_the_client_is_made(sample):
    elsewhere = BearerAuth(TOKEN, httpx.URL("https://other.test"))

    with pytest.raises(ValueError, match=r"the auth is for https://other\.test, and would not be used at https://api"):
        sample(auth=elsewhere)


@pytest.mark.parametrize("value", [None, 5, b"a.b.c"])
def test_what_is_no_text_is_no_token(value):
    with pytest.raises(ValueError, match="no bearer token"):
        BearerAuth(value, httpx.URL(HERE))
