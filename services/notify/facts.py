"""What an acknowledgement repeats: the writer's own facts, so that it would fit nobody else."""

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from services.notify.model import Matter
from services.notify.policy import Form, NotifyPolicy
from services.notify.render import fill, joined, moment, one_line, sum_of

# A currency that is shouted: KR, KRONER; three letters are a code (NOK).
_LOUD = re.compile(r"\b(?:[A-Z]{2}|[A-Z]{4,})\b")
# Things before sums before days, as people tell it; a reference last.
_ORDER = ("deadline", "thing", "sum", "times", "date", "waited", "reference")


def facts_of(matter: Matter, *, form: Form, policy: NotifyPolicy) -> str:
    """The facts as one phrase: "paraplyen, 219 kr og 5. november"."""
    rules = policy.rules.facts
    chosen = [] if matter.triage("privacy") else _own(matter, form)
    more = _known(matter, form=form, policy=policy)
    while len(chosen) < rules.wanted and (fact := next(more, "")):
        if not any(_same(fact, other) for other in chosen):
            chosen.append(fact)
    chosen = chosen[: rules.most]
    if chosen and chosen[-1].endswith(tuple(policy.texts(form).words["currency"].values())):
        chosen = [chosen[-1], *chosen[:-1]]  # "219 kr." would read as an abbreviation
    return joined(tuple(chosen), policy.texts(form).words["frame"]["and"])


def _own(matter: Matter, form: Form) -> list[str]:
    """Triage's facts, longest of its like only, quiet where they were shouted."""
    personal = matter.triage("personal")
    raw = personal.get("facts") if isinstance(personal, dict) else None
    pairs = [
        (str(pair[0]), one_line(str(pair[1])))
        for pair in (raw if isinstance(raw, list) else ())
        if isinstance(pair, list)
    ]
    pairs.sort(key=lambda pair: _ORDER.index(pair[0]))
    spoken: list[str] = []
    for kind, words in _one_of_each_first(pairs):
        quiet = _quiet(words, kind=kind, form=form)
        if quiet and not any(_same(quiet, other) for other in spoken):
            spoken.append(quiet)
    return spoken


def _one_of_each_first(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    first: dict[str, tuple[str, str]] = {}
    for pair in pairs:
        first.setdefault(pair[0], pair)
    return [*first.values(), *(pair for pair in pairs if pair is not first[pair[0]])]


def _quiet(words: str, *, kind: str, form: Form) -> str:
    words = words.strip(" .,;:!?")
    if kind == "sum":
        return _LOUD.sub(lambda found: found[0].lower(), words)
    if kind == "times":
        return words.lower()
    if kind == "waited":
        words = words[:1].lower() + words[1:]
    letters = sum(char.isalpha() for char in words)
    if letters > 3 and words.upper() == words:  # noqa: PLR2004 -- TV, DAB, E21 are no shouting
        return words.title() if form == "en" and kind == "date" else words.lower()
    return words


def _same(one: str, other: str) -> bool:
    return one.casefold() in other.casefold() or other.casefold() in one.casefold()


def _known(matter: Matter, *, form: Form, policy: NotifyPolicy) -> Iterator[str]:
    """What else we know that is this complaint's alone: asked for when triage found too little."""
    seen = matter.registered or {}
    words = policy.texts(form).words["fact"]
    quote = _quote(matter, policy)
    if quote:
        yield fill(words["quote"], {"quote": quote})
    amount_minor, currency = seen.get("sum_minor"), seen.get("currency")
    if isinstance(amount_minor, int) and isinstance(currency, str):
        spoken = sum_of(amount_minor, currency, form=form, policy=policy)
        yield fill(words["sum"], {"sum": spoken})
    if isinstance(seen.get("bought"), str):
        yield fill(words["bought"], {"bought": _day(seen["bought"], form, policy=policy)})
    if isinstance(seen.get("order"), str):
        yield fill(words["order"], {"order": one_line(str(seen["order"]))})
    if isinstance(seen.get("received_at"), str):
        yield fill(words["received"], {"received": _day(seen["received_at"], form, policy=policy)})


def _quote(matter: Matter, policy: NotifyPolicy) -> str:
    """Their own subject, else their first words; nothing where that would throw it back at them."""
    rules = policy.rules.facts
    calm = matter.triage("arousal") in rules.quote_arousals
    if not calm or matter.triage("abuse") not in rules.quote_abuse:
        return ""
    if matter.triage("vulnerable") or matter.triage("privacy"):
        return ""
    asks = matter.triage("kind") in ("question", "request")
    words = matter.personal.get("subject") or (matter.personal.get("opening") if asks else "")
    line = one_line(str(words or "")).strip("«»“”\"' ")
    if len(line) <= rules.quote_chars_max:
        return line
    return line[: rules.quote_chars_max].rsplit(" ", 1)[0] + " …"


def _day(when: object, form: Form, *, policy: NotifyPolicy) -> str:
    local = datetime.fromisoformat(str(when)).astimezone(ZoneInfo(policy.deadlines.calendar.zone))
    return moment(local, "short", form=form, policy=policy)
