"""An organisation's own words, what the phase and a firm were told by, and heat as a number."""

import pytest

from services.triage.core import decide
from services.triage.policy import TriagePolicy
from services.triage.tenant import Tenant, TenantRole
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import Decision, History
from tests.core.triage_examples import NOON, POLICY, read, registered


def _policy(*roles: TenantRole) -> TriagePolicy:
    """Ours, with a tenant's words; made anew, so that they are among the words looked for."""
    parts = {name: getattr(POLICY, name) for name in type(POLICY).model_fields}
    return TriagePolicy.model_validate(parts | {"tenant": Tenant(roles=roles)})


def _role(text: str, policy: TriagePolicy, *, declared: str | None = None) -> str:
    complaint = registered(text, at=NOON, declared_role=declared)
    decided = decide(complaint, History(), policy)
    assert isinstance(decided, Decision)
    (triaged,) = [each for each in decided.emits if isinstance(each, ComplaintTriaged)]
    return triaged.role


@pytest.mark.parametrize(
    "text",
    ["Medlemmet har ventet lenge.", "Medlemen har venta lenge.", "The member has waited long."],
)
def test_a_tenants_own_words_tell_who_asks(text: str) -> None:
    """A club's members would be customers to us, whatever the club says they are."""
    policy = _policy(TenantRole(words=("medlem*", "member*"), role="user"))
    assert _role(text, POLICY) == "customer"
    assert _role(text, policy) == "user"


def test_what_is_declared_still_counts_more() -> None:
    """A word in passing would overrule what the channel knows."""
    policy = _policy(TenantRole(words=("medlem*",), role="user"))
    assert _role("Medlemmet får ikke betalt.", policy, declared="customer") == "customer"


@pytest.mark.parametrize(
    ("calm", "hot"),
    [
        ("Pakken har ikke kommet.", "PAKKEN HAR IKKE KOMMET!!! Dette er helt SINNSYKT!!!"),
        ("Pakken har ikkje kome.", "PAKKEN HAR IKKJE KOME!!! Dette er heilt SJUKT!!!"),
        ("The parcel has not come.", "THE PARCEL HAS NOT COME!!! This is INSANE!!!"),
    ],
)
def test_heat_rises_with_the_voice_and_moves_nothing(calm: str, hot: str) -> None:
    """Tone could not be told in degrees, or would buy something."""
    quiet, loud = read(calm), read(hot)
    assert quiet.heat is not None
    assert loud.heat is not None
    assert 0 <= quiet.heat < loud.heat <= 1
    assert quiet.severity == loud.severity


@pytest.mark.parametrize(
    ("glad", "plain"),
    [
        ("Jeg liker lampen, hvor finner jeg en god pære?", "Hvor finner jeg en pære?"),
        ("Eg likar lampa, kvar finn eg ei god pære?", "Kvar finn eg ei pære?"),
        ("I like the lamp and look for a good bulb.", "I look for a bulb for the lamp."),
    ],
)
def test_gladness_is_no_heat(glad: str, plain: str) -> None:
    """Who is glad would be taken for somebody heated."""
    assert _heat(glad) <= _heat(plain)


@pytest.mark.parametrize(
    ("furious", "more"),
    [
        ("Dette er helt SINNSYKT!!! Jeg er rasende!", "Forbanna IDIOTER, jeg er rasende!!!"),
        ("I am furious!!", "I am FURIOUS!!! Outrageous, you damn idiots!"),
    ],
)
def test_of_two_furious_texts_one_may_be_hotter(furious: str, more: str) -> None:
    """Every furious text would be as hot as the worst."""
    assert (read(furious).arousal, read(more).arousal) == ("furious", "furious")
    assert _heat(furious) < _heat(more)


def _heat(text: str) -> float:
    heat = read(text).heat
    assert heat is not None
    return heat
