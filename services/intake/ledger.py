"""What the doors ask the ledger: was this Idempotency-Key used, is this complaint registered?

`request_keys`: (source, key) as one derived name, and the hash of the body; neither the key nor
the body is kept. Whether a complaint is registered, the stage's own shared rows say.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import Column, Double, Engine, MetaData, Table, Text, delete, select
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import Transient
from shared.ledger.engine import insert_if_absent, now_s
from shared.ledger.migrate import migrate
from shared.ledger.tables import reserves

metadata = MetaData()
request_keys = Table(
    "request_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body_sha256", Text, nullable=False),
    Column("at", Double, nullable=False),
)


@dataclass
class DoorLedger:
    """The doors' view of intake's ledger; connects when it is first asked."""

    open: Callable[[], Engine]
    kept_s: float
    _engine: Engine | None = None
    _opening: Lock = field(default_factory=Lock)

    def claim(self, name: str, body_sha256: str) -> bool:
        """Whether this name is free or came with this very body; raises `Transient`."""
        try:
            engine = self._opened()
            with engine.begin() as connection:
                old = request_keys.c.at < now_s(engine) - self.kept_s
                connection.execute(delete(request_keys).where(old))
                row = {"name": name, "body_sha256": body_sha256, "at": now_s(engine)}
                connection.execute(insert_if_absent(request_keys, engine).values(row))
                asked = select(request_keys.c.body_sha256).where(request_keys.c.name == name)
                kept: str = connection.execute(asked).scalar_one()
        except SQLAlchemyError as error:
            raise Transient(type(error).__name__) from None
        return kept == body_sha256

    def registered(self, complaint_id: str) -> bool:
        """Whether the stage has registered it; raises `Transient`."""
        asked = select(reserves.c.used).where(reserves.c.name == f"complaint:{complaint_id}")
        try:
            reading = self._opened().execution_options(read_only=True)
            with reading.connect() as connection:
                return connection.execute(asked).first() is not None
        except SQLAlchemyError as error:
            raise Transient(type(error).__name__) from None

    def _opened(self) -> Engine:
        with self._opening:
            if self._engine is None:
                engine = self.open()
                migrate(engine, "intake")
                self._engine = engine
            return self._engine
