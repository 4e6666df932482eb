"""An explained complaint for people: the words that fired, the reasons, the remedy, the mails."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from pydantic import JsonValue
from rich.text import Text

from services.cli.answer import answer_of
from services.cli.lines import Line
from services.cli.output import console, shown
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.recoveries import RecoveryEvent

LABEL_CHARS = 12
MARK = "bold yellow"
UNMARKED = "written_form"  # the small words that tell nb from nn tell a reader nothing
BY_SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "green"}
Answer = Mapping[str, JsonValue]


def show(line: Line, *, complaint_id: str, events: Sequence[Event[Contract]]) -> None:
    """Print it: plain in a pipe, in colour on a terminal."""
    answer = answer_of(line.id, complaint_id=complaint_id, events=events)
    triage, recovery = _object(answer["triage"]), _object(answer["recovery"])
    reasons = [_object(each) for each in _list(triage.get("reasons"))]
    _print(_complaint(line, reasons))
    _print(_reading(triage))
    for reason in reasons:
        _labelled("", _reason(reason))
    _print()
    _labelled("Remedy", _remedy(recovery, _decided_by(events, complaint_id)))
    for code in _list(recovery.get("reasons")):
        _labelled("", f"because {code}")
    for number, notice in enumerate(_list(answer["notices"]), 1):
        _mail(number, _object(notice))
    if not answer["notices"]:
        _labelled("Mails", "none")


def _complaint(line: Line, reasons: Iterable[Answer]) -> Text:
    said = f"{line.subject}\n\n{line.text}" if line.subject else line.text
    telling = (r for r in reasons if not str(r["code"]).startswith(UNMARKED))
    words = {str(w) for reason in telling for w in _list(reason.get("evidence")) if str(w).strip()}
    text = marked(shown(said.strip()), words)
    return Text("\n").join([text, Text("")])


def marked(text: str, words: Iterable[str]) -> Text:
    """The text with every word that fired marked: in colour, and by «» where there is none."""
    folded, places = text.casefold(), set[tuple[int, int]]()
    if len(folded) == len(text):  # else places would shift (ß)
        for word in words:
            whole = rf"(?<!\w){re.escape(word.casefold())}(?!\w)"
            places.update(found.span() for found in re.finditer(whole, folded))
    styled, at = Text(), 0
    for start, end in _apart(places):
        styled.append(text[at:start])
        styled.append(_quoted(text[start:end]), style=MARK)
        at = end
    return styled.append(text[at:])


def _apart(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places that touch or overlap become one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _quoted(words: str) -> str:
    return words if console().is_terminal else f"«{words}»"


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
    return f"because {reason['code']}" + (f": {words}" if words else "")


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
