"""The mails that hold links, as they leave: files beside the golden ones, read aloud too.

Written anew by `python -m tests.policy.mails`. The installation's address and secret are examples.
"""

from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage

from services.notify.policy import FORMS, Form
from services.notify.senders.letter import letter
from services.notify.senders.linked import Linked
from shared.contracts.identity import derived
from shared.contracts.recoveries import RecoveryApproved, RecoveryProposed, RecoverySettled
from shared.stage.decision import Effect
from shared.stage.effects import Claimed, Outcome
from tests.notify_story import AT, POLICY, Story, recovery, registered, triaged

LINKED = POLICY.model_copy(update={"links": True})
SECRET = b"an example that signs links, 32 bytes"
KEY = "0123456789abcdef0123456789abcdef"
COMPLAINT, RECOVERY = derived("link mails", "complaint"), derived("link mails", "recovery")
DOOR = "https://svar.example.com"
_HEADERS = ("Subject", "List-Unsubscribe", "List-Unsubscribe-Post")


class Kept:
    """A way out that keeps what it is given."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.effects: list[Claimed] = []

    async def perform(self, effect: Claimed) -> Outcome:
        """Keep it."""
        self.effects.append(effect)
        return Outcome("posted")

    async def ask(self, effect: Claimed) -> Outcome:
        """It is here."""
        return await self.perform(effect)


def story_of(name: str, *, form: Form = "nb", changes: Mapping[str, object] | None = None) -> Story:
    """A complaint that was acknowledged ("heard"), offered something, or settled."""
    story = Story(LINKED)
    mine = {"complaint_id": COMPLAINT}
    same = {**mine, "recovery_id": RECOVERY}
    read = {"severity": "medium", "written_form": form, **mine, **(changes or {})}
    story.hears(registered(**mine), triaged(**read))
    if name == "offered":
        story.hears(recovery(RecoveryProposed, 2, outcome="offered", **same))
    if name == "settled":
        story.hears(recovery(RecoveryApproved, 2, **same), recovery(RecoverySettled, 3, **same))
    story.lets_time_pass()
    return story


def claimed(effect: Effect) -> Claimed:
    """The effect in a dispatcher's hands."""
    at = AT + timedelta(days=2)
    return Claimed(
        effect.key, effect.kind, effect.complaint_id, effect.payload, 0, at, record_key=KEY
    )


def mail_of_story(story: Story, template: str, *, base: str = DOOR) -> EmailMessage:
    """One message of the story, as it leaves by mail."""
    notice = next(n for n in story.requested() if n.template == template)
    effect = next(e for e in story.effects("mail") if e.payload["notice_id"] == notice.notice_id)
    linked = Linked(Kept(), base=base, secret=SECRET).linked(claimed(effect))
    return letter(linked, mail_from="kundeservice@example.com")


def link_mails() -> dict[str, str]:
    """By file name: the headers that matter, and the words."""
    found = {}
    for form in FORMS:
        for name, template in (
            ("heard", "acknowledgement"),
            ("offered", "offered"),
            ("settled", "survey"),
        ):
            mail = mail_of_story(story_of(name, form=form), template)
            headers = [f"{name}: {mail[name]}\n" for name in _HEADERS if mail[name]]
            plain = mail.get_body(("plain",))
            assert isinstance(plain, EmailMessage)
            found[f"{template}-{form}.txt"] = "".join(headers) + "\n" + plain.get_content()
    return found
