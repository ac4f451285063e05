"""Judge what changed between two sets of facts, by the direction in which values travel.

A server must continue to accept what a client sends, and a function what a program passes: a request that allows less
is a break, and one that allows more is an addition. A client must continue to understand what a server sends, and a
program what a function returns: an answer that may be more is a break, and one that is always less is an addition.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

from versioning.wire_api import Attributes, Facts

REQUEST = re.compile(r"request |[A-Z]+ \S+ (body|path|query|header|cookie)\b|\S+\(\S+\)$")
# A property in Python is sent and answered: the facts of the wire tell in which direction a change matters.
EITHER = re.compile(r"pacerpro_client\.models\.\w+\.\w+")
SUCCESS = re.compile(r"[A-Z]+ \S+ 2\w\w")
LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
WIDER = (("int32", "int64"), ("float", "double"))  # Formats, of which the second allows more.
# A change of these is a break in any direction: it means something else, or says it in another way.
IDENTITIES = ("url", "encoding", "contentEncoding", "explode", "content", "kind", "value")
# What allows more if it is said. All other words allow less if they are said.
FREEDOMS = ("nullable", "optional", "allowReserved", "position")
INNER = ("[]", ".*")  # The items of an array, and what else an object holds: anything, if nothing is said.
POSITION = re.compile(r"\[\d+\]$")  # One of a tuple.
# What is said of a word that is there now, and of one that is there no more: in a request, and in an answer.
TEXTS = {
    "required": (("is required now", "is optional now"), ("is always there now", "may be absent now")),
    "nullable": (("may be null now", "must not be null any more"), ("may be null now", "is never null now")),
}
TIGHTER = {-1: ", which is tighter", 0: "", 1: ", which is looser"}


class Rank(IntEnum):
    """How much a change matters to users."""

    WORDS = 1
    ADDITION = 2
    BREAK = 3


@dataclass(frozen=True)
class Finding:
    """A change that users notice: where it is, and what happened there."""

    rank: Rank
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.rank.name.lower()}: {self.where}: {self.what}"


breaks = partial(Finding, Rank.BREAK)
adds = partial(Finding, Rank.ADDITION)


def changed(old: Facts, new: Facts) -> Iterator[Finding]:
    """Yield what changed for users."""
    unions = tuple(f"{place}(" for place, said in {**old, **new}.items() if "type" in said)
    for place in _topmost(old.keys() ^ new.keys()):
        if place.endswith(INNER):
            yield _judged(place, *(("is described now", -1) if place in new else ("may be anything now", 1)))
        elif place in new and POSITION.search(place):
            closed = "closed" in old.get(POSITION.sub("", place), {})
            yield _judged(place, "is new", 1 if closed else -1)  # Where it is not closed, anything could stand there.
        elif place.endswith(")") and place.startswith(unions):
            continue  # Its type says which alternatives a union has.
        elif place not in new:
            yield breaks(place, "is gone")
        elif "unused" not in new[place]:
            yield _added(place, new[place])
    for place in new:
        before, after = old.get(place, {}), new[place]
        for word in sorted((before.keys() | after.keys()) - {"optional", "unused"}) if place in old else ():
            if before.get(word) != after.get(word):
                yield from _word(place, word, before.get(word), after.get(word))


def _topmost(places: set[str]) -> list[str]:
    """Return the places that are not part of another one: a part says nothing that its whole does not."""
    found: list[str] = []
    for place in sorted(places):
        if not any(place.startswith(tuple(f"{whole}{mark}" for mark in " .[(")) for whole in found):
            found.append(place)
    return found


def _added(place: str, attributes: Attributes) -> Finding:
    if REQUEST.match(place) and "required" in attributes:
        return breaks(place, "is new and required")
    if SUCCESS.fullmatch(place):
        return breaks(place, "is a new success, which older clients do not know")
    return adds(place, "is new")


def _word(place: str, word: str, before: list[str] | None, after: list[str] | None) -> Iterator[Finding]:
    """Judge a word that is not said as it was."""
    text = f"{word} was {_shown(before)} and is {_shown(after)}"
    if word == "enum":
        yield from _values(place, before or [], after or [])
    elif word == "lifecycle" and before and after:
        was, now = (sorted({*one} - {*other}) for one, other in ((before, after), (after, before)))
        yield breaks(place, f"lifecycle was {'|'.join(was) or 'less'} and is {'|'.join(now) or 'less'}")
    elif word in IDENTITIES or (place.startswith("security ") and word != "lifecycle"):
        yield breaks(place, text)
    elif word == "security":
        # A caller who sends what was asked for before is still let in.
        still_enough = {*(before or [])} <= {*(after or [])} or "none" in (after or [])
        yield adds(place, text) if still_enough else breaks(place, text)
    elif word in {"default", "deprecated"}:
        is_now = "is deprecated now" if after is not None else "is no longer deprecated"
        yield adds(place, is_now if word == "deprecated" else text)
    elif word in TEXTS:
        text = TEXTS[word][not REQUEST.match(place)][after is None]
        yield _judged(place, text, _direction(word, before, after))
    else:
        direction = _direction(word, before, after)
        yield _judged(place, f"{text}{TIGHTER[direction]}", direction)


def _values(place: str, before: list[str], after: list[str]) -> Iterator[Finding]:
    if not after:
        yield _judged(place, f"may be any value now, and was one of {', '.join(before)}", 1)
    elif not before:
        yield _judged(place, f"is one of {', '.join(after)} now", -1)
    else:
        yield from (_judged(place, f"value {each} is gone", -1) for each in before if each not in after)
        yield from (_judged(place, f"value {each} is new", 1) for each in after if each not in before)


def _judged(place: str, text: str, direction: int) -> Finding:
    """Return a finding for a place that allows more (1), or less (-1), or something else (0)."""
    wrong_way = not EITHER.fullmatch(place) and (direction < 0) == bool(REQUEST.match(place))
    return breaks(place, text) if wrong_way or not direction else adds(place, text)


def _direction(word: str, before: list[str] | None, after: list[str] | None) -> int:
    """Tell whether a word allows more than it did (1), or less (-1), or something else (0)."""
    if before is None or after is None:
        return 1 if (after is None) != (word in FREEDOMS) else -1
    if word == "type":
        wider, narrower = ({*each, *(["integer"] if "number" in each else [])} for each in (after, before))
        return 1 if _within(narrower, wider) else -1 if _within(wider, narrower) else 0
    if word in (*LOWER_BOUNDS, *UPPER_BOUNDS):
        return 1 if (float(after[0]) > float(before[0])) == (word in UPPER_BOUNDS) else -1
    if word == "multipleOf":
        was, now = float(before[0]), float(after[0])
        return 1 if was % now == 0 else -1 if now % was == 0 else 0
    return 1 if (*before, *after) in WIDER else -1 if (*after, *before) in WIDER else 0


def _within(ones: set[str], others: set[str]) -> bool:
    """Tell whether the types of one union are all in another; Python's Any stands for each of them."""
    form = "|".join(re.sub(r"\bAny\b", ".*", re.escape(each)) for each in others)
    return all(re.fullmatch(form, each) for each in ones)


def _shown(values: list[str] | None) -> str:
    return "not set" if values is None else "|".join(values) or "set"
