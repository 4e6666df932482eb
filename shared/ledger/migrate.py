"""Bring a service's tables up to date: Alembic, run from code, one history per service.

The stage's own tables are the branch `stage`; a service adds its own branch in
`services/NAME/migrations`.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

_ROOT = Path(__file__).resolve().parent.parent.parent
_SCRIPTS = Path(__file__).resolve().parent / "migrations"


def migrate(engine: Engine, service: str) -> None:
    """Upgrade to the newest tables; safe when several processes start at once."""
    places = [_SCRIPTS / "versions"]
    own = _ROOT / "services" / service / "migrations"
    if own.is_dir():
        places.append(own)
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("version_locations", "\n".join(str(place) for place in places))
    config.set_main_option("path_separator", "newline")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two workers starting at once: the second waits, then finds nothing to do.
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": service}
            )
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {service}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")
