"""Keeps secrets out of everything that is printed: passwords, the signing key, own headers and every token."""

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from pacerpro_conformance.values import as_object, parse

SHORTEST = 8  # characters of a secret that is looked for in an answer
# Segments after a JSON object in base64url, which always starts with these letters.
TOKEN = re.compile(r"eyJ[\w-]*(?:\.[\w-]*)+")


class Mask:
    """Replaces secrets by the names of shell variables, so that a printed command can be repeated."""

    def __init__(
        self, passwords: Iterable[str], secret: str, password_property: str, token_property: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.passwords = list(passwords)
        self.headers = headers or {}
        values = [*self.passwords, secret, *self.headers.values()]
        spelled = {spell(value) for value in values if value for spell in (str, quote, quote_plus, in_json)}
        longest_first = sorted(spelled, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)
        self._property = password_property
        self._password = re.compile(rf'("{re.escape(password_property)}"\s*:\s*)"(?:[^"\\]|\\.)*"')
        # A token may also be opaque.
        self._token = re.compile(rf'("{re.escape(token_property)}"\s*:\s*)"[^"]{{{SHORTEST},}}"')

    def text(self, text: str, sent: Iterable[str] = ()) -> str:
        """Any text, without tokens, without the known secrets in any case, and without those that were `sent`."""
        text = TOKEN.sub("$TOKEN", self._token.sub(r'\1"$TOKEN"', text))
        for value in sent:
            text = text.replace(value, "$SECRET")
        return self._values.sub("$SECRET", text)

    def sent_in(self, headers: Iterable[tuple[str, str]], body: bytes) -> list[str]:
        """The passwords and tokens of a request, wrong ones too, except those so short that any text may have them."""
        found = [value.rpartition(" ")[2] for name, value in headers if name.lower() == "authorization"]
        password = as_object(parse(body)).get(self._property)
        return [each for each in (*found, password) if isinstance(each, str) and len(each) >= SHORTEST]

    def body(self, body: bytes) -> str:
        """A request's body. A password in it is hidden even if it is wrong, because it may be nearly right."""
        text = body.decode("utf-8", "backslashreplace")
        value = as_object(parse(body))
        masked = self._password.sub(r'\1"$PASSWORD"', text)
        if isinstance(value.get(self._property), str) and masked == text:
            masked = json.dumps({**value, self._property: "$PASSWORD"})  # the name is spelled with escapes
        return self.text(masked)


def in_json(value: str) -> str:
    """The text as it stands between the quotation marks of JSON."""
    return json.dumps(value)[1:-1]
