"""Looking at what an act would do: the act itself, rolled back, so that what is shown and what is done cannot differ."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from booking import db

T = TypeVar("T")


class _OnlyLooking(Exception):
    pass


async def look(act: Callable[[], Awaitable[T]]) -> T:
    """What the act would return now; nothing of it stays (promise P10). Raises what the act raises."""
    seen: list[T] = []

    async def body() -> None:
        seen.append(await act())
        raise _OnlyLooking

    with suppress(_OnlyLooking):
        await db.run_tx(body)
    return seen[0]
