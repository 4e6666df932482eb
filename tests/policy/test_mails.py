"""Are the messages the ones that somebody read aloud?"""

import re

import pytest

from tests.policy.golden_cases import variants
from tests.policy.link_mails import link_mails
from tests.policy.mails import LINKS, MAILS, REVIEW, digest_of, mail_of, path_of

ANEW = "python -m tests.policy.mails writes them anew; read the diff aloud, then its review line"


@pytest.mark.parametrize("variant_id", variants())
def test_the_messages_are_the_ones_that_were_read(variant_id: str) -> None:
    """A changed text would reach people before anybody has read it as the one who gets it."""
    variant = variants()[variant_id]
    assert path_of(variant).read_text(encoding="utf-8") == mail_of(variant), ANEW


def test_mails_with_links_are_the_ones_that_were_read() -> None:
    """A link would stand where nobody has read it, or in what is owed."""
    assert {path.name: path.read_text("utf-8") for path in LINKS.iterdir()} == link_mails(), ANEW


def test_no_message_is_an_orphan() -> None:
    """Messages of a complaint that is gone would be read for nothing."""
    expected = {path_of(variant).name for variant in variants().values()}
    assert {path.name for path in MAILS.glob("*.txt")} == expected


def reviewed() -> dict[str, str]:
    """The review lines: what was read, and the digest of the letters as they were then."""
    line = r"^\| `([\w/-]+)` \| [^|]+ \| [^|]+ \| [^|]+ \| `([0-9a-f]{8})` \|$"
    found = re.findall(line, REVIEW.read_text("utf-8"), re.MULTILINE)
    assert len(found) == len(dict(found))
    return dict(found)


def test_every_message_has_its_review_line() -> None:
    """A message would leave that nobody but its writer has read."""
    links = {f"links/{path.stem}" for path in LINKS.iterdir()}
    assert reviewed().keys() == variants().keys() | links


def test_a_line_is_of_the_words_as_they_are() -> None:
    """A text would change, and the line of who read another one would still vouch for it."""
    read = reviewed()
    stale = {n: digest_of(MAILS / f"{n}.txt") for n in read if _changed(n, read[n])}
    assert stale == {}, "read these aloud, mend their lines, and write the new digest beside them"


def _changed(name: str, digest: str) -> bool:
    return digest != digest_of(MAILS / f"{name}.txt")
