"""A boiler that fails in the demo county: a library closed for a day next week, with what is in the way moved, offered another
room or cancelled, as the page itself would begin."""

from contextlib import suppress
from datetime import date, timedelta

from booking import clock, db
from booking.demo.rooms import people
from booking.problems import Refused
from booking.programmes.closures import closing_places, closing_proposals, making_up
from booking.programmes.closures.closing_answers import sensible
from booking.programmes.closures.closing_lists import asked, in_the_way
from booking.programmes.closures.closing_wanted import Closing, How, Place, leaves_of

BY, PLACE = "tom@ferndown.example", "Verwood Library"
REASON = "No heating. The boiler is repaired that day"


async def make(today: date) -> None:
    """Closes the library on the first day after next week on which it has sessions, if nothing forbids it."""
    who = (await people()).get(BY)
    location_id = await db.value("SELECT id FROM location WHERE name = $1 ORDER BY id LIMIT 1", PLACE)
    day = await db.value(
        "SELECT MIN(date) AS first_date FROM session WHERE location_id = $1 AND state = 'planned' AND date >= $2",
        location_id, today + timedelta(days=7),
    )  # fmt: skip
    if who is None or location_id is None or day is None:
        return
    span = clock.at(day, "00:00"), clock.at(day + timedelta(days=1), "00:00")
    wanted = Closing((Place(location_id),), (span,), REASON)
    leaves = {leaf for some in (await leaves_of(wanted)).values() for leaf in some}
    found = await in_the_way(sorted(leaves), wanted.spans, who)
    options = await closing_proposals.options_for(found, closed=leaves, who=who)
    make_ups = await making_up.dates_for(asked(found))
    answers = {each.id: sensible(each, options.get(each.id, ()), is_weather=False) for each in asked(found)}
    how = How({**answers}, {session_id: each.day for session_id, each in make_ups.items()})
    with suppress(Refused):
        await closing_places.close(wanted, how, seen=None, by=who)
