"""What a word means is heard in every written form: a table of concepts, each said natively."""

from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.core.triage_examples import read

FORMS = ("nb", "nn", "en")
TABLE = Path(__file__).with_name("triage_concepts.yaml")


class Concept(NamedTuple):
    """What triage is to tell of each of the lines, by written form."""

    told: dict[str, str]
    lines: dict[str, list[str]]


def _concepts() -> dict[str, Concept]:
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {
        name: Concept(row["told"], {form: row[form] for form in FORMS})
        for name, row in table.items()
    }


CONCEPTS = _concepts()


@pytest.mark.parametrize("name", CONCEPTS)
def test_a_concept_is_heard_in_every_written_form(name: str) -> None:
    """A fire told in nynorsk, or a refund asked for in English, would be read as nothing."""
    concept = CONCEPTS[name]
    read_wrongly = [
        f"{form}: {line}: {getattr(read(line), signal)}"
        for form, lines in concept.lines.items()
        for line in lines
        for signal, value in concept.told.items()
        if getattr(read(line), signal) != value
    ]
    assert read_wrongly == []


@pytest.mark.parametrize("name", CONCEPTS)
def test_no_written_form_is_owed_fewer_lines(name: str) -> None:
    """A concept with many lines in bokmål and one in nynorsk would hold bokmål alone."""
    counts = {form: len(lines) for form, lines in CONCEPTS[name].lines.items()}
    assert len(set(counts.values())) == 1
