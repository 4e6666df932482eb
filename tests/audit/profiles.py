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
