"""An explained complaint for people: the words that fired, the reasons and rules, the remedy, what
would have changed it, the mails.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from pydantic import JsonValue
from rich.text import Text

from services.cli.answer import answer_of
from services.cli.lines import Line
from services.cli.otherwise import Change, whole
from services.cli.output import console, shown
from services.triage.signals.severity import RuleRead
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.recoveries import RecoveryEvent
from shared.contracts.triaged import SEVERITIES

LABEL_CHARS = 12
MARK, NUMBER = "bold yellow", "dim"
UNMARKED = "written_form"  # the small words that tell nb from nn tell a reader nothing
BY_SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "green"}
Answer = Mapping[str, JsonValue]


def show(
    line: Line,
    *,
    complaint_id: str,
    events: Sequence[Event[Contract]],
    rules: Iterable[RuleRead],
    otherwise: Iterable[Change],
) -> None:
    """Print it: plain in a pipe, in colour on a terminal.

    `rules` of severity, the gravest first; `otherwise`: what would have changed the result.
    """
    answer = answer_of(line.id, complaint_id=complaint_id, events=events)
    triage, recovery = _object(answer["triage"]), _object(answer["recovery"])
    reasons = [_object(each) for each in _list(triage.get("reasons"))]
    _print(_complaint(line, reasons))
    _print(_reading(triage))
    for number, reason in enumerate(reasons, 1):
        _labelled("", f"{number:>2} because {_reason(reason)}")
    _rules(rules, str(triage.get("severity")))
    _print()
    _labelled("Remedy", _remedy(recovery, _decided_by(events, complaint_id)))
    for code in _list(recovery.get("reasons")):
        _labelled("", f"because {code}")
    _otherwise(otherwise)
    for number, notice in enumerate(_list(answer["notices"]), 1):
        _mail(number, _object(notice))
    if not answer["notices"]:
        _labelled("Mails", "none")


def told(answer: Answer) -> list[tuple[str, tuple[str, ...]]]:
    """The words that fired each reason, in order; not the small ones that tell the written form."""
    reasons = [_object(each) for each in _list(_object(answer["triage"]).get("reasons"))]
    found = [(str(each["code"]), _words(each)) for each in reasons]
    return [(code, words) for code, words in found if words and not code.startswith(UNMARKED)]


def _words(reason: Answer) -> tuple[str, ...]:
    return tuple(str(word) for word in _list(reason.get("evidence")) if str(word).strip())


def _complaint(line: Line, reasons: Iterable[Answer]) -> Text:
    said = f"{line.subject}\n\n{line.text}" if line.subject else line.text
    numbers: dict[str, list[int]] = {}
    for number, reason in enumerate(reasons, 1):
        if not str(reason["code"]).startswith(UNMARKED):
            for word in _words(reason):
                numbers.setdefault(word, []).append(number)
    text = marked(shown(said.strip()), numbers)
    return Text("\n").join([text, Text("")])


def marked(text: str, numbers: Mapping[str, Sequence[int]]) -> Text:
    """The text with every word that fired marked, and the numbers of the reasons that it fired.

    In colour, or in brackets where there is none: "[knust](1,3)".
    """
    places = [
        (*found.span(), frozenset(fired))
        for words, fired in numbers.items()
        for found in re.finditer(whole(words), text, re.IGNORECASE)
    ]
    styled, at = Text(), 0
    for start, end, fired in _apart(places):
        styled.append(text[at:start])
        styled.append(_bracketed(text[start:end]), style=MARK)
        styled.append(f"({','.join(map(str, sorted(fired)))})", style=NUMBER)
        at = end
    return styled.append(text[at:])


def _apart(places: Iterable[tuple[int, int, frozenset[int]]]) -> list[tuple[int, int, set[int]]]:
    """Places that overlap become one, with the reasons of both."""
    merged: list[tuple[int, int, set[int]]] = []
    for start, end, fired in sorted(places, key=lambda place: place[:2]):
        if merged and start < merged[-1][1]:
            first, past, before = merged[-1]
            merged[-1] = (first, max(end, past), before | fired)
        else:
            merged.append((start, end, set(fired)))
    return merged


def _bracketed(words: str) -> str:
    return words if console().is_terminal else f"[{words}]"


def _rules(rules: Iterable[RuleRead], severity: str) -> None:
    """The rules of severity that fire, and those one step graver that lack a single thing."""
    _print()
    label, grave = "Severity", SEVERITIES.index(severity) if severity in SEVERITIES else 0
    for rule in rules:
        almost = rule.short_by == 1 and SEVERITIES.index(rule.severity) == grave + 1
        if not rule.short_by or almost:
            _labelled(label, f"{rule.severity:<9}{rule.code}{_short(rule)}")
            label = ""
    if label:
        _labelled(label, f"{'low':<9}no rule fires")


def _short(rule: RuleRead) -> str:
    lacks = "".join(f": would fire with {name}" for name in rule.missing)
    return lacks + "".join(f": would fire without {name}" for name in rule.forbidden_by)


def _otherwise(otherwise: Iterable[Change]) -> None:
    _print()
    label = "Otherwise"
    for change in otherwise:
        _labelled(label, f"without {shown(change.without)}: {', '.join(change.changed)}")
        label = ""
    if label:
        _labelled(label, "no word by itself, nor the words of one reason, changes the result")


def _reading(triage: Answer) -> Text:
    text = Text(f"{'Read as':<{LABEL_CHARS}}")
    severity = str(triage.get("severity"))
    text.append(f"{triage.get('kind')} · ")
    text.append(severity, style=BY_SEVERITY.get(severity, ""))
    said = (
        f"{triage.get('category')}",
        f"written in {triage.get('written_form')}",
        f"{triage.get('arousal')}, {triage.get('mood')}",
        f"{triage.get('role')} ({triage.get('segment')})",
        f"wants {triage.get('remedy_sought')}{_claimed(triage)}",
    )
    flags = [f for f in ("safety", "legal", "privacy", "press", "vulnerable") if triage.get(f)]
    if triage.get("abuse") != "none":
        flags.append(f"abuse: {triage.get('abuse')}")
    if triage.get("needs_person"):
        flags.append("needs a person")
    text.append("".join(f" · {each}" for each in (*said, *flags)))
    return text


def _claimed(triage: Answer) -> str:
    claimed = _object(triage.get("amount_claimed"))
    return f" of {_money(claimed)}" if claimed else ""


def _reason(reason: Answer) -> str:
    words = ", ".join(f"“{shown(str(word))}”" for word in _list(reason.get("evidence")))
    return str(reason["code"]) + (f": {words}" if words else "")


def _remedy(recovery: Answer, decided_by: str) -> str:
    gestures = [_gesture(_object(each)) for each in _list(recovery.get("gestures"))]
    basis = f" ({recovery['basis']})" if recovery.get("basis") else ""
    given = ", ".join(gestures) or "nothing given yet"
    by = f" · decided by {decided_by}" if decided_by else ""
    return f"{recovery['outcome']}{basis}: {given} · approval: {recovery['approval']}{by}"


def _decided_by(events: Iterable[Event[Contract]], complaint_id: str) -> str:
    found = [
        event.data.decided_by
        for event in events
        if isinstance(event.data, RecoveryEvent) and event.data.complaint_id == complaint_id
    ]
    return found[-1] if found else ""


def _gesture(gesture: Answer) -> str:
    return f"{gesture['kind']} {_money(gesture)}".strip()


def _money(sum_: Answer) -> str:
    amount_minor, currency = sum_.get("amount_minor"), sum_.get("currency")
    if not isinstance(amount_minor, int) or not amount_minor or currency is None:
        return ""
    return f"{Decimal(amount_minor) / 100:.2f} {currency}"


def _mail(number: int, notice: Answer) -> None:
    _print()
    way = f"{notice['kind']} to {notice['audience']}, {notice['channel']}, {notice['written_form']}"
    _labelled(f"Mail {number}", way)
    _labelled("", f"Subject: {shown(str(notice['subject']))}")
    for line in shown(str(notice["body"])).strip().splitlines():
        _labelled("", line)


def _labelled(label: str, text: str) -> None:
    _print(Text(f"{label:<{LABEL_CHARS}}", style="bold").append(Text(text, style="not bold")))


def _print(text: Text | str = "") -> None:
    console().print(text)


def _object(value: JsonValue) -> Answer:
    return value if isinstance(value, dict) else {}


def _list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, list) else ()
