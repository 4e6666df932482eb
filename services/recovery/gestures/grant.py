"""What we give of our own: vouchers, credit, time and access, each with a code to use it by.

The code is drawn, not derived: whoever knows an id must not be able to guess it. It is kept under
the gesture's key, so that every attempt finds the same one. Its last sign checks the others.
"""

import asyncio
import secrets

from sqlalchemy import Engine, select, update

from services.recovery.ledger import grants
from shared.ledger.engine import insert_if_absent
from shared.stage.effects import Claimed, Outcome

# Crockford's alphabet: no I, L, O, U, so that a code can be read aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_SIGNS = 15  # 75 bits: beyond guessing, and four groups of four with the check


class Grant:
    """Performs the effect `grant`; done at once."""

    def __init__(self, engine: Engine) -> None:
        """`engine`: recovery's ledger."""
        self.engine = engine

    async def perform(self, effect: Claimed) -> Outcome:
        """Issue it, once; its code is the provider reference."""
        return await asyncio.to_thread(self._issue, effect)

    async def ask(self, effect: Claimed) -> Outcome:
        """What was issued; if nothing was, the next attempt may."""
        code = await asyncio.to_thread(self._code, effect.key)
        return Outcome("again", code="not_issued") if code is None else Outcome("posted", code)

    def _issue(self, effect: Claimed) -> Outcome:
        payload = effect.payload
        row = {
            "grant_id": effect.key,
            "complaint_id": effect.complaint_id,
            "recovery_id": payload["recovery_id"],
            "kind": payload["gesture"],
            "amount_minor": payload["amount_minor"],
            "currency": payload.get("currency"),
            "code": new_code(),
            "valid_until": payload.get("valid_until"),
            "units": payload.get("units", 0),
            "unit": payload.get("unit", ""),
        }
        with self.engine.begin() as connection:
            connection.execute(insert_if_absent(grants, self.engine), [row])
        return Outcome("posted", self._code(effect.key))

    def _code(self, grant_id: str) -> str | None:
        statement = select(grants.c.code).where(grants.c.grant_id == grant_id)
        with self.engine.execution_options(read_only=True).begin() as connection:
            return connection.execute(statement).scalar()


class GrantEnd:
    """Performs the effect `grant_end`: what nobody used by then is used no more."""

    def __init__(self, engine: Engine) -> None:
        """`engine`: recovery's ledger."""
        self.engine = engine

    async def perform(self, effect: Claimed) -> Outcome:
        """What became of it, in `detail.grant_state`: redeemed, expired, revoked, never issued."""
        return await asyncio.to_thread(self._ended, str(effect.payload["grant_id"]))

    async def ask(self, effect: Claimed) -> Outcome:
        """The same, again."""
        return await self.perform(effect)

    def _ended(self, grant_id: str) -> Outcome:
        with self.engine.begin() as connection:
            connection.execute(
                update(grants)
                .where((grants.c.grant_id == grant_id) & (grants.c.state == "issued"))
                .values(state="expired")
            )
            state = connection.execute(
                select(grants.c.state).where(grants.c.grant_id == grant_id)
            ).scalar()
        return Outcome(
            "posted", detail={"grant_id": grant_id, "grant_state": state or "never_issued"}
        )


def new_code() -> str:
    """A fresh code, "XXXX-XXXX-XXXX-XXXX"."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(CODE_SIGNS))
    whole = signs + check_sign(signs)
    return "-".join(whole[i : i + 4] for i in range(0, len(whole), 4))


def is_code(text: str) -> bool:
    """Whether the check sign fits: a slip of the finger is told before anything is looked up."""
    signs = text.upper().replace("-", "").replace(" ", "")
    if len(signs) != CODE_SIGNS + 1 or any(sign not in ALPHABET for sign in signs):
        return False
    return check_sign(signs[:-1]) == signs[-1]


def check_sign(signs: str) -> str:
    """Luhn's rule in base 32: finds every single wrong sign and nearly every swap of two."""
    total = 0
    for place, sign in enumerate(reversed(signs)):
        value = ALPHABET.index(sign) * (2 if place % 2 == 0 else 1)
        total += value // len(ALPHABET) + value % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]
