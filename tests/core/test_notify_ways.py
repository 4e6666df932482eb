"""One message, several ways: the second only when the first surely did not, and still one."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notify.senders.ways import Ways
from shared.contracts.notifications import NotificationSent
from shared.stage.effects import Answer, Claimed, Outcome
from tests.notify_story import CALM, Story, outcome, registered, triaged

MADE = datetime(2026, 11, 16, 9, 12, tzinfo=UTC)
SECOND_S, GIVE_UP_S = 60.0, 172_800.0


@dataclass
class Way:
    """A way that answers as told; a message may be there though it says "unknown"."""

    answers: list[Answer]
    delivered: list[str] = field(default_factory=list)
    arrives_silently: bool = False

    async def perform(self, effect: Claimed) -> Outcome:
        """Take it, or not."""
        state = self.answers.pop(0) if self.answers else "posted"
        if state == "posted" or (state == "unknown" and self.arrives_silently):
            self.delivered.append(effect.key)
        return Outcome(state, code=f"said_{state}", detail={"way": effect.kind})

    async def ask(self, effect: Claimed) -> Outcome:
        """Like SMTP: it cannot tell."""
        return Outcome("unknown", code="cannot_tell", detail={"way": effect.kind})


def message() -> Claimed:
    """A mail with a call as its second way."""
    call = {"kind": "call", "to": "+4740000001", "subject": "s", "body": "ring"}
    mail = {"notice_id": "n", "to": "a@example.com", "subject": "s", "body": "b"}
    payload = {**mail, "otherwise": [call]}
    return Claimed("key", "mail", "c1", payload, 1, MADE)  # type: ignore[arg-type]  # JSON


def ways(mail: Way, call: Way, *, age_s: float) -> Ways:
    """Both, when the message is so old."""
    return Ways(
        {"mail": mail, "call": call},
        second_way_s=SECOND_S,
        give_up_s=GIVE_UP_S,
        now=lambda: MADE + timedelta(seconds=age_s),
    )


async def test_a_dead_address_goes_the_second_way_at_once() -> None:
    """Somebody whose mailbox is gone would hear nothing, though we have the number."""
    mail, call = Way(["failed"]), Way([])
    said = await ways(mail, call, age_s=0).perform(message())
    assert (said.state, said.detail["way"], call.delivered) == ("posted", "call", ["key"])


async def test_a_busy_way_is_left_within_two_minutes() -> None:
    """A relay that is down for an hour would keep the message as long, or lose its turn at once."""
    early = await ways(Way(["again"]), Way([]), age_s=31).perform(message())
    late = await ways(Way(["again"]), Way([]), age_s=63).perform(message())
    assert (early.state, late.state, late.detail["way"]) == ("again", "posted", "call")


async def test_what_may_have_arrived_never_goes_a_second_way() -> None:
    """Silence after the final dot would be followed by a call that says the same."""
    call = Way([])
    both = ways(Way(["unknown"]), call, age_s=500)
    said = await both.perform(message())
    asked = await both.ask(message())
    assert (said.state, asked.state, call.delivered) == ("unknown", "unknown", [])


async def test_no_way_for_two_days_is_a_failure() -> None:
    """A message would be tried for ever while everybody believes it left."""
    said = await ways(Way(["again"]), Way(["again"]), age_s=GIVE_UP_S).perform(message())
    assert (said.state, said.code) == ("failed", "said_again")


@given(
    mail=st.lists(st.sampled_from(("again", "failed", "unknown", "posted")), max_size=9),
    call=st.lists(st.sampled_from(("again", "failed", "unknown", "posted")), max_size=9),
    silent=st.booleans(),
)
async def test_at_most_one_message_arrives(
    mail: list[Answer], call: list[Answer], *, silent: bool
) -> None:
    """The same would be said by mail and by telephone."""
    by_mail, by_call = Way(mail, arrives_silently=silent), Way(call, arrives_silently=silent)
    for seconds in (0, 1, 3, 7, 15, 31, 63, 127, 255):
        said = await ways(by_mail, by_call, age_s=seconds).perform(message())
        if said.state != "again":
            break
    arrived = len(by_mail.delivered) + len(by_call.delivered)
    assert arrived == 1 if said.state == "posted" else arrived <= 1


def test_every_way_that_leads_somewhere_is_in_the_effect() -> None:
    """A fallback would need a second message, or have no words of its own."""
    story = Story()
    story.hears(registered(phone="+4740000001"), *CALM[1:])
    (mail,) = story.effects("mail")
    otherwise = mail.payload["otherwise"]
    assert isinstance(otherwise, list)
    kinds = [leg["kind"] for leg in otherwise if isinstance(leg, dict)]
    assert kinds == ["reply", "call"]
    assert "Ring Siv" in str(otherwise[1])


def test_a_dead_address_is_not_written_to_again() -> None:
    """Every later message would fail first, and the person hear later, or never."""
    story = Story()
    story.hears(registered(channel="email", phone="+4740000001"), triaged(severity="medium"))
    (mail,) = story.effects("mail")
    refused = outcome(mail.key, "posted").model_copy(
        update={"detail": {"way": "call", "dead_address": True}}
    )
    story.hears(refused)
    sent = [each for each in story.emits if isinstance(each, NotificationSent)]
    assert [each.way for each in sent] == ["call"]
    assert [n.template for n in story.requested() if n.kind == "staff"] == ["dead_address"]
    story.hears(*CALM[2:])
    again = registered(complaint_id="c2", channel="email", phone="+4740000001")
    story.hears(again, triaged(complaint_id="c2", severity="high"))
    assert (len(story.effects("mail")), len(story.effects("call"))) == (1, 2)


def test_an_unknown_that_stays_unknown_is_shown_to_a_colleague() -> None:
    """Nobody would ring somebody who may have heard nothing."""
    story = Story()
    story.hears(*CALM)
    (mail,) = story.effects("mail")
    unknown = outcome(mail.key, "unknown")
    story.hears(unknown, unknown.model_copy(update={"state": "manual"}))
    shown = [n.template for n in story.requested() if n.kind == "staff"]
    assert (shown, 1) == (["undelivered"], len(story.effects("mail")))
