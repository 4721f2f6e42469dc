"""How many texts may leave: a second by all workers together, an hour, a day, to one number, and to which countries.

Providers answer with 429 past their pace, and somebody who makes us text numbers of theirs by the thousand is stopped by the rest ("SMS
pumping"). All workers share the rows of one small table, written once for each batch.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.contacts import is_uk_mobile
from booking.settings import Messages

SECOND, HOUR, DAY, HOLD = "sms second", "sms hour", "sms day", "sms hold"
KEYS = (SECOND, HOUR, DAY, HOLD)
WINDOWS = {HOUR: timedelta(hours=1), DAY: timedelta(days=1)}
NEWEST = "DO UPDATE SET began_at = excluded.began_at, used = excluded.used"
LONGEST_QUEUE = timedelta(seconds=10)  # that a worker waits for its turn
CLOCK_SET_BACK = timedelta(minutes=10)  # a queue that is longer than this comes from a clock that was wrong
LONGEST_HOLD = timedelta(hours=1)  # the same: providers ask for seconds or minutes
LOOKED_BACK = timedelta(days=40)  # a text that left today was written within that time


@dataclass(frozen=True, slots=True)
class Permits:
    """So many texts may be claimed, from that instant on."""

    count: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """Four fifths of a limit are used up in this hour or day; past the whole of it everything waits. No personal data."""

    window: str
    used: int
    limit: int

    @property
    def words(self) -> str:
        what = "All further texts wait" if self.used >= self.limit else "Past the limit texts wait"
        return f"{self.used:,} of {self.limit:,} texts allowed in one {self.window} have left. {what}."


async def take(messages: Messages, wanted: int) -> Permits:
    """Permits for up to a second's worth of texts; none while a limit is reached or the provider wants a pause.

    SECOND's began_at is the instant until which all turns are taken: whoever comes next queues up behind it.
    """
    while (permits := await db.run_tx(lambda: _take(messages, wanted))) is None:
        await _first_rows()
    return permits


async def _first_rows() -> None:
    """Nothing is used up and nobody has a turn. What is not there cannot be locked: without these the very first workers would all
    believe that nobody is before them."""
    await _write(dict.fromkeys(KEYS, (clock.now(), 0)), on_conflict="DO NOTHING")


async def _take(messages: Messages, wanted: int) -> Permits | None:
    """None while there are no rows yet at which workers could wait for each other."""
    now, known = clock.now(), await _locked()
    if any(key not in known for key in KEYS):
        return None
    nothing = Permits(0, now)
    if now < known[HOLD]["began_at"] <= now + LONGEST_HOLD:
        return nothing
    windows = {key: _window(known[key], now, length) for key, length in WINDOWS.items()}
    left = min(limit - windows[key][1] for key, limit in _limits(messages).items())
    count = min(wanted, left, max(1, messages.sms_a_minute // 60))
    taken_until = known[SECOND]["began_at"]
    if taken_until > now + CLOCK_SET_BACK:
        taken_until = now
    if count <= 0 or taken_until > now + LONGEST_QUEUE:
        return nothing
    starts_at = max(now, taken_until)
    await _write(
        {key: (began_at, used + count) for key, (began_at, used) in windows.items()}
        | {SECOND: (starts_at + count * timedelta(minutes=1) / messages.sms_a_minute, 0)}
    )
    return Permits(count, starts_at)


def _window(line: dict[str, Any] | None, now: datetime, length: timedelta) -> tuple[datetime, int]:
    """When the window that `now` is in began, and how much of it is used."""
    if line and line["began_at"] <= now < line["began_at"] + length:
        return line["began_at"], line["used"]
    return now, 0


def _limits(messages: Messages) -> dict[str, int]:
    return {HOUR: messages.sms_an_hour, DAY: messages.sms_a_day}


async def give_back_turns(messages: Messages, count: int) -> None:
    """Turns for which there was nothing to claim."""
    if count > 0:
        await db.run_tx(lambda: _give_back_turns(timedelta(minutes=1) * count / messages.sms_a_minute))


async def _give_back_turns(time: timedelta) -> None:
    known = await _locked()
    if SECOND in known:
        await _write({SECOND: (known[SECOND]["began_at"] - time, 0)})


async def give_back(count: int) -> None:
    """What of the hour's and the day's permits has not left after all."""
    if count > 0:
        await db.run_tx(lambda: _give_back(count))


async def _give_back(count: int) -> None:
    known = await _locked()
    windows = [known[key] for key in WINDOWS if key in known]
    await _write({line["key"]: (line["began_at"], max(line["used"] - count, 0)) for line in windows})


async def hold(seconds: float) -> None:
    """The provider wants a pause: no worker takes permits before it is over."""
    await _write({HOLD: (clock.now() + min(timedelta(seconds=seconds), LONGEST_HOLD), 0)})


async def alarms(messages: Messages) -> list[Alarm]:
    """The limits for all of us that are used up to four fifths or more, for county admins and for monitoring."""
    now = clock.now()
    known = {line["key"]: line for line in await db.rows("SELECT * FROM pace WHERE key IN ($1, $2)", HOUR, DAY)}
    used = {key: _window(known.get(key), now, length)[1] for key, length in WINDOWS.items()}
    return [
        Alarm(key.removeprefix("sms "), used[key], limit)
        for key, limit in _limits(messages).items()
        if used[key] * 5 >= limit * 4
    ]


async def _locked() -> dict[str, dict[str, Any]]:
    """Everybody locks the rows in this order and then writes no others, so that nobody waits for somebody who waits for them."""
    lock = " FOR UPDATE" if db.is_postgres() else ""
    lines = await db.rows(f"SELECT key, began_at, used FROM pace ORDER BY key{lock}")
    return {line["key"]: line for line in lines}


async def _write(values: dict[str, tuple[datetime, int]], on_conflict: str = NEWEST) -> None:
    places = ", ".join(f"(${n}, ${n + 1}, ${n + 2})" for n in range(1, 3 * len(values) + 1, 3))
    if values:
        await db.execute(
            f"INSERT INTO pace (key, began_at, used) VALUES {places} ON CONFLICT (key) {on_conflict}",
            *(value for key, (began_at, used) in sorted(values.items()) for value in (key, began_at, used)),
        )


async def is_too_many_to_one(messages: Messages, address: str, row_id: UUID) -> bool:
    """Whether so many texts left for this number in the last hour or day that this row has to wait.

    What is claimed before it counts as well, in the order of the ids, so that a batch, or several workers, cannot pass the limit together.
    """
    now = clock.now()
    found = await db.row(
        "SELECT count(*) AS in_day, COALESCE(SUM(CASE WHEN sent_at > $4 OR sent_at IS NULL THEN 1 ELSE 0 END), 0) AS in_hour"
        " FROM message WHERE address = $1 AND created_at > $2 AND channel = 'sms'"
        " AND (sent_at > $3 OR (state = 'claimed' AND id < $5))",
        address,
        now - LOOKED_BACK,
        now - WINDOWS[DAY],
        now - WINDOWS[HOUR],
        row_id,
    )
    assert found is not None
    return found["in_hour"] >= messages.sms_an_hour_to_one or found["in_day"] >= messages.sms_a_day_to_one


def is_allowed_country(messages: Messages, phone: str) -> bool:
    """Whether texts may go to this kind of number: of 44 mobiles alone (no landlines, pagers and personal numbers, which cost
    their caller), of other countries those that the county has named."""
    if phone.startswith("+44"):
        return "44" in messages.sms_countries.split() and is_uk_mobile(phone)
    return any(phone.startswith(f"+{code}") for code in messages.sms_countries.split())
