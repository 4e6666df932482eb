"""The values a message's template is filled with, in one written form. Pure."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from services.notify.danger import is_likely, kind_of, reasons_of
from services.notify.days import final_by, named_day
from services.notify.facts import about_of, deadline_of
from services.notify.linking import sentences
from services.notify.model import Draft, Matter, Seen
from services.notify.policy import Board, Form, Help, NotifyPolicy
from services.notify.render import Value, Values, fill, moment, one_line, sum_of
from shared.business_time import Within, deadline
from shared.contracts.triaged import SEVERITIES, Kind, Severity
from shared.letters import spoken_name

# How each value of a template is worked out, by its name.
Made = dict[str, Callable[[], Value]]


class Phrases:
    """One message in one form: each method is one value of a template."""

    def __init__(
        self, matter: Matter, draft: Draft, *, form: Form, now: datetime, policy: NotifyPolicy
    ) -> None:
        """Know what is told, to whom, and in which form.

        `values`: everything a complainant's template may ask for; absent things are empty.
        """
        self.matter, self.draft, self.form, self.policy = matter, draft, form, policy
        self.words = policy.texts(form).words
        made = {**self._frame(), **self._opening(), **self._deadlines(now), **self._answer(now)}
        made |= {help_.id: partial(_number, help_, form) for help_ in self._help()}
        self.values = Values(made, sentences(matter, draft, form=form, policy=policy))

    def _frame(self) -> Made:
        """Greeting and closing."""
        personal, say = self.matter.personal, self.words["say"]
        channel = (self.matter.registered or {}).get("channel")
        aloud = channel in self.policy.rules.aloud_channels
        return {
            "name": lambda: spoken_name(str(personal.get("name") or "")),
            "phone": lambda: one_line(str(personal.get("phone") or "")),
            "reference": lambda: self.matter.reference,
            "heard": lambda: say["heard_aloud" if aloud else "heard"],
            "message": lambda: say["message_aloud" if aloud else "message"],
            "about": lambda: about_of(self.matter, form=self.form, policy=self.policy),
        }

    def _opening(self) -> Made:
        """How it is met: again, warmly, with an apology or a limit."""
        say, triage, rules = self.words["say"], self.matter.triage, self.policy.rules
        return {
            "again": self._again,
            "warm": self._warm,
            "thanks": self._thanks,
            "danger": self._danger,
            "upset": lambda: triage("arousal") in rules.waits.pause_arousals,
            "safety": lambda: bool(triage("safety")),
            "danger_likely": lambda: is_likely(self.matter, self.policy),
            "apology": lambda: say["apology"],
            "sorry_now": lambda: say["sorry"],
            "invite": lambda: say["invite"],
            "limits": lambda: say["limits"] if self.draft.limits else "",
            "privacy": lambda: say["privacy"] if triage("privacy") else "",
            "fine": self._fine,
        }

    def _deadlines(self, now: datetime) -> Made:
        """What is promised, and until when."""
        matter, policy = self.matter, self.policy
        registered = matter.registered or {}
        start = datetime.fromisoformat(str(registered.get("at") or now.isoformat()))
        return {
            "touch": lambda: self.at(self._touch_by(start), "clock"),
            "deadline": lambda: deadline_of(matter, self.form),
            "final": lambda: self.at(final_by(matter, start, policy=policy), "day"),
            "answer": lambda: self.by(start, policy.deadlines.question, style="clock"),
            "failed": lambda: self.at(named_day(matter, now, policy=policy), "clock"),
            "late": lambda: self._promised("clock"),
            "promised": lambda: self._promised("day"),
            "waiting": lambda: self.words["waiting"].get(self.draft.code, ""),
            "next": lambda: fill(self.words["next"][self._next()], self.values),
        }

    def _answer(self, now: datetime) -> Made:
        """What was decided, on which ground, by whom, and where to take it further."""
        recovery, words = self.draft.recovery or {}, self.draft.words or {}
        say, text = self.words["say"], words.get("personal")
        return {
            "gestures": lambda: "\n".join(self._gestures(recovery, now)),
            "sorry": lambda: say["sorry"] if "apology" in _kinds(recovery) else "",
            "basis": lambda: self._basis(recovery),
            "decided": lambda: self._decided(recovery),
            "question": lambda: self._question(recovery),
            "text": lambda: str(text.get("text", "")) if isinstance(text, dict) else "",
            "boards": lambda: self._boards(words),
        }

    def by(self, start: datetime, within: Within, *, style: str) -> str:
        """A deadline in words."""
        return self.at(deadline(start, within, calendar=self.policy.deadlines.calendar), style)

    def at(self, when: datetime, style: str) -> str:
        """A moment in words, by the clock on the policy's wall."""
        local = when.astimezone(ZoneInfo(self.policy.deadlines.calendar.zone))
        return moment(local, style, form=self.form, policy=self.policy)

    def _touch_by(self, start: datetime) -> datetime:
        """When a person is with them: the moment that triage promised and the desk lists."""
        triage = self.matter.triage
        urgent = bool(triage("safety")) or triage("abuse") == "threat"
        kind: Kind = "question" if triage("kind") == "question" else "complaint"
        owed, severity = self.policy.deadlines, severity_of(self.matter)
        return owed.touch_by(start, severity, kind=kind, urgent=urgent)

    def _promised(self, style: str) -> str:
        """The moment of the promise that it tells of."""
        promise = self.draft.promise or {}
        when = promise.get("due_at")
        return self.at(datetime.fromisoformat(when), style) if isinstance(when, str) else ""

    def _help(self) -> tuple[Help, ...]:
        return self.policy.rules.help

    def _again(self) -> str:
        say, contact = self.words["say"], self.matter.triage("contact")
        around = bool(self.matter.triage("passed_around"))
        if not isinstance(contact, int) or contact < self.policy.rules.contacts_again:
            return say["passed_around"] if around else ""
        nth = self.words["nth"].get(str(contact), self.words["nth"]["default"])
        return fill(say["again_around" if around else "again"], {"nth": nth})

    def _thanks(self) -> str:
        """Thanks for telling us; not to who grieves, threatens, or has told us before."""
        triage = self.matter.triage
        if triage("vulnerable") or triage("abuse") == "threat" or self._again():
            return ""
        say = self.words["say"]
        return say["thanks_plain" if triage("regretted") else "thanks"]

    def _danger(self) -> str:
        """What to do now."""
        numbers = {help_.id: _number(help_, self.form) for help_ in self._help()}
        return fill(self.words["danger"][kind_of(self.matter, self.policy)], numbers)

    def _basis(self, recovery: Seen) -> str:
        """The ground; an agreement only to who has one: a user has the use of the thing."""
        basis, words = str(recovery.get("basis")), self.words["basis"]
        if basis == "contractual" and self.matter.triage("role") == "user":
            basis = "contractual_user"
        return words.get(basis, "")

    def _warm(self) -> str:
        if not self.matter.triage("vulnerable"):
            return ""
        for name, parts in self.policy.rules.warm_codes.items():
            if any(part in code for part in parts for code in reasons_of(self.matter)):
                return self.words["warm"][name]
        return self.words["warm"]["other"]

    def _fine(self) -> str:
        if not self.matter.triage("regretted"):
            return ""
        goods = (self.matter.registered or {}).get("order_kind") == "goods"
        return self.words["say"]["fine_goods" if goods else "fine"]

    def _next(self) -> str:
        matter, again = self.matter, self.policy.rules.contacts_again
        contact = matter.triage("contact")
        proposed = matter.recoveries.get("proposed")
        if severity_of(matter) == "critical":
            return "critical"
        if deadline_of(matter, self.form):
            return "deadline"
        if matter.triage("passed_around") or (isinstance(contact, int) and contact >= again):
            return "owner"
        if proposed is not None and proposed.get("outcome") == "with_person":
            return "person"
        if proposed is not None and proposed.get("approval") != "automatic":
            return "signing"
        person = any(matter.triage(name) for name in ("needs_person", "legal", "vulnerable"))
        return "person" if person or severity_of(matter) == "high" else "machine"

    def _gestures(self, recovery: Seen, now: datetime) -> list[str]:
        """One line a gesture. Done only when settled says so."""
        found = recovery.get("gestures")
        settled = self.matter.recoveries.get("settled") is not None
        return [
            self._gesture(gesture, now, settled=settled)
            for gesture in (found if isinstance(found, list) else ())
            if isinstance(gesture, dict) and gesture["kind"] != "apology"
        ]

    def _gesture(self, gesture: dict[str, JsonValue], now: datetime, *, settled: bool) -> str:
        kind, rules = str(gesture["kind"]), self.policy.rules
        is_money = kind in rules.money_kinds
        texts = self.words["gesture_done" if settled and is_money else "gesture"]
        amount_minor, currency = gesture.get("amount_minor"), gesture.get("currency")
        spoken = ""
        if isinstance(amount_minor, int) and amount_minor and isinstance(currency, str):
            spoken = sum_of(amount_minor, currency, form=self.form, policy=self.policy)
        within = rules.said.payout if is_money else rules.said.task
        due_at = gesture.get("due_at")
        by = self.by(now, within, style="day")
        if isinstance(due_at, str):
            by = self.at(datetime.fromisoformat(due_at), "day" if is_money else "clock")
        return fill(texts.get(kind, texts["default"]), {"sum": spoken, "by": by})

    def _decided(self, recovery: Seen) -> str:
        decided_by, words = str(recovery.get("decided_by") or "person:"), self.words["decided"]
        if decided_by.startswith("person:"):
            return words["person"]
        if str(recovery.get("approved_by") or "").startswith("person:"):
            return words["signed"]
        reasons, rules = recovery.get("reasons"), self.words["rule"]
        codes = [str(reason) for reason in reasons] if isinstance(reasons, list) else []
        code = next((each for each in codes if each in rules), decided_by.removeprefix("rule:"))
        return fill(words["machine"], {"rule": rules.get(code, code.replace("_", " "))})

    def _question(self, recovery: Seen) -> str:
        reasons, ask = recovery.get("reasons"), self.words["ask"]
        for reason in reasons if isinstance(reasons, list) else ():
            if str(reason) in ask:
                return ask[str(reason)]
        return ask["default"]

    def _boards(self, words: Seen) -> str:
        if words.get("category") not in ("not_upheld", "partly_upheld"):
            return ""
        board = board_for(self.matter, self.policy)
        if board is None:
            return self.words["boards"]["none"]
        named = {"board": board.name[self.form], "address": board.address}
        return fill(self.words["boards"]["one"], named)


def _number(help_: Help, form: Form) -> str:
    return f"{help_.name[form]} ({help_.phone})"


def _kinds(recovery: Seen) -> list[str]:
    """The kinds of a recovery's gestures."""
    found = recovery.get("gestures")
    gestures = found if isinstance(found, list) else []
    return [str(gesture["kind"]) for gesture in gestures if isinstance(gesture, dict)]


def severity_of(matter: Matter) -> Severity:
    """Triage's severity; medium until it is known."""
    said = matter.triage("severity")
    return next((severity for severity in SEVERITIES if severity == said), "medium")


def board_for(matter: Matter, policy: NotifyPolicy) -> Board | None:
    """The verified board of this matter's sector and segment; a consumers' never to a business."""
    boards = policy.boards
    kind = str((matter.registered or {}).get("order_kind"))
    sector = boards.sector_of_category.get(
        str(matter.triage("category")), boards.sector_of_order.get(kind, boards.sector)
    )
    segment = matter.triage("segment") or (matter.registered or {}).get("segment")
    for board in boards.boards:
        if board.verified and sector in board.sectors and segment in board.segments:
            return board
    return None
