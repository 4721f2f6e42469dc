"""What a rota asks often reads by an index however many weeks there have been: 120 people, 37 places, eight weeks to come and many that are over."""

import os
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from booking import clock, db
from booking.people.signing_in import Who
from booking.rotas import assigning, following, loading, publishing, reminding, telling
from booking.rotas.duties import answering as duty_answers
from booking.rotas.duties import reading as duties
from booking.rotas.duties import willing
from booking.rotas.needs import moving
from booking.rotas.repair import answering, asking, board, closing_asks, ill
from tests import make

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]
PEOPLE, PLACES = 120, 37
WEEKS = int(os.environ.get("BOOKING_PLAN_WEEKS", "24"))
BIG = "shift|assignment|cover_ask"
NAMES = r"\b(shift|assignment|cover_ask)\b"


async def a_county():
    """Places, people, and each person's five mornings a week in both layers, eight weeks of them to come."""
    hubs = [await make.location() for _ in range(PLACES)]
    people = [await make.worker(hubs[n % PLACES], known_as=f"Worker {n}") for n in range(PEOPLE)]
    first = clock.today() + timedelta(weeks=8 - WEEKS, days=7 - clock.today().weekday())
    now, shifts, assignments = clock.now(), [], []
    for week in range(WEEKS):
        for day in (first + timedelta(weeks=week, days=n) for n in range(5)):
            starts_at, ends_at = clock.at(day, "09:00"), clock.at(day, "13:00")
            for n, who in enumerate(people):
                hub, id = hubs[n % PLACES], db.new_id()
                shifts.append(
                    (
                        id,
                        "extra",
                        hub.id,
                        hub.id,
                        n,
                        "",
                        day,
                        "09:00",
                        "13:00",
                        starts_at,
                        ends_at,
                        240,
                        "",
                        "open",
                        "",
                        "",
                        now,
                    )
                )
                if n % 7:
                    assignments += [
                        (db.new_id(), id, who.id, layer, starts_at, ends_at, False, "hand", "", "", "", "", 0, now)
                        for layer in ("draft", "published")
                    ]
    columns = ["id", "kind", "location_id", "hub_id", "position", "title", "date", "start_time", "end_time", "starts_at", "ends_at", "minutes", "skills", "state", "moved_words", "named", "created_at"]  # fmt: skip
    await db.insert_many("shift", columns, shifts)
    columns = ["id", "shift_id", "staff_id", "layer", "starts_at", "ends_at", "is_pinned", "source", "answer", "answer_words", "overridden", "override_reason", "sequence", "made_at"]  # fmt: skip
    await db.insert_many("assignment", columns, assignments)
    for _ in range(3):
        await db.insert_many("cover_ask", ("id", "shift_id", "staff_id", "round_id", "token", "state", "asked_at", "asked_for", "expires_at", "words"), [
            (db.new_id(), each[0], people[4].id, db.new_id(), uuid4().hex[:24], "closed", now, "", now, "") for each in shifts[::10]
        ])  # fmt: skip
    await db.execute("ANALYZE")
    return hubs, people


async def what_is_asked_often(hubs, people):
    """A page, a verb and a job each, as they are asked all day."""
    hub, sam = hubs[0], people[PLACES]
    at = frozenset({hub.id})
    who = Who(uuid4(), "Tom", None, "", "", "", frozenset({"hub_manager"}), at, managed_hubs=at)
    monday = clock.today() + timedelta(days=14 - clock.today().weekday())
    own = await db.row(
        "SELECT shift_id FROM assignment WHERE staff_id = $1 AND starts_at > $2 LIMIT 1", sam.id, clock.now()
    )
    empty = await db.row(
        "SELECT s.id FROM shift s LEFT JOIN assignment a ON a.shift_id = s.id WHERE a.id IS NULL AND s.hub_id = $1 AND s.date = $2",
        hub.id, monday,
    )  # fmt: skip
    await loading.load([hub.id], monday, monday + timedelta(days=6))
    await loading.load([hub.id], monday, monday + timedelta(days=6), layer="published")
    await loading.around([own["shift_id"]], [people[2].id])
    await asking.ask(shift_id=empty["id"], staff_ids=[each.id for each in people[7:36:7]], by=who)
    asks = await db.rows("SELECT id FROM cover_ask WHERE state = 'asked'")
    await answering.decline(asks[0]["id"])
    await answering.take(asks[-1]["id"])
    await closing_asks.settle()
    await assigning.unassign(own["shift_id"], by=who)
    await publishing.publish(hub.id, monday - timedelta(days=7), monday + timedelta(days=60), by=who, reason="A test")
    await telling.duties_of([own["shift_id"]])
    await ill.report_ill(people[5].id, monday, monday, None)
    await duty_answers.accept_all(staff_id=people[6].id, by=None)
    await duty_answers.declined_at([hub.id])
    await reminding.remind()
    await following.follow()
    await willing.possible(people[7].id)
    await board.open_on(who, monday)
    await moving.count(hub.id)
    await duties.duties_of(sam.id, monday, monday + timedelta(days=6))


def whole_reads(plan: str) -> list[str]:
    """Big tables that this plan reads from end to end."""
    if db.is_postgres():
        return re.findall(rf"Seq Scan on ({BIG})\b", plan)
    return [line for line in plan.splitlines() if re.match(r"SCAN \w+$", line)]


async def plan_of(sql, parameters):
    if not db.is_postgres():
        aliases = {alias: table for table, alias in re.findall(rf"\b({BIG}) (\w)\b", sql)} | {
            name: name for name in BIG.split("|")
        }
        asked = db._numbered(f"EXPLAIN QUERY PLAN {sql}")
        lines = await db.connection().execute_query_dict(asked, [db._stored(each) for each in parameters])
        kept = (line["detail"] for line in lines)
        return "\n".join(line for line in kept if not line.startswith("SCAN ") or line.split()[1] in aliases)
    await db.execute("SET LOCAL enable_seqscan = off")  # what is still read whole has no index that serves
    places = max((int(n) for n in re.findall(r"\$(\d+)", sql)), default=0)
    await db.execute(f"PREPARE asked AS {sql}")
    given = f"({', '.join(['NULL'] * places)})" if places else ""
    lines = await db.rows(f"EXPLAIN EXECUTE asked{given}")
    await db.execute("DEALLOCATE asked")
    return "\n".join(line["QUERY PLAN"] for line in lines)


async def test_nothing_that_is_asked_often_reads_all_duties_that_ever_were(monkeypatch):
    hubs, people = await a_county()
    asked, rows = {}, db.rows

    async def noting(sql, *parameters):
        asked.setdefault(re.sub(r"\$\d+(,\$\d+)+", "$1", sql), (sql, parameters))
        return await rows(sql, *parameters)

    with monkeypatch.context() as patch:
        patch.setattr(db, "rows", noting)
        await what_is_asked_often(hubs, people)
    whole = []
    for sql, parameters in asked.values():
        if re.search(NAMES, sql) and not sql.startswith(("INSERT", "WITH row_")):
            plan = await plan_of(sql, parameters)
            whole += [f"{sql}\n{plan}\n"] if whole_reads(plan) else []
    assert not whole, "\n".join(whole)
    assert len(asked) > 40
