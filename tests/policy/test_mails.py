"""Are the messages the ones that somebody read aloud?"""

import re

import pytest

from tests.policy.golden_cases import variants
from tests.policy.link_mails import link_mails
from tests.policy.mails import LINKS, MAILS, REVIEW, mail_of, path_of

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


def test_every_message_has_its_review_line() -> None:
    """A message would leave that nobody but its writer has read."""
    lines = re.findall(
        r"^\| `([\w-]+)` \| [^|]+ \| [^|]+ \| [^|]+ \|$", REVIEW.read_text("utf-8"), re.MULTILINE
    )
    assert sorted(lines) == sorted(variants())
