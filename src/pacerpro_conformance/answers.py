"""What every answer has to keep, whatever was asked: the contract, and a few rules that no schema can say."""

import json
from collections.abc import Iterator

from .contract import Contract, Operation
from .http.wire import NOT_JSON, Answer
from .masking import SHORTEST, Mask, in_json

# Each aspect is reported as a check of its own, `answers.ASPECT`.
ASPECTS = {
    "status": "Every status is one that the contract has for the operation",
    "media_type": "Every answer is of the contract's media type",
    "schema": "Every body fits the contract's schema",
    "headers": "Every header that the contract asks for is there, and fits",
    "error_fields": "An error's fields agree with each other and with the status line",
    "secrecy": "No answer repeats a password or a token that was sent",
}

Fault = tuple[str, str]


def faults(contract: Contract, operation: Operation, answer: Answer) -> Iterator[Fault]:
    """What is wrong with an answer to an operation of the contract, as an aspect and what was expected."""
    response = operation.response(answer.status)
    if response is None:
        yield "status", f"a status that the contract has: {', '.join(operation.responses)}"
        return
    for name, header in response.get("headers", {}).items():
        schema = contract.resolved(header)
        value = answer.headers.get(name)
        if value is None and schema.get("required"):
            yield "headers", f"the header {name}"
        elif value is not None and contract.complaints(schema["schema"], value):
            yield "headers", f"a header {name} that fits {schema['schema']}"
    yield from body_faults(contract, response, answer)


def body_faults(contract: Contract, response: dict[str, object], answer: Answer) -> Iterator[Fault]:
    """What is wrong with a body that has to fit one of the contract's responses."""
    content = contract.resolved(response).get("content", {})
    if not content:
        if answer.body:
            yield "schema", "no body, as the contract has none"
        return
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in content:
        yield "media_type", f"the media type {' or '.join(content)}"
    elif answer.json is NOT_JSON:
        if answer.call.method != "HEAD":
            yield "schema", "a body that is JSON"
    else:
        for complaint in contract.complaints(content[media_type]["schema"], answer.json):
            yield "schema", f"a body that fits the contract's schema ({complaint})"
        yield from _error_faults(answer)


def _error_faults(answer: Answer) -> Iterator[Fault]:
    if answer.status < 400 or not isinstance(answer.json, dict):
        return
    error = answer.json
    if error.get("status", answer.status) != answer.status:
        yield "error_fields", f"{answer.status} in `status`, as in the status line"
    if "error" in error and error.get("message") != error["error"]:
        yield "error_fields", "the same text in `message` as in `error`, of which it is an alias"
    # HTTP/2 has no reason phrase.
    if answer.status == 401 and answer.reason not in {"Unauthorized", ""}:
        yield "error_fields", "the reason phrase Unauthorized"


def repeats_a_secret(contract: Contract, mask: Mask, answer: Answer) -> bool:
    """Whether an answer gives back the password or the token of the request, in a header or in the body.

    Of a success only the token is what was asked for, and nothing beside it holds a password, sent or not.
    """
    secrets = set(mask.sent_in(answer.call.headers, answer.call.body))
    body, words = answer.body.decode("utf-8", "replace"), set[str]()
    if answer.status < 400:
        secrets.update(each for each in mask.passwords if len(each) >= SHORTEST)
        # A short one may be in any text by chance, and is hardly all of a string.
        words = {json.dumps(each) for each in mask.passwords}
        if isinstance(answer.json, dict):
            body = json.dumps({name: each for name, each in answer.json.items() if name != contract.token})
    spelled = {spelling for secret in secrets for spelling in (secret, in_json(secret))}
    texts = (body, *answer.headers.values())
    return any(word in body for word in words) or any(secret in text for secret in spelled for text in texts)
