"""/staff/import: send the council's tables, see what they would change, import them."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.problems import Problem, Refused
from booking.programmes.imports import import_jobs
from booking.tables import SourceFile
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words, short_instant

MOST_FILES = 12
MOST_PROBLEMS = 200
NO_FILE = Problem("Choose at least one CSV file.", "files", rule="missing")
STATES = {
    "checking": {"level": "waits", "words": "Being checked"},
    "checked": {"level": "plain", "words": "Checked, not imported"},
    "importing": {"level": "waits", "words": "Being imported"},
    "done": {"level": "good", "words": "Imported"},
    "failed": {"level": "bad", "words": "Not imported"},
    "interrupted": {"level": "bad", "words": "Interrupted"},
}


@access("admin")
async def import_page(request: Request) -> Response:
    return await _page(request, [])


async def _page(request: Request, problems: list[Problem]) -> Response:
    jobs = [
        {
            "href": f"/staff/import/{job['id']}",
            "when": short_instant(job["created_at"]),
            "state": STATES[job["state"]],
            "files": ", ".join(file["name"] for file in (job["report"] or {}).get("files", [])),
        }
        for job in await import_jobs.latest()
    ]
    shown = {"title": "Import", "nav": "import", "jobs": jobs, "problems": problems}
    return await web.render_staff(request, "staff/import.html", shown, status=422 if problems else 200)


@access("admin")
async def send(request: Request) -> Response:
    """Takes the files and begins to check them; nothing is changed by that."""
    who = await staff_of(request)
    async with request.form(max_files=MOST_FILES, max_fields=40) as form:
        sent = [each for each in form.getlist("files") if not isinstance(each, str) and each.filename]
        files = [SourceFile((each.filename or "")[:120], await each.read()) for each in sent]
    if not files:
        return await _page(request, [NO_FILE])
    job_id = await import_jobs.check(files, by=who)
    return web.go(f"/staff/import/{job_id}")


@access("admin")
async def job_page(request: Request) -> Response:
    """How far it is, every second; then what it would change or has changed."""
    job = await import_jobs.find(web.uuid_in_path(request))
    if job is None:
        raise HTTPException(404)
    report = job["report"]
    shown = {
        "title": "Import",
        "nav": "import",
        "job": job,
        "path_of_job": f"/staff/import/{job['id']}",
        "state": STATES[job["state"]],
        "is_running": job["state"] in import_jobs.RUNNING,
        "report": report,
        "more_problems": max(len(report["problems"]) - MOST_PROBLEMS, 0) if report else 0,
        "most": MOST_PROBLEMS,
        "has_changes": any(c["new"] or c["changed"] or c["removed"] for c in report["counts"]) if report else False,
        "differences": report.get("differences", []) if report else [],
        "overwrites": bool(report and report.get("overwrites")),
        "summary": _summary(report) if report else "",
    }
    if shown["is_running"] is False and web.is_htmx(request):
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return await web.render_staff(request, "staff/import_job.html", shown, block="progress")


def _summary(report: dict[str, Any]) -> str:
    problems, warnings = len(report["problems"]), len(report["warnings"])
    parts = [count_words(problems, "problem"), f"{warnings:,} to look at" if warnings else ""]
    return ", ".join(part for part in parts if part)


@access("admin")
async def act(request: Request) -> Response:
    """Import, import the good rows, start again, or throw the files away."""
    who, job_id = await staff_of(request), web.uuid_in_path(request)
    async with request.form(max_files=0) as form:
        wanted, overwrite = str(form.get("act", "")), form.get("overwrite") == "yes"
    if await import_jobs.find(job_id) is None:
        raise HTTPException(404)
    try:
        if wanted == "again":
            await import_jobs.again(job_id, by=who)
        elif wanted == "forget":
            await import_jobs.forget(job_id)
            web.flash(request, "The files are thrown away. Nothing was changed.")
            return web.go("/staff/import")
        elif wanted in ("import", "good rows"):
            await import_jobs.begin(job_id, by=who, good_rows=wanted == "good rows", overwrite=overwrite)
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"/staff/import/{job_id}")


routes = [
    Route("/staff/import", import_page, name="staff_import", methods=["GET"]),
    Route("/staff/import", send, name="staff_import_send", methods=["POST"]),
    Route("/staff/import/{id}", job_page, name="staff_import_job", methods=["GET"]),
    Route("/staff/import/{id}", act, name="staff_import_act", methods=["POST"]),
]
