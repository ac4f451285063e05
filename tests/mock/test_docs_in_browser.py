"""The page under /docs in a real browser: log in, authorize, refresh and log out, by clicks alone."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from pacerpro_mock import MockServer

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
PATIENCE = 60
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed, so nothing can click on the page")

# Chromium speaks its protocol over the descriptors 3 and 4 when told to. Python can pass descriptors on, but not
# choose their numbers, so a second Python does it.
LAUNCH = """
import os, sys
reading, writing = map(int, sys.argv[1:3])
# First out of the way, since either may be 3 or 4 already.
reading, writing = os.dup(reading), os.dup(writing)
while min(reading, writing) < 5:
    reading, writing = os.dup(reading), os.dup(writing)
os.dup2(reading, 3), os.dup2(writing, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One page of a headless Chromium, over the DevTools protocol: messages in JSON with a NUL behind each."""

    def __init__(self, profile: str) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(theirs_in), str(theirs_out), CHROMIUM, "--headless=new", "--no-sandbox",
             "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={profile}",
             "--remote-debugging-pipe", "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._last_id = 0
        self._unread = b""
        self._session: str | None = None
        self.events: list[dict] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: object) -> dict:
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._last_id:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _receive(self) -> dict:
        while b"\0" not in self._unread:
            readable, _, _ = select.select([self._in], [], [], PATIENCE)
            assert readable, "the browser says nothing"
            data = os.read(self._in, 1 << 20)
            assert data, "the browser has gone"
            self._unread += data
        message, _, self._unread = self._unread.partition(b"\0")
        return json.loads(message)

    def run(self, expression: str) -> object:
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait_for(self, expression: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.run(f"(() => {{ try {{ return Boolean({expression}) }} catch {{ return false }} }})()"):
                return
            time.sleep(0.05)
        raise AssertionError(f"never came true: {expression}; the page says: {self.run('document.body.innerText')}")

    def click(self, selector: str) -> None:
        self.wait_for(f"document.querySelector({json.dumps(selector)})?.offsetParent !== null")
        self.wait_for(f"(document.querySelector({json.dumps(selector)}).click(), true)")

    def type(self, selector: str, text: str) -> None:
        self.wait_for(f"(document.querySelector({json.dumps(selector)}).focus(), true)")
        self.send("Input.insertText", text=text)

    def close(self) -> None:
        try:
            # The processes that it has started go with it; killed, it would leave them behind.
            self._session = None
            self.send("Browser.close")
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait(PATIENCE)
        os.close(self._in)
        os.close(self._out)


@pytest.fixture
def browser(tmp_path) -> Iterator[Browser]:
    running = Browser(str(tmp_path / "profile"))
    yield running
    running.close()


# Faster than any hand: the button is pressed in the moment in which it is there.
PRESS = """
new Promise((resolve) => {
  const press = () => {
    const button = document.querySelector("BLOCK .execute");
    button ? resolve(button.click()) : setTimeout(press);
  };
  document.querySelector("BLOCK .execute") ?? document.querySelector("BLOCK .opblock-summary-control").click();
  press();
})
"""


def execute(browser: Browser, method: str, status: int) -> str:
    """Open the operation, press its button, wait for that status, and return the body that the page shows."""
    block = f".opblock-{method}"
    if browser.run(f"document.querySelector('{block} .btn-clear') !== null"):
        browser.click(f"{block} .btn-clear")
        browser.wait_for(f"document.querySelector('{block} .live-responses-table') === null")
    shown = f"document.querySelector('{block} .live-responses-table .response .response-col_status').innerText"
    browser.run(PRESS.replace("BLOCK", block))
    browser.wait_for(f"{shown}.startsWith('{status}')")
    body = browser.run(f"document.querySelector('{block} .live-responses-table .highlight-code code').innerText")
    assert isinstance(body, str)
    return body


def open_docs(browser: Browser, server: MockServer) -> str:
    origin = server.url.removesuffix("/v1")
    # The root leads there.
    browser.send("Page.navigate", url=f"{origin}/")
    browser.wait_for("document.querySelectorAll('.opblock-post').length > 0")
    return origin


def test_the_page_logs_in_refreshes_and_logs_out_by_clicks(browser):
    with MockServer({"eve@example.com": 'a "quoted" \\u0041 </script> password'}) as server:
        origin = open_docs(browser, server)
        execute(browser, "get", 401)
        # The page takes the token over by itself, and shows it nowhere.
        assert json.loads(execute(browser, "post", 200))["jwtToken"] == "(kept by this page)"
        execute(browser, "get", 200)
        execute(browser, "get", 200)
        page = browser.run("document.documentElement.outerHTML")
        examples = set(JWT.findall(httpx.get(f"{origin}/openapi.json").text))
        assert set(JWT.findall(page)) <= examples
        assert "Bearer (kept by this page)" in browser.run("document.body.innerText")
        assert json.loads(execute(browser, "delete", 200)) == {}
        assert json.loads(execute(browser, "get", 401))["message"] == "Token invalid or expired"
        assert [(record.method, record.status) for record in server.requests] == [
            ("GET", 401), ("POST", 200), ("GET", 200), ("GET", 200), ("DELETE", 200), ("GET", 401),
        ]  # fmt: skip
        assert server.requests[1].user == "eve@example.com"
    asked = {
        event["params"]["request"]["url"] for event in browser.events if event["method"] == "Network.requestWillBeSent"
    }
    assert f"{origin}/openapi.json" in asked
    assert [url for url in asked if not url.startswith((f"{origin}/", "data:", "blob:"))] == []
    wrong = [event for event in browser.events if event["method"] == "Runtime.exceptionThrown"]
    wrong += [event for event in browser.events if "Content Security Policy" in json.dumps(event)]
    assert wrong == []


# As an application of another origin does: it logs in, refreshes, reads a header, and controls the mock.
APPLICATION = """
(async () => {
  const logIn = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(USER) };
  const { jwtToken } = await (await fetch("URL/session", logIn)).json();
  const refreshed = await fetch("URL/session", { headers: { Authorization: `Bearer ${jwtToken}` } });
  const control = { method: "POST", headers: { Authorization: "Bearer control token" } };
  await fetch("ORIGIN/_mock/faults", { ...control, body: JSON.stringify({ status: 503, retry_after: 7 }) });
  const failed = await fetch("URL/session", logIn);
  return [refreshed.status, failed.status, failed.headers.get("Retry-After")];
})()
"""


def test_a_page_of_an_allowed_origin_can_use_and_control_the_mock(browser):
    with MockServer() as page:
        origin = page.url.removesuffix("/v1")
        with MockServer(cors=[origin], control_token="control token") as allowed, MockServer() as other:
            browser.send("Page.navigate", url=f"{origin}/ready")
            browser.wait_for("document.readyState === 'complete' && location.pathname === '/ready'")

            def application(server: MockServer) -> str:
                user = json.dumps({"email": server.email, "password": server.password})
                text = APPLICATION.replace("USER", user).replace("URL", server.url)
                return text.replace("ORIGIN", server.url.removesuffix("/v1"))

            assert browser.run(application(allowed)) == [200, 503, "7"]
            assert browser.run(f"{application(other)}.catch((error) => error.name)") == "TypeError"
            # What the browser asked first, it did not send on.
            assert [record.method for record in allowed.requests] == ["POST", "GET", "POST"]
            assert [record.method for record in other.requests] == ["OPTIONS"]
