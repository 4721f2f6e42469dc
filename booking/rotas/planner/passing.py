"""A plan as JSON and back, for the process in which it is worked. Nothing else reads it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from booking.rotas.values import Away, Duty, Exceptional, Held, Place, Plan, Rules, Stretch, Weights, Worker


def _version() -> str:
    """A hash of the sources that say what an order looks like, as they are on the disk now."""
    here = Path(__file__).parent
    files = (here / "passing.py", here / "child.py", here.parent / "values.py")
    return hashlib.sha256(b"\0".join(each.read_bytes() for each in files)).hexdigest()[:16]


VERSION = _version()
"""Of the code that this process has loaded: a server older than the files on the disk is told to be restarted, because the process
that works a plan is begun from them."""
OF_DUTY = tuple(each.name for each in fields(Duty) if each.name not in ("place", "skills"))
OF_WORKER = tuple(
    each.name for each in fields(Worker) if each.name not in ("works_at", "pattern", "exceptions", "leave", "skills")
)


def to_json(plan: Plan) -> dict[str, Any]:
    """Only what JSON knows: ids, dates and instants as text."""
    places = {each.place.id: each.place for each in plan.duties}
    return {
        "first": plan.first.isoformat(),
        "last": plan.last.isoformat(),
        "places": [_plain(asdict(each)) for each in places.values()],
        "duties": [_duty(each) for each in plan.duties],
        "workers": [_worker(each) for each in plan.workers],
        "given": pairs(plan.given),
        "fixed": sorted(str(each) for each in plan.fixed),
        "leads": {str(run): [str(each) for each in them] for run, them in plan.leads.items()},
        "was": pairs(plan.was),
        "rules": asdict(plan.rules),
        "weights": asdict(plan.weights),
        "hub_ids": None if plan.hub_ids is None else sorted(str(each) for each in plan.hub_ids),
    }


def pairs(given: Mapping[UUID, UUID]) -> dict[str, str]:
    return {str(shift): str(staff) for shift, staff in given.items()}


def ids(given: Mapping[str, str]) -> dict[UUID, UUID]:
    return {UUID(shift): UUID(staff) for shift, staff in given.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _duty(duty: Duty) -> list[Any]:
    own = [_plain(getattr(duty, name)) for name in OF_DUTY]
    return [*own, str(duty.place.id), sorted(duty.skills)]


def _worker(worker: Worker) -> dict[str, Any]:
    return {name: _plain(getattr(worker, name)) for name in OF_WORKER} | {
        "works_at": None if worker.works_at is None else sorted(str(each) for each in worker.works_at),
        "pattern": [each._asdict() for each in worker.pattern],
        "exceptions": [_plain(asdict(each)) for each in worker.exceptions],
        "leave": [_plain(asdict(each)) for each in worker.leave],
        "skills": {code: [_plain(asdict(each)) for each in held] for code, held in worker.skills.items()},
    }


def from_json(found: Mapping[str, Any]) -> Plan:
    """The plan that to_json wrote, equal to it."""
    places = {each["id"]: _place(each) for each in found["places"]}
    return Plan(
        first=date.fromisoformat(found["first"]),
        last=date.fromisoformat(found["last"]),
        workers=[_read_worker(each) for each in found["workers"]],
        duties=[_read_duty(each, places) for each in found["duties"]],
        given=ids(found["given"]),
        fixed=frozenset(UUID(each) for each in found["fixed"]),
        leads={UUID(run): tuple(UUID(each) for each in them) for run, them in found["leads"].items()},
        was=ids(found["was"]),
        rules=Rules(**found["rules"]),
        weights=Weights(**found["weights"]),
        hub_ids=None if found["hub_ids"] is None else frozenset(UUID(each) for each in found["hub_ids"]),
    )


def _place(row: Mapping[str, Any]) -> Place:
    own: dict[str, Any] = {**row, "id": UUID(row["id"]), "hub_id": UUID(row["hub_id"])}
    return Place(**own)


def _read_duty(line: list[Any], places: Mapping[str, Place]) -> Duty:
    own: dict[str, Any] = dict(zip(OF_DUTY, line, strict=False)) | {
        "place": places[line[-2]],
        "skills": frozenset(line[-1]),
    }
    own |= {"id": UUID(own["id"]), "date": date.fromisoformat(own["date"])}
    own |= {name: datetime.fromisoformat(own[name]) for name in ("starts_at", "ends_at")}
    own |= {name: UUID(own[name]) for name in ("session_id", "run_id", "need_id") if own[name]}
    return Duty(**own)


def _dates(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**row, **{name: date.fromisoformat(row[name]) for name in names if row[name]}}


def _read_worker(row: Mapping[str, Any]) -> Worker:
    own = _dates(row, "cycle_from", "from_date", "to_date")
    own |= {
        "id": UUID(row["id"]),
        "hub_id": UUID(row["hub_id"]) if row["hub_id"] else None,
        "works_at": None if row["works_at"] is None else frozenset(UUID(each) for each in row["works_at"]),
        "pattern": tuple(Stretch(**each) for each in row["pattern"]),
        "exceptions": tuple(Exceptional(**_dates(each, "date")) for each in row["exceptions"]),
        "leave": tuple(Away(**_dates(each, "first_date", "last_date")) for each in row["leave"]),
        "skills": {
            code: tuple(Held(**_dates(each, "from_date", "to_date")) for each in held)
            for code, held in row["skills"].items()
        },
    }
    return Worker(**own)


def text(value: Any) -> str:
    """One line."""
    return json.dumps(value, separators=(",", ":"))
