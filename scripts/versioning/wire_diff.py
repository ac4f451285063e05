"""Judge what changed on the wire, by the direction in which it travels.

What a client sends, a server must go on taking: a new duty is a break. What a server sends, a client must go on
understanding: less than before is a break, and so is a value that a closed enumeration does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from versioning.findings import Finding, adds, breaks
from versioning.wire_api import FORMATS, Attributes, Facts, quoted

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
# What is compared as a whole.
IDENTITIES = ("url", "type", "allOf", *FORMATS, "scheme", "in", "name", "bearerFormat", "encoding")
FREEDOMS = ("allowReserved", "allowEmptyValue")
FLAGS = ("readOnly", "writeOnly", "deprecated", *FREEDOMS)
# What is no limit. All else is one that cannot be compared: a new or another one may shut out what was allowed.
NO_LIMITS = frozenset({*IDENTITIES, *FLAGS, "security", "required", "optional", "requires", "nullable", "enum"})


def wire_changes(old: Facts, new: Facts) -> Iterator[Finding]:
    """Yield what changed on the wire."""
    for place in _topmost(old.keys() - new.keys()):
        yield breaks(place, "is gone")
    for place in _topmost(new.keys() - old.keys()):
        yield _added(place, new[place])
    for place in new:
        if place in old and old[place] != new[place]:
            yield from _changed(place, old[place], new[place])
            yield from _required_elsewhere(place, old, new)


def _topmost(places: set[str]) -> list[str]:
    """Return the places that are not part of another one: a part says nothing that its whole does not."""
    found: list[str] = []
    for place in sorted(places):
        if not any(place.startswith(tuple(f"{whole}{mark}" for mark in " .[(")) for whole in found):
            found.append(place)
    return found


def _is_request(place: str) -> bool:
    if place.startswith(("request ", "response ")):
        return place.startswith("request ")
    what = place.split(" ")[2:3]
    return what in (["body"], ["query"], ["path"], ["header"], ["cookie"])


def _added(place: str, attributes: Attributes) -> Finding:
    parts = place.split(" ")
    if _is_request(place) and "required" in attributes:
        return breaks(place, "is new and required")
    if len(parts) == 3 and parts[2].startswith("2") and not place.startswith("re"):
        return breaks(place, "is a new success, which older clients refuse")
    return adds(place, "is new")


def _changed(place: str, old: Attributes, new: Attributes) -> Iterator[Finding]:
    request = _is_request(place)
    yield from _security(place, old, new)
    for word in IDENTITIES:
        if old.get(word) != new.get(word):
            yield breaks(place, f"{word} was {_shown(old, word)} and is {_shown(new, word)}")
    yield from _presence(place, old, new, request=request)
    yield from _values(place, old, new, request=request)
    yield from _limits(place, old, new)
    for word in FLAGS:
        if (word in old) != (word in new):
            # What is read alone need not be sent any more, and what is written alone does not come any more.
            gone = word in new and word == ("readOnly" if request else "writeOnly")
            gone |= word in old and word in FREEDOMS
            text = f"is {word} now" if word in new else f"is no longer {word}"
            yield breaks(place, text) if gone else adds(place, text)


def _security(place: str, old: Attributes, new: Attributes) -> Iterator[Finding]:
    if "security" not in old or set(old["security"]) == set(new["security"]):
        return
    text = f"security was {_shown(old, 'security')} and is {_shown(new, 'security')}"
    # Who sends what was asked for before is let in still.
    still_enough = set(old["security"]) <= set(new["security"]) or "none" in new["security"]
    yield adds(place, text) if still_enough else breaks(place, text)


def _presence(place: str, old: Attributes, new: Attributes, *, request: bool) -> Iterator[Finding]:
    if "required" in new and "optional" in old:
        yield breaks(place, "is required now") if request else adds(place, "is always there now")
    if "optional" in new and "required" in old:
        yield adds(place, "is optional now") if request else breaks(place, "may be absent now")
    if "nullable" in new and "nullable" not in old:
        yield adds(place, "may be null now") if request else breaks(place, "may be null now")
    if "nullable" in old and "nullable" not in new:
        yield breaks(place, "must not be null any more") if request else adds(place, "is never null now")


def _required_elsewhere(place: str, old: Facts, new: Facts) -> Iterator[Finding]:
    """Judge the names that a schema requires and another describes; those described here are judged at their place."""
    before, after = (set(facts[place].get("requires", [])) for facts in (old, new))
    for name in sorted(before ^ after):
        if f"{place}.{quoted(name)}" not in old.keys() | new.keys():
            now = "required" if name in after else "optional"
            was = "optional" if name in after else "required"
            changes = _presence(place, {was: []}, {now: []}, request=_is_request(place))
            yield from (replace(each, what=f"{name} {each.what}") for each in changes)


def _values(place: str, old: Attributes, new: Attributes, *, request: bool) -> Iterator[Finding]:
    before, after = old.get("enum", []), new.get("enum", [])
    if before and not after:
        yield (
            adds(place, "takes any value now") if request else breaks(place, "has any value now, and was one of a few")
        )
    elif after and not before:
        yield breaks(place, f"must be one of {', '.join(after)} now")
    else:
        for value in before:
            if value not in after:
                yield breaks(place, f"value {value} is gone")
        for value in after:
            if value not in before:
                text = f"value {value} is new"
                yield adds(place, text) if request else breaks(place, f"{text}, and the client knows a closed set")


def _limits(place: str, old: Attributes, new: Attributes) -> Iterator[Finding]:
    for word in sorted((old.keys() | new.keys()) - NO_LIMITS):
        if old.get(word) != new.get(word):
            text = f"{word} was {_shown(old, word)} and is {_shown(new, word)}"
            yield breaks(place, f"{text}, which is tighter") if _tighter(word, old, new) else adds(place, text)


def _tighter(word: str, old: Attributes, new: Attributes) -> bool:
    if word not in new:
        return False
    if word not in old or word not in (*LOWER_BOUNDS, *UPPER_BOUNDS, "multipleOf"):
        return True
    before, after = float(old[word][0]), float(new[word][0])
    if word == "multipleOf":
        return before % after != 0
    return after > before if word in LOWER_BOUNDS else after < before


def _shown(attributes: Attributes, word: str) -> str:
    return "|".join(attributes[word]) or "set" if word in attributes else "not set"
