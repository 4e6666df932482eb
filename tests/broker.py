"""One real broker for a whole ring of tests; a ring's conftest.py imports `broker` to offer it."""

import os
from collections.abc import Iterator

import pytest

from shared.embedded import prepare, start_broker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it listens, "host:port". KULANSE_TEST_BOOTSTRAP names another, which is left alone.

    Tests share it, so each makes topics and groups with names of its own.
    """
    given = os.environ.get("KULANSE_TEST_BOOTSTRAP")
    if given:
        yield given
        return
    prepare()  # the rings start many brokers: what this takes comes back
    with start_broker(tmp_path_factory.mktemp("broker") / "kafka") as started:
        yield started.bootstrap
