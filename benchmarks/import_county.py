"""How long the import of a whole county takes: `python -m benchmarks.import_county [URL]`.

Imports 94 buildings, 284 rooms, 51 programmes, 449 series (6,479 sessions with their rooms) and 71,717 postcodes into a
new database, three times: for the first time, unchanged, and with every date a week later. Without a URL it uses a SQLite
file in a temporary folder; the database of a postgres:// URL must be empty. Beside the figures stands this machine's
limit: as many rows written by themselves.
"""

import asyncio
import sys
import time
from datetime import timedelta
from tempfile import TemporaryDirectory

from booking import db, migrating, settings
from booking.demo.moving import SECOND_MONDAY, moved_files
from booking.programmes.imports.importing import import_files

LIMIT_ROWS = 100_000


async def main(url: str) -> None:
    database = settings.Database(url=url, pool=2)
    await migrating.migrate(database)
    await db.open_database(database)
    try:
        await _timed("first import", SECOND_MONDAY)
        await _timed("again, nothing changed", SECOND_MONDAY)
        await _timed("again, every date a week later", SECOND_MONDAY + timedelta(7))
        await _limit()
    finally:
        await db.close_database()


async def _timed(words: str, day) -> None:
    files = moved_files(day)
    began, cpu = time.perf_counter(), time.process_time()
    report = await import_files(files)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert report.is_saved, report.lines()
    sessions = next(count.words for count in report.counts if count.what == "sessions")
    print(f"{words:<32} {seconds:6.2f} s   ({cpu:5.2f} s of it this process)   {sessions}")


async def _limit() -> None:
    """The same machine and database with nothing to think about."""
    await db.execute("CREATE TABLE limit_of_machine (postcode VARCHAR(8) PRIMARY KEY, lat FLOAT, lon FLOAT)")
    began = time.perf_counter()

    async def write() -> None:
        rows = ((f"{n:08}", 50.0, 1.0) for n in range(LIMIT_ROWS))
        await db.insert_many("limit_of_machine", ("postcode", "lat", "lon"), rows)

    await db.run_tx(write)
    print(f"{f'limit: {LIMIT_ROWS:,} bare rows':<32} {time.perf_counter() - began:6.2f} s")
    await db.execute("DROP TABLE limit_of_machine")


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else f"sqlite://{folder}/import.sqlite3"))
