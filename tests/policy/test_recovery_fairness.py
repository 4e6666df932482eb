"""Like cases get like value: by written form, tone, role and name, within five per cent."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from statistics import mean

import orjson
import pytest

from services.cli.explaining import explain_raw
from services.cli.stages import parts
from tests.policy.golden_cases import NOW
from tests.policy.judge import part, rows

DIFFERENCE_MAX = 0.05
# What happened, as it is written in each form; the order below is the same for all of a row.
MATTERS: Mapping[str, Mapping[str, str]] = {
    "broken": {
        "nb": "Hodetelefonene jeg kjøpte for {kr} kroner virker ikke. Jeg vil ha pengene tilbake.",
        "nn": "Hovudtelefonane eg kjøpte for {kr} kroner verkar ikkje. Eg vil ha pengane tilbake.",
        "en": "The headphones I bought for {kr} kroner do not work. I want my money back.",
    },
    "regretted": {
        "nb": "Jeg angrer på kjøpet av genseren til {kr} kroner og vil ha pengene tilbake.",
        "nn": "Eg angrar på kjøpet av genseren til {kr} kroner og vil ha pengane tilbake.",
        "en": "I regret buying the sweater for {kr} kroner and would like my money back.",
    },
    "not delivered": {
        "nb": "Pakken min til {kr} kroner har ikke kommet. Jeg vil ha pengene tilbake.",
        "nn": "Pakken min til {kr} kroner har ikkje kome. Eg vil ha pengane tilbake.",
        "en": "My parcel for {kr} kroner has not arrived. I want my money back.",
    },
}
TONES: Mapping[str, str] = {"calm": "{}", "upset": "{}!!! 😡", "shouted": "SHOUT {}!!!"}
NAMES = ("Kari Nordmann", "Mohammed Ali", "Nguyễn Thị Hoa", "")
ROLES = (None, "customer", "both")
KRONER = (199, 1490)
FORMS = ("nb", "nn", "en")
Case = tuple[str, str, str, str | None, str, int]


def cases() -> Iterator[Case]:
    """Matter, form, tone, role, name, kroner: every one with every other."""
    yield from product(MATTERS, FORMS, TONES, ROLES, NAMES, KRONER)


def worth_minor(case: Case) -> int:
    """What the machine gives or proposes, in øre."""
    matter, form, tone, role, name, kroner = case
    text = MATTERS[matter][form].format(kr=kroner)
    said = TONES[tone].format(text)
    said = said.removeprefix("SHOUT ").upper() if said.startswith("SHOUT ") else said
    complainant = {"name": name, "email": "someone@example.com", "declared_role": role}
    delivered = {} if matter == "not delivered" else {"delivered_at": "2026-11-12T12:00:00+01:00"}
    paid = {
        "reference": "pay-1",
        "amount_minor": kroner * 100,
        "currency": "NOK",
        "paid_at": "2026-11-03T12:00:00+01:00",
    }
    line = {
        "channel": "web",
        "channel_message_id": "fair",
        "received_at": "2026-11-16T12:00:00+01:00",
        "complainant": {field: value for field, value in complainant.items() if value},
        "text": said,
        "order": {
            "id": "order-1",
            "sold": "distance",
            "kind": "goods",
            "purchased_at": "2026-11-03T12:00:00+01:00",
            "payments": [paid],
            **delivered,
        },
    }
    answer, is_answer = explain_raw(orjson.dumps(line), parts(), now=NOW)
    assert is_answer, answer
    gestures = rows(part(answer, "recovery")["gestures"])
    return sum(int(str(gesture["amount_minor"] or 0)) for gesture in gestures)


@pytest.fixture(scope="module")
def worths() -> Mapping[Case, int]:
    """What every case is worth."""
    return {case: worth_minor(case) for case in cases()}


@pytest.mark.parametrize(
    ("named", "place"), [("written form", 1), ("tone", 2), ("role", 3), ("name", 4)]
)
def test_no_group_gets_less_for_the_same(
    worths: Mapping[Case, int], figure: Callable[[str], None], *, named: str, place: int
) -> None:
    """Whoever writes nynorsk, shouts, or has another name would get another remedy."""
    groups: dict[object, list[int]] = {}
    for case, worth in worths.items():
        groups.setdefault(case[place], []).append(worth)
    means = {group: mean(found) for group, found in groups.items()}
    difference = max(means.values()) / min(means.values()) - 1
    figure(f"value of like cases by {named}: {difference:.1%} apart over {len(worths)} cases")
    assert difference <= DIFFERENCE_MAX, means
