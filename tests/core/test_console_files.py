"""Files in the console: named on the case, handed out to be laid down, and each look noted."""

from pathlib import Path

import pytest

from services.desk.web.looks import lines
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintReplied, Personal
from shared.contracts.submitted import Attachment
from tests.core.console_world import Room
from tests.core.test_desk_examples import AGENT, CASE, COMPLAINT, MONDAY, event

PAGE = f"/cases/{CASE}"
PICTURE = b"\xff\xd8\xff bilde"
KEPT = Attachment(
    name='sete "1"\u202e.jpg',
    media_type="image/jpeg",
    size_bytes=2_000,
    reference="ref-1",
    sha256="0" * 64,
)
REFUSED = Attachment(name="a.exe", size_bytes=9, refused="kind_not_allowed")
ELSEWHERE = Attachment(name="ordre.pdf", reference="ref-9")


class Kept:
    """Files by complainant and reference."""

    def __init__(self, *lying: tuple[str, str]) -> None:
        """What lies there: record keys and references."""
        self.lying = set(lying)

    def get(self, record_key: str, reference: str) -> bytes | None:
        """The file, if it lies there."""
        return PICTURE if (record_key, reference) in self.lying else None


def replied(*files: Attachment) -> Event[Contract]:
    """More from the complainant, with files."""
    return event(
        ComplaintReplied(
            complaint_id=COMPLAINT,
            case_id=CASE,
            channel="email",
            received_at=MONDAY,
            personal=Personal(text="Sjå biletet.", attachments=files),
        ),
        "replied",
    )


@pytest.fixture
def shelf() -> Kept:
    """The file of this case, and another's of the same complainant."""
    key = replied().key
    return Kept((key, "ref-1"), (key, "ref-3"))


@pytest.fixture
def room(tmp_path: Path, shelf: Kept) -> Room:
    """A case with files that came with a reply."""
    made = Room(tmp_path, shelf)
    made.here.loop.happens(replied(KEPT, REFUSED, ELSEWHERE))
    return made


def looks(room: Room) -> list[tuple[str, str]]:
    """Who fetched which case's file."""
    with room.keeping.engine.connect() as connection:
        rows = lines(connection, person="", case_id="", limit=50, offset=0)
    return [(row.person, row.case_id) for row in rows if row.what == "file"]


def test_a_case_names_its_files_and_what_was_not_kept(room: Room) -> None:
    """A handler would not know that there is a picture, or look for one that we threw away."""
    page = room.agent().sees(PAGE)
    assert f'href="{PAGE}/files/ref-1"' in page
    assert "\u27e6U+202E\u27e7" in page, "a name that turns letters around is spelled"
    assert "a.exe" in page
    assert "not a kind we keep" in page
    assert "lies with its sender" in page
    assert "ref-9" not in page
    assert looks(room) == [], "to read the page is a look at the case alone"


def test_a_file_is_handed_out_and_never_run(room: Room) -> None:
    """A stranger's file would run in the console with her rights, and nobody know who saw it."""
    me = room.agent()
    answer = me.http.get(f"{PAGE}/files/ref-1")
    assert (answer.status_code, answer.content) == (200, PICTURE)
    told = answer.headers
    assert told["Content-Disposition"].startswith("attachment; filename*=UTF-8''sete%20%221%22")
    assert told["Content-Type"] == "application/octet-stream"
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert told["Cache-Control"] == "no-store"
    assert looks(room) == [(AGENT, CASE)]


@pytest.mark.parametrize("reference", ["ref-3", "x", "%2e%2e"])
def test_only_a_file_of_this_case_is_reached(room: Room, reference: str) -> None:
    """Whoever may open one case would fetch what was sent on another."""
    answer = room.agent().http.get(f"{PAGE}/files/{reference}")
    assert answer.status_code == 404
    assert PICTURE not in answer.content
    assert looks(room) == []


def test_what_was_forgotten_is_not_there(room: Room, shelf: Kept) -> None:
    """An empty file would be taken for what she sent."""
    shelf.lying.clear()
    answer = room.agent().http.get(f"{PAGE}/files/ref-1")
    assert answer.status_code == 404
    assert "forgotten" in answer.text


def test_nobody_fetches_a_file_unsigned_in(room: Room) -> None:
    """The address of a file would be all that it takes."""
    answer = room.browser().http.get(f"{PAGE}/files/ref-1")
    assert answer.status_code == 303
    assert looks(room) == []
