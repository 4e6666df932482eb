"""What an acknowledgement repeats: the writer's own facts, so that it would fit nobody else."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from services.notify.model import Matter
from services.notify.policy import Form, NotifyPolicy
from services.notify.render import fill, moment, one_line, sum_of

# A currency that is shouted: KR, KRONER; three letters are a code (NOK).
_LOUD = re.compile(r"\b(?:[A-Z]{2}|[A-Z]{4,})\b")
_DIGITS = re.compile(r"\d+")
# Things before sums before days, as people tell it; a reference last.
_ORDER = ("thing", "sum", "times", "date", "waited", "deadline", "reference")
# A full stop within a sentence is followed by no capital: "6. november".
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÆØÅ])|\n")
_ASKS = ("question", "request")
_Pair = tuple[str, str]


def about_of(matter: Matter, *, form: Form, policy: NotifyPolicy) -> str:
    """What follows "your message": " om paraplyen (219 kr, 5. november)". Never empty-handed."""
    rules, asks = policy.rules.facts, matter.triage("kind") in _ASKS
    wanted = rules.wanted - bool(deadline_of(matter, form)) - _is_counted(matter, policy)
    pairs = [] if matter.triage("privacy") else _own(matter, form=form, policy=policy)
    quote = _quote(matter, policy) if len(pairs) < wanted else ""
    if quote:
        pairs = [
            pair for pair in pairs if not (_same(pair[1], quote) or (asks and pair[0] == "thing"))
        ]
    things = [words for kind, words in pairs if kind == "thing"]
    details = [words for kind, words in pairs if kind != "thing"]
    thing, *others = things or [""]
    details += others
    quoted = fill(policy.texts(form).words["fact"]["quote"], {"quote": quote}) if quote else ""
    if thing and quoted:
        details, quoted = [quoted, *details], ""
    known = [words for words in (thing, quoted) if words] + details
    if not (quote and asks):  # their own question is fact enough
        more = _recorded(matter, form=form, policy=policy)
        # Their own first words are two facts at least.
        lacking = 0 if quote and not matter.personal.get("subject") else wanted - len(known)
        details += islice((m for m in more if not _told_in(m, known)), max(0, lacking))
    values = {"thing": thing, "quote": quoted, "details": ", ".join(details)}
    return fill(policy.texts(form).words["say"]["about"], values)


def deadline_of(matter: Matter, form: Form) -> str:
    """The deadline that hangs on it, in the writer's words: "i morgen klokka 12"; or nothing.

    It has a sentence of its own, but where we come within minutes whatever the deadline.
    """
    if matter.triage("severity") == "critical":
        return ""
    return next((_quiet(w, kind=k, form=form) for k, w in _told(matter) if k == "deadline"), "")


def definite(thing: str, *, form: Form, policy: NotifyPolicy) -> str:
    """The thing as one speaks of what both know: "joggesko" is "joggeskoene".

    Nothing when it cannot be told how, or is no thing: a wrong word is worse than their own.
    """
    endings = policy.texts(form).words["definite"]
    found = [ending for ending in endings if thing.casefold().endswith(ending)]
    ends = policy.rules.facts.known_ends[form]
    if " " in thing or not ends or (not found and thing.casefold().endswith(ends)):
        return thing
    if not found:
        return ""
    ending = max(found, key=len)
    stem = thing[: -len(ending)]
    # A subject began with it; "PC" and other capitals stay.
    stem = stem if stem.isupper() else stem[:1].lower() + stem[1:]
    return stem + endings[ending]


def _told(matter: Matter) -> list[_Pair]:
    """Triage's facts: kind and words."""
    personal = matter.triage("personal")
    raw = personal.get("facts") if isinstance(personal, dict) else None
    facts = raw if isinstance(raw, list) else []
    return [(str(fact[0]), one_line(str(fact[1]))) for fact in facts if isinstance(fact, list)]


def _own(matter: Matter, *, form: Form, policy: NotifyPolicy) -> list[_Pair]:
    """Triage's facts, one of each kind first, quiet where they were shouted, none told twice."""
    rules = policy.rules.facts
    apart = "deadline" if deadline_of(matter, form) else ""
    kinds: tuple[str, ...] = tuple(kind for kind in _ORDER if kind != apart)
    if gentle := _is_gentle(matter, policy):
        kinds = rules.gentle_kinds
    pairs = sorted((p for p in _told(matter) if p[0] in kinds), key=lambda p: _ORDER.index(p[0]))
    told: list[_Pair] = []
    for kind, words in _one_of_each_first(pairs, alone=gentle):
        quiet = _quiet(words, kind=kind, form=form)
        if kind == "thing":
            quiet = definite(quiet, form=form, policy=policy)
        idle = quiet.casefold() in rules.idle or (kind == "times" and _is_counted(matter, policy))
        if quiet and not idle and not any(_same(quiet, other) for _, other in told):
            told.append((kind, quiet))
    return sorted(told[: rules.most], key=lambda pair: _ORDER.index(pair[0]))


def _is_gentle(matter: Matter, policy: NotifyPolicy) -> bool:
    """Whether some of the facts would hurt: the day of a death, what is left for food."""
    reasons = matter.triage("reasons")
    codes = [str(reason) for reason in (reasons if isinstance(reasons, list) else ())]
    parts = [part for each in policy.rules.warm_codes.values() for part in each]
    return bool(matter.triage("vulnerable")) and any(p in code for p in parts for code in codes)


def _is_counted(matter: Matter, policy: NotifyPolicy) -> bool:
    """Whether the message opens by saying how many times they have written."""
    contact = matter.triage("contact")
    return isinstance(contact, int) and contact >= policy.rules.contacts_again


def _one_of_each_first(pairs: list[_Pair], *, alone: bool) -> list[_Pair]:
    first: dict[str, _Pair] = {}
    for pair in pairs:
        first.setdefault(pair[0], pair)
    rest = () if alone else (pair for pair in pairs if pair is not first[pair[0]])
    return [*first.values(), *rest]


def _quiet(words: str, *, kind: str, form: Form) -> str:
    words = words.strip(" .,;:!?")
    if kind == "sum":
        return _LOUD.sub(lambda found: found[0].lower(), words)
    if kind == "times":
        return words.lower()
    if kind == "waited" or (kind == "date" and form != "en"):
        words = words[:1].lower() + words[1:]
    letters = sum(char.isalpha() for char in words)
    if letters > 3 and words.upper() == words:  # noqa: PLR2004 -- TV, DAB, E21 are no shouting
        return words.title() if form == "en" and kind == "date" else words.lower()
    return words


def _same(one: str, other: str) -> bool:
    if one.casefold() in other.casefold() or other.casefold() in one.casefold():
        return True
    # "149 kroner" and "149 kronene".
    digits = _DIGITS.findall(one)
    return bool(digits) and digits == _DIGITS.findall(other) and one[:4] == other[:4]


def _told_in(fact: str, known: list[str]) -> bool:
    return any(_same(fact, other) for other in known)


def _recorded(matter: Matter, *, form: Form, policy: NotifyPolicy) -> Iterator[str]:
    seen = matter.registered or {}
    words = policy.texts(form).words["fact"]
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
    """Their own words: a question, a subject, else the first words of what they wrote.

    Nothing where that would throw it back at them, or where a colleague wrote it down.
    """
    rules, triage = policy.rules.facts, matter.triage
    if triage("arousal") not in rules.quote_arousals or triage("abuse") not in rules.quote_abuse:
        return ""
    if triage("vulnerable") or triage("privacy"):
        return ""
    channel = (matter.registered or {}).get("channel")
    told = channel in policy.rules.aloud_channels
    first = "" if told else _first_sentence(matter, policy)
    asked = triage("kind") in _ASKS and first.endswith("?")
    words = first if asked else matter.personal.get("subject") or first
    line = one_line(str(words)).strip("«»“”\"' ").rstrip(".")
    if len(line) <= rules.quote_chars_max:
        return line
    return line[: rules.quote_chars_max].rsplit(" ", 1)[0] + " …"


def _first_sentence(matter: Matter, policy: NotifyPolicy) -> str:
    """The question they ask, else what they say first; never what was cried out or drawn."""
    opening = str(matter.personal.get("opening") or "")
    said = [one_line(part) for part in _SENTENCE_END.split(opening) if part.strip()]
    said = [_ungreeted(part, policy) for part in said]
    quiet = [part for part in said if part and "!" not in part]
    if matter.triage("kind") in _ASKS:
        quiet.sort(key=lambda part: not part.endswith("?"))
    return quiet[0] if quiet and one_line(opening) == " ".join(opening.split()) else ""


def _ungreeted(line: str, policy: NotifyPolicy) -> str:
    """Without the "Hei," it begins with; nothing when it is no more than a greeting."""
    greeting, _, rest = line.partition(",")
    if greeting.casefold().strip(".!") in policy.rules.greets:
        rest = rest.lstrip()
        return rest[:1].upper() + rest[1:]
    return line


def _day(when: object, form: Form, *, policy: NotifyPolicy) -> str:
    local = datetime.fromisoformat(str(when)).astimezone(ZoneInfo(policy.deadlines.calendar.zone))
    return moment(local, "short", form=form, policy=policy)
