"""Edits of the contract that must not pass, beside what the support table refuses, and what is said of each."""

from __future__ import annotations

USER = '$ref: "#/components/schemas/User"'
LIFECYCLE = "#/components/securitySchemes/Bearer/x-session-lifecycle"
BODY = "#/paths/~1session/post/requestBody/content/application~1json/schema/$ref"

# What is replaced by what; what the line says; where: the text at whose line it points, and the place.
EDITS = {
    "broken YAML": ("info:\n", "info: [\n", "not valid YAML: expected ',' or ']', but got ':'", "  description:", None),
    "a reference to nowhere": (USER, USER.replace("User", "Nobody"), "Nobody refers to nothing", "Nobody", BODY),
    "a lifecycle with an operation that is not there": (
        "refresh: sessionRefresh",
        "refresh: sessionRenew",
        "there is no operation sessionRenew",
        "refresh: ",
        f"{LIFECYCLE}/refresh",
    ),
    "a lifecycle with a token that is not there": (
        "token: jwtToken",
        "token: token",
        "Session has no property token",
        "token: token",
        f"{LIFECYCLE}/token",
    ),
    "a lifecycle with a password that is not there": (
        "password: password",
        "password: secret",
        "User has no property secret",
        "password: secret",
        f"{LIFECYCLE}/password",
    ),
    "a lifecycle without a log-out": (
        "        logout: sessionDelete\n",
        "",
        "the lifecycle names login, refresh, logout",
        "x-session-lifecycle",
        LIFECYCLE,
    ),
    "a lifecycle that logs in without a body": (
        "login: sessionCreate",
        "login: sessionRefresh",
        "a log-in takes an object and answers one",
        "login: ",
        f"{LIFECYCLE}/login",
    ),
    "a lifecycle whose token is a date": (
        "token: jwtToken",
        "token: expiresAt",
        "expiresAt cannot be the token: it is not a string",
        "token: expiresAt",
        f"{LIFECYCLE}/token",
    ),
    "a lifecycle whose expiry is a text": (
        "expiry: expiresAt",
        "expiry: jwtToken",
        "jwtToken cannot be the expiry: it is not a date-time",
        "expiry: jwtToken",
        f"{LIFECYCLE}/expiry",
    ),
    "a lifecycle that is none": (
        "x-session-lifecycle:\n",
        "x-session-lifecycle: no\n      x-other:\n",
        "the lifecycle is a mapping from roles to names",
        "x-session-lifecycle",
        LIFECYCLE,
    ),
}
