"""A hub with a published rota, somebody who falls ill and colleagues who are asked; for the tests of repair."""

from datetime import date, timedelta
from typing import Any

from booking import clock, db
from booking.people.models import Person
from booking.rotas.models import Assignment, CoverAsk, Publication
from booking.rotas.repair import asking
from tests import make
from tests.rotas.making import who_of

DAY = date(2027, 1, 12)
MORNING = clock.at(date(2027, 1, 11), "10:00")


class Hub:
    """Ferndown, whose manager is Tom; Sam has Tuesday morning and afternoon, Kim and Lee are free. Nobody has to be two."""

    @classmethod
    async def make(cls, **values: Any) -> "Hub":
        self = cls()
        self.at = await make.location(name="Ferndown Family Hub", needs_two=False, lat=50.8, lon=-1.9, **values)
        self.tom = who_of(await make.staff("hub_manager", self.at.id, name="Tom Field"), self.at.id)
        self.sam = await self.worker("Sam Green", 1)
        self.kim, self.lee = await self.worker("Kim Day", 2), await self.worker("Lee Fox", 3)
        self.early = await self.shift()
        self.late = await self.shift(start="14:00", end="17:00")
        for each in (self.early, self.late):
            await make.assignment(each, self.sam)
        await Publication.create(
            hub_id=self.at.id, first_date=DAY - timedelta(days=1), last_date=DAY + timedelta(days=6), state="told",
            at=clock.now(), due_at=clock.now(),
        )  # fmt: skip
        return self

    async def worker(self, name: str, number: int, **values: Any):
        member = await make.worker(self.at, known_as=name, **values)
        await Person.filter(id=member.person_id).update(phone=f"+4477009003{number:02}", channel="sms", email="")
        return member

    async def shift(self, days: int = 0, **values: Any):
        return await make.shift(values.pop("at", self.at), date=DAY + timedelta(days=days), **values)

    async def open_shift(self, **values: Any):
        """A published hub's shift that nobody is in."""
        return await self.shift(**values)

    async def ask(self, shift, *members) -> list[CoverAsk]:
        """Asks them; the questions in the order of the members."""
        await asking.ask(shift_id=shift.id, staff_ids=[each.id for each in members], by=self.tom)
        return [await CoverAsk.get(shift_id=shift.id, staff_id=each.id, state="asked") for each in members]


async def seats(shift) -> dict[str, Any]:
    """layer -> who is in it."""
    return {each.layer: each.staff_id for each in await Assignment.filter(shift_id=shift.id)}


async def messages(member=None) -> list[str]:
    """The kinds of all messages that are not taken back, of one person or all."""
    some = "" if member is None else " AND person_id = $1"
    rows = await db.rows(
        f"SELECT kind FROM message WHERE state <> 'void'{some} ORDER BY created_at, id",
        *([member.person_id] if member else []),
    )
    return [row["kind"] for row in rows]


async def left() -> None:
    """As if all that waits had been sent."""
    await db.execute("UPDATE message SET state = 'sent', sent_at = $1 WHERE state = 'queued'", clock.now())


async def state_of(ask: CoverAsk) -> str:
    return (await CoverAsk.get(id=ask.id)).state
