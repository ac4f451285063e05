"""Control over HTTP, under `/_mock/`: what pytest has as methods of `Mock`, for tests in any language."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.service import strict_json
from pacerpro_mock.service.clock import Clock
from pacerpro_mock.settings import require

PREFIX = "/_mock/"
Actions = dict[str, dict[str, Callable[..., Any]]]


class Control:
    """Answers the requests under `/_mock/` that carry `token`. `actions` has a function by name and by method."""

    def __init__(self, token: str, clock: Clock, actions: Actions) -> None:
        self._token, self._clock = token.encode("ascii"), clock
        self._endpoints: Actions = {**actions, "clock": {"GET": self._move, "POST": self._move}}

    def answer(self, head: Head, body: bytes) -> Answer:
        """Do what is asked, with the members of the JSON body as arguments. 400 says what is wrong with them."""
        sent = head.values(b"authorization")
        if len(sent) != 1 or not hmac.compare_digest(sent[0], b"Bearer " + self._token):
            return answers.error(401, "The control token is missing or wrong").with_header("WWW-Authenticate", "Bearer")
        methods = self._endpoints.get(head.path.removeprefix(PREFIX))
        if methods is None:
            return answers.error(404, f"Under {PREFIX} there is {', '.join(self._endpoints)}")
        if head.method not in methods:
            return answers.method_not_allowed(methods)
        try:
            arguments = strict_json.parse(body or b"{}")
            require(strict_json.is_object(arguments), "the body is not a JSON object")
            said = methods[head.method](**arguments)
        except KeyError:
            return answers.error(400, "there is no such user")
        except (ValueError, TypeError) as error:
            return answers.error(400, str(error))
        return answers.json_answer(200, {} if said is None else said)

    def _move(self, *, advance: float = 0, freeze: bool | float = False, run: bool = False) -> dict[str, Any]:
        """Move, stop or start the clock, and say what it shows. `freeze` may be a second since the epoch."""
        clock = self._clock
        if freeze is not False:
            clock.freeze(None if freeze is True else freeze)
        clock.advance(advance)
        if run:
            clock.run()
        return {"now": answers.iso_8601(clock.today()), "frozen": clock.frozen}
