"""The messages of every golden complaint, as files that people read and a test compares.

`python -m tests.policy.mails` writes them anew; read the diff aloud before it is committed.
"""

import hashlib
from pathlib import Path

from tests.policy.golden_cases import Variant, answer, variants
from tests.policy.judge import Notice, notices_of
from tests.policy.link_mails import link_mails

MAILS = Path(__file__).resolve().parent / "mails"
LINKS = MAILS / "links"
REVIEW = MAILS / "REVIEW.md"
NOTHING = "(Nothing leaves.)\n"
DIGEST_CHARS = 8
RULER = "-" * 72 + "\n"


def mail_of(variant: Variant) -> str:
    """Everything that one golden complaint makes leave, in order."""
    letters = [_letter(notice) for notice in notices_of(answer(variant.id))]
    return RULER.join(letters) or NOTHING


def path_of(variant: Variant) -> Path:
    """Where its messages lie."""
    return MAILS / f"{variant.id}.txt"


def digest_of(path: Path) -> str:
    """What a review line is of: the letters to the complainant, as eight signs.

    Whoever reads them aloud writes it into the line by hand: no command does.
    """
    text = path.read_text(encoding="utf-8")
    letters = [each for each in text.split(RULER) if not each.startswith("staff to ")]
    return hashlib.sha256(RULER.join(letters).encode()).hexdigest()[:DIGEST_CHARS]


def _letter(notice: Notice) -> str:
    fields = notice.fields
    to = f"{fields['kind']} to {fields['audience']}, {fields['channel']}, {fields['written_form']}"
    return f"{to}\nSubject: {fields['subject']}\n\n{str(fields['body']).rstrip()}\n"


def main() -> None:
    """Write every file, and take away what no golden complaint stands behind."""
    expected = {path_of(variant): mail_of(variant) for variant in variants().values()}
    for path in set(MAILS.glob("*.txt")) - expected.keys():
        path.unlink()
    for path, mail in expected.items():
        path.write_text(mail, encoding="utf-8")
    LINKS.mkdir(exist_ok=True)
    for name, mail in link_mails().items():
        (LINKS / name).write_text(mail, encoding="utf-8")


if __name__ == "__main__":
    main()
