"""The messages of every golden complaint, as files that people read and a test compares.

`python -m tests.policy.mails` writes them anew; read the diff aloud before it is committed.
"""

from pathlib import Path

from tests.policy.golden_cases import Variant, answer, variants
from tests.policy.judge import Notice, notices_of
from tests.policy.link_mails import link_mails

MAILS = Path(__file__).resolve().parent / "mails"
LINKS = MAILS / "links"
REVIEW = MAILS / "REVIEW.md"
NOTHING = "(Nothing leaves.)\n"
RULER = "-" * 72 + "\n"


def mail_of(variant: Variant) -> str:
    """Everything that one golden complaint makes leave, in order."""
    letters = [_letter(notice) for notice in notices_of(answer(variant.id))]
    return RULER.join(letters) or NOTHING


def path_of(variant: Variant) -> Path:
    """Where its messages lie."""
    return MAILS / f"{variant.id}.txt"


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
