"""Leave as its pages show it: what waits for a manager, what is coming, what was decided lately; and one person's."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.rotas.people_who_work.leave import KINDS, STATES
from booking.words import day_and_year, short_day, time_range, time_words

Row = dict[str, Any]
COLUMNS = (
    'v.id, v.staff_id, v.first_date, v.last_date, v.start, v."end", v.kind, v.state, v.reason, v.answer, v.asked_at, v.decided_at,'
    " f.known_as, f.hub_id, f.person_id, l.name AS hub FROM leave v JOIN staff_profile f ON f.id = v.staff_id"
    " JOIN location l ON l.id = f.hub_id"
)
LATELY = timedelta(days=14)


async def of_hubs(who: Who) -> tuple[list[Row], list[Row], list[Row]]:
    """(waiting for a decision, oldest request first; approved and to come or under way, by day; decided in the last two weeks,
    latest first) at the asker's hubs. One query."""
    today = clock.today()
    rows = await db.rows(
        f"SELECT {COLUMNS} WHERE v.state <> 'withdrawn' AND (v.state = 'requested' OR v.last_date >= $1 OR v.decided_at >= $2)"
        " ORDER BY v.asked_at, v.id",
        today,
        clock.now() - LATELY,
    )
    mine = [shown(row) for row in rows if who.may_act_at(row["hub_id"])]
    waiting = [row for row in mine if row["state"] == "requested"]
    coming = [row for row in mine if row["state"] == "approved" and row["last_date"] >= today]
    lately = [
        row for row in mine if row["decided_at"] and row["decided_at"] >= clock.now() - LATELY and row["kind"] != "sick"
    ]
    coming.sort(key=lambda row: (row["first_date"], row["known_as"]))
    lately.sort(key=lambda row: row["decided_at"], reverse=True)
    return waiting, coming, lately


async def one(id: UUID) -> Row | None:
    """One leave, or None."""
    row = await db.row(f"SELECT {COLUMNS} WHERE v.id = $1", id)
    return shown(row) if row else None


async def of_person(staff_id: UUID) -> list[Row]:
    """All that somebody has had or asked for in the last year and from now on, latest first."""
    rows = await db.rows(
        f"SELECT {COLUMNS} WHERE v.staff_id = $1 AND v.last_date >= $2 ORDER BY v.first_date DESC, v.id",
        staff_id,
        clock.today() - timedelta(days=365),
    )
    return [shown(row) for row in rows]


def shown(row: Row) -> Row:
    """With words: `days` ("Mon 4 Jan to Fri 8 Jan"), `kind_words`, `state_words` and `level` of its tag."""
    levels = {"requested": "waits", "approved": "good", "declined": "bad", "withdrawn": "plain"}
    return row | {
        "days": days_words(row),
        "kind_words": KINDS.get(row["kind"], row["kind"]),
        "state_words": STATES[row["state"]],
        "level": levels[row["state"]],
        "year": day_and_year(row["first_date"]),
    }


def days_words(row: Row) -> str:
    """ "Tue 12 Jan, 9am to midday" or "Mon 4 Jan to Fri 8 Jan"."""
    first, last = row["first_date"], row["last_date"]
    words = short_day(first) if first == last else f"{short_day(first)} to {short_day(last)}"
    if (row["start"], row["end"]) == ("00:00", "24:00"):
        return words
    if row["end"] == "24:00":
        return f"{words}, from {time_words(row['start'])}"
    return (
        f"{words}, until {time_words(row['end'])}"
        if row["start"] == "00:00"
        else f"{words}, {time_range(row['start'], row['end'])}"
    )
