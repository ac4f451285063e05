"""What every answer must keep to, whatever was asked: the contract, and a few rules that a schema cannot state."""

import json
from collections.abc import Iterator

from .contract import Contract, Operation, complaints
from .findings import Check, Level
from .http.masking import SHORTEST, Mask, in_json
from .http.wire import Answer
from .values import NOT_JSON, as_object

V, A = Level.VIOLATION, Level.ADVICE
# Each aspect is reported as a check of its own, `answers.ASPECT`.
ASPECTS = {
    aspect: Check(f"answers.{aspect}", title, level, source)
    for aspect, title, level, source in (
        ("status", "Each status is one that the contract has for the operation", V, "openapi.yaml, responses"),
        ("media_type", "Each answer has the contract's media type", V, "openapi.yaml, responses, content"),
        ("schema", "Each body fits the contract's schema", V, "openapi.yaml, components.schemas"),
        ("headers", "Each required header is there, and each header fits the contract", V, "openapi.yaml, headers"),
        ("error_fields", "The fields of an error agree with each other and with the status line", V,
         "openapi.yaml, components.schemas.Error"),
        ("secrecy", "No answer repeats a password or a token that was sent", V,
         "openapi.yaml: a password is writeOnly; RFC 6750, section 5.2: tokens must not leak"),
        ("optional_headers", "Each header that the contract describes is there", A,
         "openapi.yaml, headers: it describes them and does not require them, because a gateway may drop them"),
        ("wording", "A 401 says what the contract's example says", A, "openapi.yaml, examples: they bind nobody"),
        ("reason_phrase", "The reason phrase of a 401 is Unauthorized", A,
         "RFC 9112, section 4: a client should ignore it"),
        ("aliases", "An error has `message` beside `error`", A, "openapi.yaml, Error: every property is optional"),
    )
}  # fmt: skip

Fault = tuple[str, str]  # an aspect, and what was expected


def faults(operation: Operation, answer: Answer) -> Iterator[Fault]:
    """What is wrong with an answer to an operation of the contract."""
    response = operation.response(answer.status)
    if response is None:
        yield "status", f"a status that the contract has: {', '.join(operation.responses)}"
        return
    for name, header in response.get("headers", {}).items():
        value, required = answer.headers.get(name), header.get("required")
        if value is None and (required or answer.status < 500):
            yield "headers" if required else "optional_headers", f"the header {name}"
        elif value is not None and complaints(header["schema"], value):
            yield "headers", f"a header {name} that fits {header['schema']}"
    if answer.status == 401:
        example, error = operation.example(401), as_object(answer.json)
        if error and any(error.get(key) != example[key] for key in example):
            yield "wording", f"401 with {json.dumps(example)}"
        # HTTP/2 has no reason phrase.
        if answer.reason not in {"Unauthorized", ""}:
            yield "reason_phrase", "the reason phrase Unauthorized"
    yield from body_faults(response, answer)


def body_faults(response: object, answer: Answer) -> Iterator[Fault]:
    """What is wrong with a body that must fit one of the contract's responses."""
    content = as_object(response).get("content", {})
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    error = as_object(answer.json) if answer.status >= 400 else {}
    if not content:
        if answer.body:
            yield "schema", "no body, because the contract has none"
    elif media_type not in content:
        yield "media_type", f"the media type {' or '.join(content)}"
    elif answer.json is not NOT_JSON:
        for complaint in complaints(content[media_type]["schema"], answer.json):
            yield "schema", f"a body that fits the contract's schema ({complaint})"
        if error.get("status", answer.status) != answer.status:
            yield "error_fields", f"{answer.status} in `status`, as in the status line"
        if "error" in error and "message" not in error:
            yield "aliases", "`message` beside `error`"
        elif "error" in error and error["message"] != error["error"]:
            yield "error_fields", "the same text in `message` as in `error`, of which it is an alias"
    elif answer.request.method != "HEAD":
        yield "schema", "a body that is JSON"


def repeats_a_secret(contract: Contract, mask: Mask, answer: Answer) -> bool:
    """Whether an answer repeats the password or the token of the request, in a header or in the body.

    A success contains the session's own token, and no password at all, sent or not.
    """
    secrets = set(mask.sent_in(answer.request))
    body = answer.body.decode("utf-8", "replace")
    if answer.status < 400:
        secrets.update(each for each in mask.passwords if len(each) >= SHORTEST)
        body = body.replace(str(as_object(answer.json).get(contract.token)), "")
    spelled = {spelling for secret in secrets for spelling in (secret, in_json(secret))}
    texts = (body, *answer.headers.values())
    return any(secret in text for secret in spelled for text in texts)
