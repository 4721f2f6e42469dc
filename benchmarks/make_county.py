"""A timetable of any size: the demo county, with years of history before it, then more counties like it.

    python -m benchmarks.make_county postgres://postgres@127.0.0.1:5432/bench_big --sessions 1000000

One county has 449 series with some 6,500 sessions in 29 weeks. Up to eleven such stretches stand one after the other (five
years back, one ahead); beyond that come more counties, each some way off on the map.
"""

import argparse
import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db, migrating, settings
from booking.demo.moving import moved_files
from booking.programmes.imports.importing import import_files

WEEKS = 29
STRETCHES = (0, -1, 1, *range(-2, -10, -1))
CHUNK = 20_000
Row = dict[str, Any]


async def make(url: str, sessions: int) -> None:
    """Fills an empty database with a timetable of so many sessions, and has the engine count its rows."""
    database = settings.Database(url=url, pool=2)
    clock.use_zone("Europe/London")
    await migrating.migrate(database)
    await db.open_database(database)
    try:
        report = await import_files(moved_files(clock.today()))
        assert report.is_saved, report.lines()
        await db.run_tx(lambda: _resize(sessions))
        await db.execute("VACUUM ANALYZE" if db.is_postgres() else "ANALYZE")
    finally:
        await db.close_database()


async def _resize(sessions: int) -> None:
    there = await db.rows("SELECT * FROM session ORDER BY date, start_time, id")
    if len(there) >= sessions:
        await _keep_first(sessions)
        return
    await _write_sessions(there, _copies(await _read_county()), sessions - len(there))


async def _keep_first(sessions: int) -> None:
    today = clock.today()
    await db.execute(
        "DELETE FROM session WHERE id NOT IN"
        f" (SELECT id FROM session WHERE date >= $1 ORDER BY date, start_time, id LIMIT {sessions})",
        today,
    )


async def _read_county() -> dict[str, list[Row]]:
    return {table: await db.rows(f"SELECT * FROM {table}") for table in ("location", "run")}


def _copies(county: dict[str, list[Row]]) -> Iterator[tuple[int, dict[UUID, UUID], dict[str, list[Row]]]]:
    """For each further stretch of time and each further county: weeks to move by, new ids, and rows of the county."""
    n = 0
    while True:
        ids: dict[UUID, UUID] = {}
        rows: dict[str, list[Row]] = {}
        if n:
            ids = {row["id"]: db.new_id() for table in county.values() for row in table}
            rows = {table: [_moved(row, ids, n) for row in lines] for table, lines in county.items()}
        for stretch in STRETCHES:
            if n or stretch:
                yield stretch * WEEKS, ids, rows
                rows = {}
        n += 1


def _moved(row: Row, ids: dict[UUID, UUID], n: int) -> Row:
    changed: Row = {"id": ids[row["id"]], "code": f"{row['code']}/{n}", "slug": f"{row['slug'][:150]}-in-{n}"}
    for name in ("hub_id", "location_id", "creche_run_id"):
        if row.get(name):
            changed[name] = ids[row[name]]
    if "lat" in row and row["lat"] is not None:
        changed |= {"lat": row["lat"] + 0.6 * (n % 5), "lon": row["lon"] - 0.9 * (n // 5)}
    if "room_id" in row:
        changed["room_id"] = None
    return row | changed


async def _write_sessions(there: list[Row], copies: Iterator[Any], wanted: int) -> None:
    columns = list(there[0])
    lines: list[list[Any]] = []
    for weeks, ids, rows in copies:
        for table, made in rows.items():
            await db.insert_many(table, list(made[0]), [list(row.values()) for row in made])
        by = timedelta(weeks=weeks)
        for row in there[: wanted - len(lines)]:
            lines.append(list(_later(row, ids, by).values()))
        if len(lines) >= CHUNK or len(lines) == wanted:
            await db.insert_many("session", columns, lines)
            wanted, lines = wanted - len(lines), []
            if not wanted:
                return


def _later(row: Row, ids: dict[UUID, UUID], by: timedelta) -> Row:
    return row | {
        "id": db.new_id(),
        "run_id": ids.get(row["run_id"], row["run_id"]),
        "location_id": ids.get(row["location_id"], row["location_id"]),
        "hub_id": ids.get(row["hub_id"], row["hub_id"]),
        "room_id": None,
        "room_booking_id": None,
        "date": row["date"] + by,
        "starts_at": row["starts_at"] + by,
        "ends_at": row["ends_at"] + by,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="of an empty database, sqlite:// or postgres://")
    parser.add_argument("--sessions", type=int, default=20_000)
    options = parser.parse_args()
    asyncio.run(make(options.url, options.sessions))


if __name__ == "__main__":
    main()
