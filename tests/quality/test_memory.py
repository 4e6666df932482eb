"""A worker that reads for months takes no more memory than one that has read for an hour."""

import subprocess
import sys

import pytest

COMPLAINTS = 100_000
# The tables of words are full after the first quarter; what comes later is the allocator's.
GROWTH_MAX = 1.05


@pytest.mark.long
def test_memory_is_flat_over_a_hundred_thousand_complaints() -> None:
    """A worker would be killed in the busiest hour, since every new word stays with it."""
    command = [sys.executable, "-m", "benchmarks.triage", "--memory", str(COMPLAINTS)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    first, *_, last = (float(mb) for mb in said.rpartition(":")[2].split())
    sys.stdout.write(said)
    assert last / first < GROWTH_MAX
