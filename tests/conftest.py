"""What every test shares: how Hypothesis searches."""

import os

from hypothesis import settings

# No deadline: durations are printed, never asserted. In CI the same examples every time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
