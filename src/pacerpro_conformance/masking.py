"""Keeps secrets out of everything that is printed: passwords, the signing key and every token."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

SHORTEST = 8  # characters of a secret that is looked for in an answer
# Three or more segments behind a JSON object in base64url, which always starts with these letters.
TOKEN = re.compile(r"eyJ[\w-]*(?:\.[\w-]*)+")


class Mask:
    """Replaces what is secret by the name of a shell variable, so that a printed command can be repeated."""

    def __init__(self, passwords: Iterable[str], secret: str | None, password_property: str) -> None:
        self.passwords = list(passwords)
        values = [*self.passwords, *([secret] if secret else [])]
        spelled = {spell(value) for value in values for spell in (str, quote, quote_plus, in_json)}
        longest_first = sorted(spelled, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
        self._property = password_property

    def text(self, text: str, sent: Iterable[str] = ()) -> str:
        """Any text, without tokens, the secrets that are known in whatever case, and those that were `sent`."""
        text = TOKEN.sub("$TOKEN", text)
        for value in sent:
            text = text.replace(value, "$SECRET")
        return self._values.sub("$SECRET", text)

    def sent_in(self, headers: Iterable[tuple[str, str]], body: bytes | None) -> list[str]:
        """The passwords and tokens of a request, wrong ones too, but for those so short that any text may hold them."""
        found = [value.rpartition(" ")[2] for name, value in headers if name.lower() == "authorization"]
        password = self._object(body).get(self._property)
        found += [password] if isinstance(password, str) else []
        return [each for each in found if len(each) >= SHORTEST]

    def header(self, name: str, value: str) -> str:
        """A header's value. Of an `Authorization` only the scheme's word is shown."""
        if name.lower() == "authorization" and " " in value:
            return f"{value.split(' ', 1)[0]} $TOKEN"
        return self.text(value)

    def body(self, body: bytes) -> str:
        """A request's body. A password in it is hidden whatever it is: a wrong one may be nearly right."""
        value = self._object(body)
        if isinstance(value.get(self._property), str):
            return self.text(json.dumps({**value, self._property: "$PASSWORD"}))
        return self.text(body.decode("utf-8", "backslashreplace"))

    @staticmethod
    def _object(body: bytes | None) -> dict[str, Any]:
        try:
            value: Any = json.loads(body or b"")
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


def in_json(value: str) -> str:
    """The text as it stands between the quotation marks of JSON."""
    return json.dumps(value)[1:-1]
