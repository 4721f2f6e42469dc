"""A machine that books, moves, splits, joins, closes, cancels and decides at random, beside a model that a child could check.

    python -m tests.places.room_machine URL [EXAMPLES]

The model knows for each booking which quarter hours of which parts it takes. Whatever the verbs answer must be what the
model expects, and after each step the holds in the database are exactly those of the model.
"""

import asyncio
import sys
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from booking import clock, db
from booking import settings as booking_settings
from booking.messages import sender
from booking.people.signing_in import Who
from booking.places import booking_rooms, cancelling_rooms, changing_rooms, closing, deciding_requests, dividing
from booking.places.asking import Ask
from booking.places.changing_rooms import Wish
from booking.places.models import Keyholder
from booking.problems import Refused
from booking.programmes.closures import closing_places
from booking.programmes.closures.closing_answers import CANCEL, KEEP
from booking.programmes.closures.closing_lists import GROUPS
from booking.programmes.closures.closing_wanted import Closing, How, Place
from tests import make
from tests.places.who import partner_who, staff_who

NOW = "2027-01-04 09:00+00:00"
DAYS = [date(2027, 1, 12), date(2027, 1, 13)]
SETUP = timedelta(minutes=15)
URL = ""
EMPTIED = ("message", "audit_event", "room_hold", "room_booking", "closure", "keyholder", "room_part", "room")


@dataclass(frozen=True)
class Use:
    """A booking in the model: its room (whole or part), its time without set-up, and whether it holds it for sure."""

    room: str
    day: date
    start: int
    end: int
    state: str

    @property
    def times(self) -> tuple[Any, Any]:
        return clock.at(self.day, f"{self.start:02}:00") - SETUP, clock.at(self.day, f"{self.end:02}:00") + SETUP


class Rooms(RuleBasedStateMachine):
    """Rooms A, B, C and a hall; the hall can be made of two of them and be one room again."""

    def __init__(self):
        super().__init__()
        self.uses: dict[UUID, Use] = {}
        self.parts: dict[str, tuple[str, ...]] = {}
        self.closed: set[tuple[str, date]] = set()

    def do(self, work: Any) -> Any:
        return LOOP.run_until_complete(work)

    def leaves(self, room: str) -> tuple[str, ...]:
        return self.parts.get(room, (room,))

    def clashes(self, use: Use, *, besides: UUID | None = None, with_closures: bool = True) -> bool:
        if with_closures and any(day == use.day and room in self.leaves(use.room) for room, day in self.closed):
            return True
        starts, ends = use.times
        return any(
            set(self.leaves(use.room)) & set(self.leaves(other.room))
            and other.times[0] < ends
            and starts < other.times[1]
            for id, other in self.uses.items()
            if id != besides
        )

    @initialize()
    def make_rooms(self) -> None:
        self.do(self._make_rooms())

    async def _make_rooms(self) -> None:
        for table in EMPTIED:
            await db.execute(f"DELETE FROM {table}")
        at = await make.location()
        await make.opening_hours(at, "09:00", "18:00")
        self.rooms = {
            name: await make.room(at, name=name, is_partner_bookable=True, setup_minutes=15, clear_minutes=15)
            for name in ("A", "B", "C", "Hall")
        }
        self.location = at
        organisation = await make.organisation()
        self.keyholder = await Keyholder.create(location=at, name="Jo")
        self.partner = partner_who(await make.booker(organisation), organisation)
        self.staff = staff_who(await make.staff("hub_manager", at.id), {at.id}, "hub_manager")

    def names(self) -> dict[UUID, str]:
        return {room.id: name for name, room in self.rooms.items()}

    def ask(self, use: Use, who: Who) -> Ask:
        own = {"as_partner": True, "organisation_id": who.organisation_ids[0]} if who is self.partner else {}
        room = self.rooms[use.room]
        return Ask(room.id, f"{use.start:02}:00", f"{use.end:02}:00", day=use.day, title="Any", **own)

    @rule(room=st.sampled_from(["A", "B", "C", "Hall"]), day=st.sampled_from(DAYS), start=st.integers(9, 17),
          hours=st.integers(1, 3), is_staff=st.booleans())  # fmt: skip
    def book(self, room: str, day: date, start: int, hours: int, is_staff: bool) -> None:
        use = Use(room, day, start, min(start + hours, 18), "confirmed")
        who = self.staff if is_staff else self.partner
        self.expect(use, booking_rooms.book(self.ask(use, who), by=who))

    @rule(room=st.sampled_from(["A", "B", "C", "Hall"]), day=st.sampled_from(DAYS), start=st.integers(18, 20))
    def ask_for_an_evening(self, room: str, day: date, start: int) -> None:
        use = Use(room, day, start, start + 2, "requested")
        self.expect(use, booking_rooms.book(self.ask(use, self.partner), by=self.partner))

    def expect(self, use: Use, work: Any) -> None:
        is_refused = self.clashes(use)
        try:
            booked = self.do(work)
        except Refused as refused:
            assert is_refused, refused
        else:
            assert not is_refused
            self.uses[booked.booking_ids[0]] = use

    @rule(pick=st.integers(0, 30), room=st.sampled_from([None, "A", "B", "Hall"]), start=st.integers(9, 16))
    def move(self, pick: int, room: str | None, start: int) -> None:
        if not self.uses:
            return
        id, use = self.pick(pick)
        wanted = replace(use, room=room or use.room, start=start, end=start + 2, state="confirmed")
        is_refused = self.clashes(wanted, besides=id)
        by = self.staff
        try:
            wish = Wish(room_id=self.rooms[wanted.room].id, start=f"{start:02}:00", end=f"{start + 2:02}:00")
            self.do(changing_rooms.change(room_booking_id=id, scope="this", wish=wish, by=by))
        except Refused as refused:
            assert is_refused, refused
        else:
            assert not is_refused
            self.uses[id] = wanted

    def pick(self, number: int) -> tuple[UUID, Use]:
        return sorted(self.uses.items())[number % len(self.uses)]

    @rule(pick=st.integers(0, 30), is_undone=st.booleans())
    def cancel(self, pick: int, is_undone: bool) -> None:
        if not self.uses:
            return
        id, use = self.pick(pick)
        ended = self.do(cancelling_rooms.cancel(room_booking_id=id, scope="this", by=self.staff))
        del self.uses[id]
        if is_undone:
            is_refused = self.clashes(use, with_closures=False)  # it was kept, so it may come back
            try:
                self.do(cancelling_rooms.undo_cancel(event_id=ended.event_id, by=self.staff))
            except Refused as refused:
                assert is_refused, refused
            else:
                assert not is_refused
                self.uses[id] = use

    @rule(pick=st.integers(0, 30), is_welcome=st.booleans())
    def decide(self, pick: int, is_welcome: bool) -> None:
        waiting = sorted(id for id, use in self.uses.items() if use.state == "requested")
        if not waiting:
            return
        id = waiting[pick % len(waiting)]
        if is_welcome:
            decided = self.do(
                deciding_requests.approve(room_booking_ids=[id], by=self.staff, keyholder_id=self.keyholder.id)
            )
            assert decided.confirmed == (id,)
            self.uses[id] = replace(self.uses[id], state="confirmed")
        else:
            self.do(deciding_requests.decline(room_booking_ids=[id], by=self.staff, why="No"))
            del self.uses[id]

    @rule(parts=st.sampled_from([("A", "B"), ("B", "C"), ("A", "B", "C")]))
    def divide_the_hall(self, parts: tuple[str, ...]) -> None:
        """Dividing, joining and splitting are all this: the hall is made of other parts than before."""
        before = dict(self.parts)
        self.parts = {"Hall": parts}
        own = [(id, use) for id, use in self.uses.items() if use.room == "Hall"]
        is_refused = before == self.parts or any(self.clashes(use, besides=id, with_closures=False) for id, use in own)
        try:
            self.do(
                dividing.set_parts(
                    room_id=self.rooms["Hall"].id, part_ids=[self.rooms[part].id for part in parts], by=self.staff
                )
            )
        except Refused as refused:
            self.parts = before
            assert is_refused, refused
        else:
            assert not is_refused

    @rule(room=st.sampled_from(["A", "C"]), day=st.sampled_from(DAYS), is_kept=st.booleans())
    def close_for_a_day(self, room: str, day: date, is_kept: bool) -> None:
        """What is in the way is kept and the closure laid around it, or cancelled with it."""
        if (room, day) in self.closed:
            return
        span = clock.at(day, "00:00"), clock.at(day + timedelta(days=1), "00:00")
        wanted = Closing((Place(self.location.id, self.rooms[room].id),), (span,), "Repairs")
        answers = dict.fromkeys(GROUPS, KEEP if is_kept else CANCEL)
        self.do(closing_places.close(wanted, How(answers), seen=None, by=self.staff))
        self.closed.add((room, day))
        if not is_kept:
            self.uses = {
                id: use for id, use in self.uses.items() if use.day != day or room not in self.leaves(use.room)
            }

    @rule()
    def open_again(self) -> None:
        for row in self.do(db.rows("SELECT id FROM closure ORDER BY id")):
            self.do(closing.reopen(closure_id=row["id"], by=self.staff))
        self.closed = set()

    @invariant()
    def holds_are_those_of_the_model(self) -> None:
        if not hasattr(self, "rooms"):
            return
        names = self.names()
        rows = self.do(db.rows("SELECT h.room_id, h.room_booking_id, h.starts_at, h.ends_at FROM room_hold h"
                               " JOIN room_booking b ON b.id = h.room_booking_id WHERE b.kind <> 'closure'"))  # fmt: skip
        found = sorted((str(r["room_booking_id"]), names[r["room_id"]], r["starts_at"], r["ends_at"]) for r in rows)
        expected = sorted(
            (str(id), leaf, *use.times) for id, use in self.uses.items() for leaf in self.leaves(use.room)
        )
        assert found == expected

    @invariant()
    def closures_hold_the_whole_day_but_for_what_was_kept(self) -> None:
        """Together the holds of a closed room leave no gap."""
        for room, day in self.closed:
            starts, ends = clock.at(day, "00:00"), clock.at(day + timedelta(days=1), "00:00")
            rows = self.do(
                db.rows(
                    "SELECT starts_at, ends_at FROM room_hold WHERE room_id = $1 AND ends_at > $2 AND starts_at < $3"
                    " ORDER BY starts_at",
                    self.rooms[room].id, starts, ends,
                )
            )  # fmt: skip
            reached = starts
            for row in rows:
                assert row["starts_at"] <= reached, (room, reached, row)
                reached = max(reached, row["ends_at"])
            assert reached >= ends, (room, reached)


LOOP = asyncio.new_event_loop()


def main(url: str, examples: int) -> None:
    sender.use(booking_settings.load(environment={"BOOKING_SECRET_KEY": "a key for tests only"}))
    clock.use_zone("Europe/London")
    LOOP.run_until_complete(db.open_database(booking_settings.Database(url=url, pool=1)))
    without_waiting_for_the_disk = "SET synchronous_commit = off" if db.is_postgres() else "PRAGMA synchronous = OFF"
    LOOP.run_until_complete(db.execute(without_waiting_for_the_disk))
    machine = settings(
        max_examples=examples, stateful_step_count=20, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), print_blob=True, derandomize=True,
    )  # fmt: skip
    try:
        with time_machine.travel(NOW, tick=False):
            run_state_machine_as_test(Rooms, settings=machine)
    finally:
        LOOP.run_until_complete(db.close_database())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 40)
