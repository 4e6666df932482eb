"""A country's public holidays, from the library `holidays`, without its other countries.

The library's own way imports all 250 of them, a sixth of a second for every process and command.
"""

from datetime import date
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The holidays of a year. `country`: its ISO 3166 code; `LookupError` for another."""
    # Only needed when something is due.
    import holidays  # noqa: PLC0415 -- see the line above
    from holidays.registry import COUNTRIES  # noqa: PLC0415 -- see above

    found = ((name, codes[0]) for name, codes in COUNTRIES.items() if country in codes[1:])
    name, entity = next(found, ("", ""))
    file = Path(holidays.__file__).parent / "countries" / f"{name}.py"
    spec = spec_from_file_location(f"holidays_of_{name}", file)
    if not name or spec is None or spec.loader is None:
        raise LookupError(country)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return frozenset(getattr(module, entity)(years=[year]))
