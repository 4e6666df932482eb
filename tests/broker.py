"""A real broker for each file of tests; a ring's conftest.py imports `broker` to offer it."""

import os
from collections.abc import Iterator

import pytest

from shared.embedded import prepare, start_broker


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it listens, "host:port". KULANSE_TEST_BOOTSTRAP names another, which is left alone.

    The tests of a file share it; another file has other partition counts for the same topics.
    """
    given = os.environ.get("KULANSE_TEST_BOOTSTRAP")
    if given:
        yield given
        return
    prepare()  # the rings start many brokers: what this takes comes back
    with start_broker(tmp_path_factory.mktemp("broker") / "kafka") as started:
        yield started.bootstrap
