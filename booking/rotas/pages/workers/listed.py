"""/staff/workers: who works at the asker's hubs, with filters."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.rotas.pages.workers.asking import HOME, asking, hubs_of, uuid_of
from booking.rotas.people_who_work import worker_lists
from booking.rotas.people_who_work.worker_facts import KINDS
from booking.web import access
from booking.words import day_and_year, hours_words, short_day

MOST_SKILLS = 6


@access("staff")
async def workers(request: Request) -> Response:
    """Six queries, however many people."""
    who, asked = await asking(request), request.query_params
    wanted = worker_lists.Wanted(
        words=asked.get("q", "")[:100].strip(),
        hub_id=uuid_of(asked.get("hub", "")),
        kind=asked.get("kind", "") if asked.get("kind") in KINDS else "",
        skill=asked.get("skill", "")[:40],
        expiring=asked.get("expiring") == "yes",
        ended=asked.get("ended") == "yes",
    )
    found = await worker_lists.find(wanted, who)
    everybody = found if wanted == worker_lists.Wanted() else await worker_lists.find(worker_lists.Wanted(), who)
    context = {
        "title": "People",
        "nav": "rota",
        "wanted": wanted,
        "workers": [_shown(row) for row in found],
        "figures": _figures(everybody),
        "hubs": await hubs_of(who),
        "kinds": list(KINDS.items()),
        "skills": [(row["code"], row["name"]) for row in await worker_lists.skills()],
        "may_change": who.is_manager,
        "is_filtered": wanted != worker_lists.Wanted(),
    }
    return await web.render_staff(request, "staff/workers/list.html", context, block="results")


def _figures(everybody: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What stands above the list: people, contracted hours, who is away, what needs renewing."""
    expiring = [row for row in everybody if any(each["state"] for each in row["skills"])]
    minutes = sum(row["weekly_minutes"] or 0 for row in everybody)
    return [
        {"number": len(everybody), "words": "people", "asks": False, "href": ""},
        {"number": round(minutes / 60), "words": "contracted hours a week", "asks": False, "href": ""},
        {"number": sum(1 for row in everybody if row["away"]), "words": "away today", "asks": False, "href": ""},
        {
            "number": len(expiring),
            "words": "with a skill to renew",
            "asks": bool(expiring),
            "href": f"{HOME}?expiring=yes" if expiring else "",
        },
    ]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    hours = f"{hours_words(row['weekly_minutes'])} a week" if row["weekly_minutes"] is not None else "No contract"
    return row | {
        "href": f"{HOME}/{row['id']}",
        "kind_words": KINDS[row["kind"]] + (f", {row['organisation']}" if row["organisation"] else ""),
        "hours": hours,
        "shown": [_skill(each) for each in row["skills"][:MOST_SKILLS]],
        "more": max(len(row["skills"]) - MOST_SKILLS, 0),
        "away_words": f"Away until {short_day(row['away'])}" if row["away"] else "",
        "ends": f"Until {day_and_year(row['to_date'])}" if row["to_date"] else "",
    }


def _skill(held: dict[str, Any]) -> dict[str, str]:
    day = short_day(held["to_date"]) if held["to_date"] else ""
    words = {"": held["name"], "soon": f"{held['name']} until {day}", "expired": f"{held['name']} expired {day}"}
    return {"state": held["state"], "words": words[held["state"]]}


routes = [Route(HOME, workers, name="staff_workers", methods=["GET"])]
