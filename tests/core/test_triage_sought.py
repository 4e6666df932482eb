"""What people ask for and tell, said in the ways that people say it: a table in nb, nn and en.

Written before the lists that read it, from DOMAIN.md and from how such things are said.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.core.triage_examples import read

TABLE = Path(__file__).parent / "triage_sought.yaml"
ROWS: list[Mapping[str, object]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["text"])[:40])
def test_it_is_read_as_it_is_meant(row: Mapping[str, object]) -> None:
    """A wish said politely, or as a question, would be no wish, and nobody would meet it."""
    triaged = read(str(row["text"]))
    claimed = triaged.amount_claimed
    found = {
        **triaged.model_dump(include=set(row)),
        "amount_claimed_minor": claimed and claimed.amount_minor,
    }
    assert {name: row[name] for name in row if name != "text"} == {
        name: found[name] for name in row if name != "text"
    }
