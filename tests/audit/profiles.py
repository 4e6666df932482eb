"""Which cases run together, and how much is sent in each."""

from tests.audit.cases import CASES, MUTANTS
from tests.audit.driver import BAD_INPUTS

COMPLAINTS = 100
SMOKE = ("F1", "F2", "F3", "F7", "F9", "F12", "F20", "F24", "F28", "F32", BAD_INPUTS)
# What takes half an hour, or ten minutes without a broker, has a profile of its own.
AWAY, MANY, SOAK = ("F13",), tuple(name for name in CASES if name.startswith("F37")), ("soak",)
FAULTS = tuple(each.name for each in CASES.values() if not each.mutant)
# It must first prove that it can fail.
FULL = (
    *(case.name for case in MUTANTS),
    *(name for name in FAULTS if name not in {*AWAY, *MANY, *SOAK}),
    BAD_INPUTS,
)
PROFILES = {"smoke": SMOKE, "full": FULL, "away": AWAY, "many": MANY, "soak": SOAK}
# Half an hour of half the load.
SENT = {"soak": 18_000}
KNOWN = (*CASES, BAD_INPUTS)


def part_of(profile: str, part: str) -> tuple[str, ...]:
    """The cases of the n-th of so many parts ("2/4"); raises ValueError when there is no such."""
    number, _, many = part.partition("/")
    place, parts, cases = int(number), int(many), PROFILES[profile]
    if not 1 <= place <= parts:
        raise ValueError(part)
    return cases[(place - 1) * len(cases) // parts : place * len(cases) // parts]
