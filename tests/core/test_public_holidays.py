"""Public holidays: the library's own, without importing every country."""

import subprocess
import sys

import pytest
from holidays.utils import country_holidays

from shared.public_holidays import public_holidays

WITHOUT_THE_REST = """
import sys
from shared.public_holidays import public_holidays
assert public_holidays("NO", 2026)
print(sum(name.startswith("holidays.countries") for name in sys.modules))
"""


@pytest.mark.parametrize("country", ["NO", "SE", "DK", "FI", "GB", "DE"])
def test_they_are_the_librarys_own(country: str) -> None:
    """Somebody would be promised an answer on a day when nobody works."""
    for year in range(2024, 2032):
        assert public_holidays(country, year) == set(country_holidays(country, years=[year]))


@pytest.mark.parametrize("country", ["", "XX", "Norway"])
def test_an_unknown_country_is_none(country: str) -> None:
    """A slip in the policy would pass for a country without holidays."""
    with pytest.raises(LookupError):
        public_holidays(country, 2026)


def test_one_country_is_imported_and_no_other() -> None:
    """Every command and process would start a sixth of a second later."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_REST], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0"
