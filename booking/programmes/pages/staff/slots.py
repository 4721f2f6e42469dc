"""/staff/sessions/{id}/slots: the times of a clinic, by worker; opened, closed, and given to families."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.appointments import changing_slots, finding_slots, keeping_slots, slots, steering_slots
from booking.programmes.models import Booking
from booking.programmes.pages.staff.asking import path_of, session_in_path, uuid_or_404
from booking.programmes.pages.staff.session import basics
from booking.web import access
from booking.words import clock_time, count_words

ACT = "/staff/sessions/{id}/slots"
Act = Callable[[Who, dict[str, Any], FormData], Awaitable[str]]


@access("staff")
async def page(request: Request) -> Response:
    _, session = await session_in_path(request)
    if session["booking_mode"] != "appointment":
        return _no_clinic(request, session)
    await keeping_slots.make_missing(session_id=session["session_id"])
    return await _show(request, session, {}, [])


def _no_clinic(request: Request, session: dict[str, Any]) -> Response:
    web.flash(request, steering_slots.NO_CLINIC.words, "note")
    return web.go(path_of(session))


async def _show(request: Request, session: dict[str, Any], typed: dict[str, str], problems: list[Problem]) -> Response:
    found = await finding_slots.slots_of(session["session_id"])
    there = [each for each in found if each["state"] != "cancelled"]
    workers = list(dict.fromkeys(each["worker"] for each in sorted(there, key=lambda each: each["worker"])))
    free = sum(1 for each in there if each["state"] == "open" and not each["taken"])
    shown = basics(session) | {
        "heading": "Times of this clinic",
        "workers": workers,
        "rows": _rows(there, workers),
        "summary": f"{count_words(free, 'time')} free, {sum(1 for each in there if each['taken'])} taken",
        "form": web.Shown({"worker": "", "start": "", "end": ""} | typed, problems),
        "may_change": session["state"] == "planned" and session["ends_at"] > clock.now(),
    }
    return await web.render_staff(request, "staff/slots.html", shown, status=422 if problems else 200)


def _rows(there: list[dict[str, Any]], workers: list[str]) -> list[dict[str, Any]]:
    """A row per time with a cell per worker; None where this worker has no slot then."""
    by_time: dict[datetime, dict[str, Any]] = {}
    for each in there:
        by_time.setdefault(each["starts_at"], {})[each["worker"]] = _cell(each)
    return [
        {"time": clock_time(at), "cells": [cells.get(worker) for worker in workers]}
        for at, cells in sorted(by_time.items())
    ]


def _cell(slot: dict[str, Any]) -> dict[str, Any]:
    if slot["booking_id"]:
        state, words = "booked", slot["name"]
    elif slot["taken"]:
        state, words = "leased", "Being booked now"
    elif slot["state"] == "break":
        state, words = "closed", "Closed"
    else:
        state, words = "free", "Free"
    is_past = slot["starts_at"] <= clock.now()
    return {"id": slot["id"], "state": state, "words": words, "is_past": is_past, "booking_id": slot["booking_id"],
            "reference": slot["reference"], "time": clock_time(slot["starts_at"])}  # fmt: skip


@access("staff")
async def act(request: Request) -> Response:
    """One of the page's forms; when it refuses, the page with what was typed and why."""
    who, session = await session_in_path(request)
    if session["booking_mode"] != "appointment":
        return _no_clinic(request, session)
    async with request.form(max_files=0, max_fields=20) as form:
        verb = ACTS.get(str(form.get("act", "")))
        if verb is None:
            raise HTTPException(404)
        typed = {name: str(form.get(name, ""))[:80] for name in ("worker", "start", "end")}
        try:
            web.flash(request, await verb(who, session, form))
        except Refused as refused:
            return await _show(request, session, typed, refused.problems)
    request.app.state.pages.forget()
    return web.go(f"{path_of(session)}/slots")


async def _open(who: Who, session: dict[str, Any], form: FormData) -> str:
    slot_id = uuid_or_404(str(form.get("slot", "")))
    await steering_slots.open_slot(session_id=session["session_id"], slot_id=slot_id, by=who)
    return "The time can be booked again."


async def _close(who: Who, session: dict[str, Any], form: FormData) -> str:
    slot_id = uuid_or_404(str(form.get("slot", "")))
    await steering_slots.close_slot(session_id=session["session_id"], slot_id=slot_id, by=who)
    return "The time is closed."


async def _break(who: Who, session: dict[str, Any], form: FormData) -> str:
    start, end = (_wall_time(str(form.get(name, "")), name) for name in ("start", "end"))
    closed = await steering_slots.close_time(session_id=session["session_id"], start=start, end=end, by=who)
    return f"{count_words(closed, 'time')} closed for a break."


def _wall_time(text: str, field: str) -> str:
    """ "10:30" as browsers send a time. Raises Refused for anything else."""
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text.strip()):
        raise Refused([Problem("Enter a time, like 10:30", field, rule="time")])
    return text.strip().zfill(5)


async def _add(who: Who, session: dict[str, Any], form: FormData) -> str:
    name = str(form.get("worker", ""))[:200]
    made = await steering_slots.add_worker(session_id=session["session_id"], worker=name, by=who)
    return f"{count_words(made, 'time')} added for {' '.join(name.split())}."


async def _name(who: Who, session: dict[str, Any], form: FormData) -> str:
    worker, name = str(form.get("was", ""))[:200], str(form.get("worker", ""))[:200]
    await steering_slots.name_worker(session_id=session["session_id"], worker=worker, name=name, by=who)
    return "The name is changed on this date."


ACTS: dict[str, Act] = {"open": _open, "close": _close, "break": _break, "add": _add, "name": _name}


@access("staff")
async def change_page(request: Request) -> Response:
    """Free times for one family's appointment."""
    _, session, booking = await _booking_in_path(request)
    if booking.slot_id is None or booking.state != "booked":
        return _no_clinic(request, session)
    return await _change_page(request, session, booking, [])


async def _change_page(
    request: Request, session: dict[str, Any], booking: Booking, problems: list[Problem]
) -> Response:
    free = await finding_slots.free_times(session["run_id"], is_public=False)
    shown = basics(session) | {
        "heading": "Another time",
        "name": (await booking.person).name,
        "reference": booking.reference,
        "free_days": slots.by_day(free, 8),
        "tap_path": f"{path_of(session)}/bookings/{booking.id}/time",
        "problems": problems,
    }
    return await web.render_staff(request, "staff/change_time.html", shown, status=409 if problems else 200)


@access("staff")
async def change(request: Request) -> Response:
    who, session, booking = await _booking_in_path(request)
    if booking.slot_id is None or booking.state != "booked":
        return _no_clinic(request, session)
    async with request.form(max_files=0, max_fields=5) as form:
        slot_id = uuid_or_404(str(form.get("slot", "")))
    try:
        await changing_slots.change_slot(booking_id=booking.id, slot_id=slot_id, by=who)
    except Refused as refused:
        return await _change_page(request, session, booking, refused.problems)
    request.app.state.pages.forget()
    web.flash(request, "The family has the new time and is told.")
    return web.go(f"{path_of(session)}/slots")


async def _booking_in_path(request: Request) -> tuple[Who, dict[str, Any], Booking]:
    who, session = await session_in_path(request)
    booking = await Booking.get_or_none(id=web.uuid_in_path(request, "booking"), session_id=session["session_id"])
    if booking is None:
        raise HTTPException(404)
    return who, session, booking


TIME = "/staff/sessions/{id}/bookings/{booking}/time"
routes = [
    Route(ACT, page, name="staff_slots", methods=["GET"]),
    Route(ACT, act, name="staff_slots_do", methods=["POST"]),
    Route(TIME, change_page, name="staff_change_time", methods=["GET"]),
    Route(TIME, change, name="staff_change_time_do", methods=["POST"]),
]
