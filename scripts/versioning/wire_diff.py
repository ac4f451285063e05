"""Judge what changed on the wire, by the direction in which it travels.

A server must continue to accept what a client sends: a request that allows less is a break, and one that allows more
is an addition. A client must continue to understand what a server sends: an answer that may be more is a break, and one
that is always less is an addition.
"""

from __future__ import annotations

from collections.abc import Iterator

from versioning.versions import Finding, adds, breaks
from versioning.wire_api import Attributes, Facts

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
# A change of these is a break in any direction: it means something else, or says it in another way.
IDENTITIES = ("url", "scheme", "in", "name", "bearerFormat", "encoding", "contentEncoding", "explode", "content")
# What allows more if it is said. All other words allow less if they are said.
FREEDOMS = ("nullable", "optional", "allowReserved")
INNER = ("[]", ".*")  # The items of an array, and what else an object holds: anything, if nothing is said.
# What is said of a word that is there now, and of one that is there no more: in a request, and in an answer.
TEXTS = {
    "required": (("is required now", "is optional now"), ("is always there now", "may be absent now")),
    "nullable": (("may be null now", "must not be null any more"), ("may be null now", "is never null now")),
}
TIGHTER = {-1: ", which is tighter", 0: "", 1: ", which is looser"}


def wire_changes(old: Facts, new: Facts) -> Iterator[Finding]:
    """Yield what changed on the wire."""
    unions = tuple(f"{place}(" for place, said in {**old, **new}.items() if "type" in said)
    for place in topmost(old.keys() ^ new.keys()):
        if place.endswith(INNER):
            yield _judged(place, *(("is described now", -1) if place in new else ("may be anything now", 1)))
        elif not (place.endswith(")") and place.startswith(unions)):  # Its type says which alternatives a union has.
            yield _added(place, new[place]) if place in new else breaks(place, "is gone")
    for place in new:
        if place in old and old[place] != new[place]:
            yield from _changed(place, old[place], new[place])


def topmost(places: set[str]) -> list[str]:
    """Return the places that are not part of another one: a part says nothing that its whole does not."""
    found: list[str] = []
    for place in sorted(places):
        if not any(place.startswith(tuple(f"{whole}{mark}" for mark in " .[(")) for whole in found):
            found.append(place)
    return found


def _is_request(place: str) -> bool:
    if place.startswith(("request ", "response ")):
        return place.startswith("request ")
    return place.split(" ")[2:3] in (["body"], ["query"], ["path"], ["header"], ["cookie"])


def _added(place: str, attributes: Attributes) -> Finding:
    parts = place.split(" ")
    if _is_request(place) and "required" in attributes:
        return breaks(place, "is new and required")
    if len(parts) == 3 and parts[2].startswith("2") and not place.startswith(("request ", "response ")):
        return breaks(place, "is a new success, which older clients do not know")
    return adds(place, "is new")


def _changed(place: str, old: Attributes, new: Attributes) -> Iterator[Finding]:
    for word in sorted((old.keys() | new.keys()) - {"optional"}):
        before, after = old.get(word), new.get(word)
        if before != after:
            yield from _values(place, before or [], after or []) if word == "enum" else [_word(place, word, old, new)]


def _word(place: str, word: str, old: Attributes, new: Attributes) -> Finding:
    """Judge a word that is not said as it was."""
    before, after = old.get(word), new.get(word)
    text = f"{word} was {_shown(before)} and is {_shown(after)}"
    if word in IDENTITIES or (word == "type" and place.startswith("security ")):
        return breaks(place, text)
    if word == "lifecycle" and before and after:
        was, now = (
            "|".join(each for each in one if each not in other) for one, other in ((before, after), (after, before))
        )
        return breaks(place, f"lifecycle was {was or 'less'} and is {now or 'less'}")
    if word == "security":
        # A caller who sends what was asked for before is still let in.
        still_enough = set(before or []) <= set(after or []) or "none" in (after or [])
        return adds(place, text) if still_enough else breaks(place, text)
    if word == "deprecated":
        return adds(place, "is deprecated now" if after is not None else "is no longer deprecated")
    if word == "default":
        return adds(place, text)
    direction = _direction(word, before, after)
    text = f"{text}{TIGHTER[direction]}" if word not in TEXTS else TEXTS[word][not _is_request(place)][after is None]
    return _judged(place, text, direction)


def _judged(place: str, text: str, direction: int) -> Finding:
    """Return a finding for a place that allows more (1), or less (-1), or something else (0)."""
    if not direction:
        return breaks(place, text)
    is_break = direction < 0 if _is_request(place) else direction > 0
    return breaks(place, text) if is_break else adds(place, text)


def _direction(word: str, before: list[str] | None, after: list[str] | None) -> int:
    """Tell whether a word allows more than it did (1), or less (-1), or something else (0)."""
    if before is None or after is None:
        is_more = (after is None) != (word in FREEDOMS)
        return 1 if is_more else -1
    if word == "type":
        wider, narrower = ({*each, *(["integer"] if "number" in each else [])} for each in (after, before))
        return 1 if wider >= narrower else -1 if wider <= narrower else 0
    if word in (*LOWER_BOUNDS, *UPPER_BOUNDS):
        return 1 if (float(after[0]) > float(before[0])) == (word in UPPER_BOUNDS) else -1
    if word == "multipleOf":
        steps = float(before[0]), float(after[0])
        return 1 if steps[0] % steps[1] == 0 else -1 if steps[1] % steps[0] == 0 else 0
    return 0


def _values(place: str, before: list[str], after: list[str]) -> Iterator[Finding]:
    """Judge the values of an enum."""
    if not after:
        yield _judged(place, f"may be any value now, and was one of {', '.join(before)}", 1)
    elif not before:
        yield _judged(place, f"is one of {', '.join(after)} now", -1)
    else:
        yield from (_judged(place, f"value {each} is gone", -1) for each in before if each not in after)
        yield from (_judged(place, f"value {each} is new", 1) for each in after if each not in before)


def _shown(values: list[str] | None) -> str:
    return "not set" if values is None else "|".join(values) or "set"
