"""What a number may be asked besides, of which families' texts know nothing: people on the rota are asked to cover duties.

Rotas know programmes and not the other way round, so whoever answers texts is handed this (jobs/shells.py).
"""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from booking.programmes.texts.in_question import Thing


class Besides(Protocol):
    """Another area's questions to a number. Of its Things `kind` is its own, and `does` what a text then does."""

    kind: str

    async def open_for(self, phone: str, at: datetime, *, is_yes: bool) -> list[Thing]:
        """What was asked of this number and is open at that instant, as what a YES or NO would do."""
        ...

    async def is_own(self, phone: str, id_: UUID) -> bool:
        """Whether this is a question to somebody with this number."""
        ...

    async def do(self, text: dict[str, Any], does: str, id_: UUID) -> None:
        """Does what the text says, and settles it."""
        ...

    async def say_how_it_is(self, text: dict[str, Any], since: datetime | None) -> bool:
        """Answers a yes to what is over, where the number was asked after `since` (None: ever); False where there was nothing."""
        ...


class Nothing:
    """Nobody else asks numbers anything."""

    kind = ""

    async def open_for(self, phone: str, at: datetime, *, is_yes: bool) -> list[Thing]:
        return []

    async def is_own(self, phone: str, id_: UUID) -> bool:
        return False

    async def do(self, text: dict[str, Any], does: str, id_: UUID) -> None:
        raise ValueError(f"a text cannot {does}")

    async def say_how_it_is(self, text: dict[str, Any], since: datetime | None) -> bool:
        return False


NOTHING = Nothing()
