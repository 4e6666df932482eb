"""The mailbox door: every mail taken or set aside, none deleted, none taken before the broker."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import pytest
from pydantic import SecretStr

from services.intake.doors.mailbox import access_of, emptied
from services.intake.doors.problems import Turned
from services.intake.policy import load
from shared.errors import Fault, Refused, Transient
from shared.settings import Settings

RULES = load()[0].intake.doors.mail


@dataclass
class FakeBox:
    """Folders as dictionaries; `stuck`: moving fails, as when the line breaks off."""

    mails: dict[str, bytes]
    moved: dict[str, str] = field(default_factory=dict)
    stuck: bool = False

    def uids(self) -> list[str]:
        """What still lies there."""
        return [uid for uid in self.mails if uid not in self.moved]

    def raw(self, uid: str) -> bytes:
        """A mail."""
        return self.mails[uid]

    def move(self, uid: str, folder: str) -> None:
        """Put it elsewhere."""
        if self.stuck:
            raise Transient("gone")
        self.moved[uid] = folder


def taker(taken: list[bytes], *, away: bytes = b"") -> Callable[[bytes], None]:
    """Takes mails; refuses "bad"; the broker is silent for `away`."""

    def take(raw: bytes) -> None:
        if raw == away:
            raise Turned(HTTPStatus.SERVICE_UNAVAILABLE, Fault("broker_unavailable", "", ""))
        if raw == b"bad":
            raise Turned(HTTPStatus.UNPROCESSABLE_ENTITY, Fault("unreachable", "from", ""))
        taken.append(raw)

    return take


def test_every_mail_is_moved_aside() -> None:
    """A mail would be taken for ever, or vanish where nobody looks."""
    box, taken = FakeBox({"1": b"a", "2": b"bad", "3": b"c"}), list[bytes]()
    assert emptied(box, taker(taken), rules=RULES) == 2
    assert taken == [b"a", b"c"]
    assert box.moved == {"1": RULES.taken, "2": RULES.unreadable, "3": RULES.taken}


def test_while_the_broker_is_silent_mails_stay() -> None:
    """A mail would be moved aside that nobody has."""
    box, taken = FakeBox({"1": b"a", "2": b"b", "3": b"c"}), list[bytes]()
    with pytest.raises(Transient):
        emptied(box, taker(taken, away=b"b"), rules=RULES)
    assert (taken, box.moved) == ([b"a"], {"1": RULES.taken})


def test_what_could_not_be_moved_is_taken_again() -> None:
    """A mail would be lost between two folders; taken twice, it is the same complaint."""
    box, taken = FakeBox({"1": b"a"}, stuck=True), list[bytes]()
    with pytest.raises(Transient):
        emptied(box, taker(taken), rules=RULES)
    box.stuck = False
    assert emptied(box, taker(taken), rules=RULES) == 1
    assert taken == [b"a", b"a"]


def test_the_address_of_a_mailbox() -> None:
    """A misspelt address would show as an empty mailbox."""
    url = "imaps://post%40example.com@mail.example.com"
    access = access_of(Settings(imap_url=url, imap_password=SecretStr("x")))
    assert (access.user, access.host, access.port, access.folder) == (
        "post@example.com",
        "mail.example.com",
        993,
        "INBOX",
    )
    for wrong in ("mail.example.com", "imaps://mail.example.com", "pop3://a@mail.example.com"):
        with pytest.raises(Refused):
            access_of(Settings(imap_url=wrong))
