"""W3C Trace Context: which request of a sender an event goes back to.

A stranger's header is taken only as the standard writes it (https://www.w3.org/TR/trace-context/,
version 00); anything else is as if it were not there. Every event that follows carries it on.
"""

import re

# Version, trace, span, flags; ids of zeros alone are none.
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def traceparent_of(said: str | None) -> str | None:
    """The traceparent, if it is one."""
    return said if said is not None and _TRACEPARENT.fullmatch(said) else None
