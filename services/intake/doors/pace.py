"""How many complaints a source may hand in: a token bucket a source, in this process."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from services.intake.doors.problems import Turned
from services.intake.policy import Pace
from shared.errors import Fault


@dataclass
class Paces:
    """Full at first; `now_s` is a clock that only goes forward. Only known sources get a bucket."""

    rules: Pace
    now_s: Callable[[], float] = time.monotonic
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, source: str, complaints: int = 1) -> None:
        """Take that many; raises `Turned` 429 with Retry-After when they are not there."""
        now = self.now_s()
        left, since = self._buckets.get(source, (float(self.rules.burst), now))
        left = min(self.rules.burst, left + (now - since) * self.rules.complaints_per_s)
        short = min(complaints, self.rules.burst) - left
        self._buckets[source] = (left if short > 0 else left - complaints, now)
        if short > 0:
            wait_s = max(1, math.ceil(short / self.rules.complaints_per_s))
            hint = f"at most {self.rules.complaints_per_s} a second; try again in {wait_s} seconds"
            fault = Fault("too_many", "", hint)
            headers = {"Retry-After": str(wait_s)}
            raise Turned(HTTPStatus.TOO_MANY_REQUESTS, fault, headers=headers)
