"""Mend a dead letter from the command line: FIELD=VALUE as typed, and all of intake's rules."""

from collections.abc import Sequence

from services.cli.backfill_lines import Line, checked
from services.cli.failures import BadInput
from shared import mending
from shared.contracts.envelope import Outgoing
from shared.errors import Fault


def mended(
    letter: Outgoing, sets: Sequence[str], *, unsets: Sequence[str]
) -> tuple[Outgoing, list[mending.Changed]]:
    """As `shared.mending.mended`; raises `BadInput` too, for what is no FIELD=VALUE."""
    pairs = [_pair(each) for each in sets]
    return mending.mended(letter, pairs, unsets=unsets, check=_faults)


def _faults(raw: bytes) -> tuple[Fault, ...]:
    return checked(Line(0, raw))


def _pair(said: str) -> tuple[str, str]:
    name, equals, words = said.partition("=")
    if not equals or not name.strip():
        raise BadInput("bad_set", "--set", "FIELD=VALUE, as channel=web or complainant.name=Siv")
    return name, words
