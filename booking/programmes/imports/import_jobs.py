"""An import from a staff page: checked first, then done, in the background of this process, with its state in a row.

What runs is a task here; what it does, how far it is and what came of it stand in `import_job`, so that any process can show
it, and a job whose process died is known by its silence and can be started again from the files it kept.
"""

import asyncio
import base64
import contextvars
import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.models import ImportJob
from booking.problems import Problem, Refused
from booking.programmes.imports.importing import import_files
from booking.tables import SourceFile

logger = logging.getLogger("booking")

SILENT = timedelta(minutes=1)
HEARTBEAT = 5.0
KEEP = timedelta(days=1)
RUNNING = ("checking", "importing")

NOT_READY = Problem("This import is under way or done already.", rule="not ready")

_under_way: set[asyncio.Task[None]] = set()


async def check(files: Sequence[SourceFile], *, by: Any) -> UUID:
    """Keeps the files and begins a trial run; returns the job's id. Files that nobody imported are forgotten in a day."""
    now = clock.now()
    await db.execute("DELETE FROM import_job WHERE finished_at IS NULL AND created_at < $1", now - KEEP)
    job = ImportJob(by_id=by.id, state="checking", files=_packed(files), created_at=now, touched_at=now)
    await job.save(force_create=True)
    _start(job.id, by, is_trial=True, good_rows=False)
    return job.id


async def begin(job_id: UUID, *, by: Any, good_rows: bool = False, overwrite: bool = False) -> None:
    """Imports what was checked; with overwrite also over what staff changed of places and rooms. Raises Refused unless it is checked; of two who press at once one begins."""
    await _take(job_id, ("checked",), "importing")
    _start(job_id, by, is_trial=False, good_rows=good_rows, overwrite=overwrite)


async def again(job_id: UUID, *, by: Any) -> None:
    """Checks the kept files again after a process died half-way or the import failed. Raises Refused otherwise."""
    await _take(job_id, ("failed", "interrupted"), "checking")
    _start(job_id, by, is_trial=True, good_rows=False)


async def forget(job_id: UUID) -> None:
    """Throws the files away unless the job runs. Raises Refused when it does."""
    await _take(job_id, ("checked", "failed", "interrupted"), "failed")
    await db.execute("DELETE FROM import_job WHERE id = $1", job_id)


async def _take(job_id: UUID, states: Sequence[str], new: str) -> None:
    """Moves a job on if it is in one of the states; "interrupted" is a running one that has fallen silent."""
    now = clock.now()
    silent_before = now - SILENT if "interrupted" in states else now - timedelta(days=36500)
    taken = await db.row(
        "UPDATE import_job SET state = $2, touched_at = $3, done = 0, total = 0, words = '' WHERE id = $1"
        f" AND ((state IN ('checking', 'importing') AND touched_at < $4) OR state IN {db.in_list(states, 5)}) RETURNING id",
        job_id,
        new,
        now,
        silent_before,
        *states,
    )
    if taken is None:
        raise Refused([NOT_READY])


async def find(job_id: UUID) -> dict[str, Any] | None:
    """The job without its files: state (also interrupted), done, total, words, report as a dictionary, created_at."""
    row = await db.row(f"SELECT {_COLUMNS} FROM import_job WHERE id = $1", job_id)
    return _shown(row) if row else None


async def latest(limit: int = 10) -> list[dict[str, Any]]:
    found = await db.rows(f"SELECT {_COLUMNS} FROM import_job ORDER BY created_at DESC LIMIT {int(limit)}")
    return [_shown(row) for row in found]


_COLUMNS = "id, by_id, state, done, total, words, report, created_at, touched_at, finished_at"


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    is_silent = row["touched_at"] is None or row["touched_at"] < clock.now() - SILENT
    state = "interrupted" if row["state"] in RUNNING and is_silent else row["state"]
    return row | {"state": state, "report": json.loads(row["report"]) if row["report"] else None}


async def finish_all() -> None:
    """Waits for what runs here: the site does not stop half-way through an import."""
    if _under_way:
        await asyncio.gather(*_under_way, return_exceptions=True)


def _start(job_id: UUID, by: Any, *, is_trial: bool, good_rows: bool, overwrite: bool = False) -> None:
    task = asyncio.get_running_loop().create_task(_run(job_id, by, is_trial, good_rows, overwrite))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def _run(job_id: UUID, by: Any, is_trial: bool, good_rows: bool, overwrite: bool) -> None:
    progress = _Progress(job_id)
    heart = asyncio.get_running_loop().create_task(progress.beat())
    try:
        job = await ImportJob.get(id=job_id)
        report = await import_files(
            _unpacked(job.files),
            dry_run=is_trial,
            good_rows=good_rows,
            overwrite_staff_changes=overwrite,
            progress=progress.tell,
            by=by,
        )
        state = "checked" if is_trial else "done" if report.is_saved else "failed"
        await _settle(job_id, state, json.dumps(report.as_dict()))
    except Exception:
        logger.exception("import %s failed", job_id)
        await _settle(job_id, "failed", "")
    finally:
        heart.cancel()
        await asyncio.gather(heart, *progress.writes, return_exceptions=True)


async def _settle(job_id: UUID, state: str, report: str) -> None:
    """The files of a finished import are not kept."""
    now = clock.now()
    await ImportJob.filter(id=job_id).update(state=state, report=report, touched_at=now)
    if state == "done":
        await ImportJob.filter(id=job_id).update(files="[]", finished_at=now)


class _Progress:
    """Writes how far the import is, outside its transaction, so that others see it while it runs."""

    def __init__(self, job_id: UUID):
        self.job_id = job_id
        self._outside = contextvars.copy_context()
        self.writes: set[asyncio.Task[None]] = set()

    def tell(self, done: int, total: int, words: str) -> None:
        """Does not wait: SQLite has one connection, and the import may hold it."""
        write = asyncio.get_running_loop().create_task(self._write(done, total, words), context=self._outside)
        self.writes.add(write)
        write.add_done_callback(self.writes.discard)

    async def _write(self, done: int, total: int, words: str) -> None:
        await db.execute(
            f"UPDATE import_job SET done = $2, total = $3, words = $4, touched_at = $5 WHERE id = $1"
            f" AND state IN {db.in_list(RUNNING, 6)}",
            self.job_id, done, total, words[:300], clock.now(), *RUNNING,
        )  # fmt: skip

    async def beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            await ImportJob.filter(id=self.job_id, state__in=RUNNING).update(touched_at=clock.now())


def _packed(files: Sequence[SourceFile]) -> str:
    return json.dumps([{"name": file.name, "content": base64.b64encode(file.content).decode()} for file in files])


def _unpacked(stored: str) -> list[SourceFile]:
    return [SourceFile(file["name"], base64.b64decode(file["content"])) for file in json.loads(stored)]
