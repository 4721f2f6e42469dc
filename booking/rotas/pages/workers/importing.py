"""/staff/workers/import: send a table, see what each row would do, import it. The table travels in the form until then."""

import base64
import binascii
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.problems import Problem
from booking.rotas.pages.workers.asking import HOME, asking
from booking.rotas.people_who_work import worker_import
from booking.rotas.people_who_work.worker_tables import WORKERS, template
from booking.tables import SourceFile
from booking.web import access
from booking.words import count_words

IMPORT = f"{HOME}/import"
MOST_BYTES = 600_000
MOST_SHOWN = 200
NO_FILE = Problem("Choose a CSV file", "file", rule="missing")
TOO_LARGE = Problem("The file is larger than 600 KB. Divide it into several.", "file", rule="too large")


@access("manager")
async def import_page(request: Request) -> Response:
    return await _page(request, [])


async def _page(request: Request, problems: list[Problem], **values: Any) -> Response:
    columns = [{"name": column.name, "about": column.about, "must": column.must} for column in WORKERS.columns]
    context = {
        "title": "Import people",
        "nav": "rota",
        "problems": problems,
        "columns": columns,
        "report": None,
    } | values
    return await web.render_staff(request, "staff/workers/import.html", context, status=422 if problems else 200)


@access("manager")
async def table(request: Request) -> Response:
    """The empty table, with a made-up row."""
    headers = {"Content-Disposition": 'attachment; filename="people-who-work.csv"', "Cache-Control": "no-store"}
    return Response(template(), media_type="text/csv; charset=utf-8", headers=headers)


@access("manager")
async def send(request: Request) -> Response:
    """Shows what the file would do; with act, does it."""
    who = await asking(request)
    async with request.form(max_files=1, max_fields=60, max_part_size=2 * MOST_BYTES) as form:
        act, overwrite = str(form.get("act", "")), form.get("overwrite") == "yes"
        sent = form.get("file")
        if sent is not None and not isinstance(sent, str) and sent.filename:
            name, content = (sent.filename or "")[:120], await sent.read(MOST_BYTES + 1)
        else:
            name, content = str(form.get("name", ""))[:120], _unpacked(str(form.get("kept", "")))
    if not content:
        return await _page(request, [NO_FILE])
    if len(content) > MOST_BYTES:
        return await _page(request, [TOO_LARGE])
    source = SourceFile(name or "people.csv", content)
    if act in ("import", "good rows"):
        report = await worker_import.save(source, by=who, overwrite=overwrite, good_rows=act == "good rows")
        if report.saved:
            web.flash(request, _done(report))
            return web.go(HOME)
    else:
        report = await worker_import.look(source, by=who)
    return await _page(request, [], **_shown(report, source))


def _unpacked(kept: str) -> bytes:
    try:
        return base64.b64decode(kept, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _done(report: worker_import.Report) -> str:
    new, changed = report.count("new"), report.count("changed")
    words = f"Imported: {count_words(new, 'person', 'people')} added, {changed} changed."
    left_out = report.rows_seen - len(report.lines)
    return words + (f" {count_words(left_out, 'row')} left out because of problems." if left_out else "")


def _shown(report: worker_import.Report, source: SourceFile) -> dict[str, Any]:
    counts = [
        {"number": report.count(state), "words": words, "asks": False, "href": ""}
        for state, words in (("new", "to add"), ("changed", "to change"), ("same", "as they are"))
    ]
    return {
        "report": report,
        "figures": [
            *counts,
            {"number": len(report.problems), "words": "problems", "asks": bool(report.problems), "href": ""},
        ],
        "lines": [each for each in report.lines if each.state != "same"][:MOST_SHOWN],
        "column_words": worker_import.COLUMN_WORDS,
        "kept": [(line.row.known_as, each) for line in report.lines for each in line.kept][:MOST_SHOWN],
        "file_name": source.name,
        "content": base64.b64encode(source.content).decode(),
    }


routes = [
    Route(IMPORT, import_page, name="staff_import_workers", methods=["GET"]),
    Route(IMPORT, send, name="staff_send_workers", methods=["POST"]),
    Route(f"{HOME}/template.csv", table, name="staff_workers_template", methods=["GET"]),
]
