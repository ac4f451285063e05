"""Faults by which tokens are taken that the server's key has not signed."""

import base64
import hashlib
import hmac
import json

from pacerpro_mock.http import answers
from pacerpro_mock.http.api import Api
from pacerpro_mock.service import tokens
from pacerpro_mock.service.authentication import Service
from pacerpro_mock.service.tokens import Claims, InvalidToken, Signer

from . import advised_by, found_by

read, split, check_header, read_claims, check_jti, check_signature, account_of = (
    Signer.read,
    tokens.split,
    tokens.check_header,
    tokens.read_claims,
    Service._check_jti,
    Signer.check_signature,
    Service._account_of,
)


def ignore_header():
    tokens.check_header = lambda _header: None


def trust_if(condition):
    """Do not check the signature of a token whose header meets a condition."""
    ignore_header()

    def check(self, segments):
        if not condition(tokens.read_object(segments.header), segments):
            check_signature(self, segments)

    Signer.check_signature = check


@found_by("forged.invalid_signatures")
def signature_not_checked():
    """The signature is not checked."""
    Signer.check_signature = lambda _self, _segments: None


@found_by("forged.invalid_signatures")
def half_the_signature_checked():
    """Only the first half of the signature is compared."""

    def check(self, segments):
        signed = f"{segments.header}.{segments.payload}".encode()
        good = hmac.digest(self._key, signed, "sha256")
        if tokens.decode_segment(segments.signature)[:16] != good[:16]:
            raise InvalidToken

    Signer.check_signature = check


@found_by("forged.invalid_signatures")
def signature_checked_as_far_as_it_goes():
    """A signature is compared up to its length, so an empty one is right."""

    def check(self, segments):
        signed = f"{segments.header}.{segments.payload}".encode()
        good = hmac.digest(self._key, signed, "sha256")
        if not good.startswith(tokens.decode_segment(segments.signature) if segments.signature else b""):
            raise InvalidToken

    Signer.check_signature = check
    allow_empty_signature()


def allow_empty_signature():
    def lenient(token):
        header, dot, rest = token.partition(".")
        payload, dot, signature = rest.partition(".")
        return tokens.Segments(header, payload, "") if dot and not signature else split(token)

    tokens.split = lenient


@found_by("forged.invalid_signatures")
def a_weak_key_as_well():
    """Tokens signed with the key of the tutorial are taken, too."""
    weak = b"your-256-bit-secret"

    def check(self, segments):
        signed = f"{segments.header}.{segments.payload}".encode()
        if tokens.decode_segment(segments.signature) != hmac.digest(weak, signed, "sha256"):
            check_signature(self, segments)

    Signer.check_signature = check


@found_by("forged.invalid_signatures")
def claims_read_before_the_check():
    """The claims of a token count even if the signature is of other claims: only the header is signed."""
    good = set()
    sign = Signer.sign

    def remember(self, claims):
        token = sign(self, claims)
        good.add(token.rpartition(".")[2])
        return token

    def check(self, segments):
        if segments.signature not in good:
            check_signature(self, segments)

    Signer.sign, Signer.check_signature = remember, check


@found_by("forged.other_algorithms")
def alg_none_is_taken():
    """A token that says alg none needs no signature."""
    allow_empty_signature()
    trust_if(lambda header, _segments: header.get("alg") == "none")


@found_by("forged.other_algorithms")
def alg_none_in_capitals_is_taken():
    """A token with alg none is refused, but not one with NONE in another case."""
    allow_empty_signature()
    trust_if(lambda header, _segments: f"{header.get('alg')}".lower() == "none" != header.get("alg"))


@found_by("forged.other_algorithms")
def no_alg_is_taken():
    """A token that names no algorithm needs no signature."""
    allow_empty_signature()
    trust_if(lambda header, _segments: not header.get("alg"))


@found_by("forged.other_algorithms")
def unknown_algorithms_are_taken():
    """A token of an algorithm that the server does not know passes."""
    trust_if(lambda header, _segments: f"{header.get('alg')}"[:2] in {"RS", "ES", "PS", "Ed"})


@advised_by("forged.with_another_header")
def the_header_is_not_looked_at():
    """The header is not checked if the signature is right."""
    ignore_header()


@advised_by("forged.with_another_header")
def any_hash_will_do():
    """Tokens signed with HS384 and HS512 are taken, too."""
    hashes = {"HS384": hashlib.sha384, "HS512": hashlib.sha512}

    def other_hash(header, segments):
        kind = hashes.get(f"{header.get('alg')}")
        return kind is not None and hmac.digest(
            KEY, f"{segments.header}.{segments.payload}".encode(), kind
        ) == tokens.decode_segment(segments.signature)

    trust_if(other_hash)
    tokens.check_header = lambda header: None if header.get("alg") in hashes else check_header(header)


@advised_by("forged.with_another_header")
def critical_fields_are_ignored():
    """A critical header field is ignored."""
    tokens.check_header = lambda header: check_header({name: header.get(name) for name in ("typ", "alg")})


@found_by("forged.keys_in_the_header")
def a_key_in_the_header_counts():
    """A token is checked with the key that its own header brings."""

    def own_key(header, segments):
        key = base64.urlsafe_b64decode(header["jwk"]["k"] + "==") if "jwk" in header else None
        signed = f"{segments.header}.{segments.payload}".encode()
        return key is not None and hmac.digest(key, signed, "sha256") == tokens.decode_segment(segments.signature)

    trust_if(own_key)
    tokens.check_header = lambda header: check_header({k: v for k, v in header.items() if k != "jwk"})


@found_by("forged.keys_in_the_header")
def a_key_file_of_the_callers_choice():
    """The kid of a token is the path of the key."""

    def from_file(header, segments):
        signed = f"{segments.header}.{segments.payload}".encode()
        empty = f"{header.get('kid')}".endswith("dev/null")
        return empty and hmac.digest(b"", signed, "sha256") == tokens.decode_segment(segments.signature)

    trust_if(from_file)
    tokens.check_header = lambda header: check_header({k: v for k, v in header.items() if k != "kid"})


@advised_by("forged.malformed_tokens")
def a_fourth_segment_is_ignored():
    """Text after the third segment is ignored."""
    tokens.split = lambda token: split(".".join(token.split(".")[:3]))


@advised_by("forged.malformed_tokens")
def text_behind_the_token_is_ignored():
    """Text after a comma or a space is ignored."""
    tokens.split = lambda token: split(token.split(",")[0].split(" ")[0])


@advised_by("forged.malformed_tokens")
def quotes_around_the_token_are_ignored():
    """Quotation marks around a token are ignored."""
    tokens.split = lambda token: split(token.strip('"'))


@advised_by("forged.malformed_tokens")
def stray_bits_are_ignored():
    """A token is also accepted with other unused bits in its last character."""
    tokens.decode_segment = lambda segment: base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


@found_by("forged.malformed_tokens")
def malformed_tokens_are_500():
    """A token that cannot be read makes the server fail."""
    decode = tokens.decode_segment
    tokens.read_object = lambda segment: json.loads(decode(segment))


@found_by("forged.malformed_tokens")
def odd_letters_are_500():
    """A token with a letter that is not ASCII makes the server fail."""
    tokens.split = lambda token: split(token.encode("ascii").decode())


@advised_by("forged.malformed_tokens")
def long_tokens_are_cut():
    """Characters after the expected length of a token are ignored."""
    tokens.split = lambda token: split(token[:-3000] if len(token) > 3000 else token)


@found_by("forged.malformed_tokens")
def the_jti_alone_is_a_token():
    """The jti of a session is taken for a token of it."""

    def by_jti(self, token, now):
        if token.count("-") == 4 and "." not in token:
            return Claims(token, 1, int(now) + 5)
        return read(self, token, now)

    Signer.read = by_jti


@found_by("forged.invalid_signatures")
def forged_log_outs_count():
    """Log-out reads the claims without checking the signature; refresh checks it."""

    def careless(self, token):
        payload = tokens.read_object(split(token).payload)
        account = account_of(self.service, read_claims(payload))
        check_jti(self.service, read_claims(payload), account)
        account.renew_jti()
        return answers.logged_out(account.email)

    Api.log_out = careless


@found_by("forged.invalid_signatures")
def refused_log_outs_count():
    """A forged log-out is refused, but ends the user's tokens."""
    log_out = Api.log_out

    def eager(self, token):
        try:
            return log_out(self, token)
        except InvalidToken:
            payload = tokens.read_object(split(token).payload)
            account_of(self.service, read_claims(payload)).renew_jti()
            raise

    Api.log_out = eager


# The secret that `run.py` gives the mock.
KEY = b"an example key of more than 32 bytes"
