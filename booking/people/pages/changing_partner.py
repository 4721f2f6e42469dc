"""Changing one partner: its facts, who books for it, and ending the partnership."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people import organisation_form, organisations
from booking.people.pages.partner import ONE, partner_in_path, show
from booking.people.pages.partners import HOME, show_form, staff_asking, typed_in
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.web import access

Partner = dict[str, Any]
Typed = dict[str, str]


@access("manager")
async def change_page(request: Request) -> Response:
    partner = await partner_in_path(request)
    return await _form(request, partner, organisation_form.typed_from(partner), [])


@access("manager")
async def change(request: Request) -> Response:
    who, partner = await staff_asking(request), await partner_in_path(request)
    async with request.form(max_files=0) as form:
        typed = typed_in(form)
    facts, problems = organisation_form.read(typed)
    if problems:
        return await _form(request, partner, typed, problems)
    try:
        changed = await organisations.change_organisation(organisation_id=partner["id"], facts=facts, by=who)
    except Refused as refused:
        return await _form(request, partner, typed, refused.problems)
    web.flash(request, "Saved." if changed else "Nothing was changed.")
    return web.go(f"{HOME}/{partner['id']}")


async def _form(request: Request, partner: Partner, typed: Typed, problems: list[Problem]) -> Response:
    back = f"{HOME}/{partner['id']}"
    own = {
        "title": f"Change {partner['name']}",
        "action": f"{back}/change",
        "back": back,
        "button": "Save",
        "form_token": "",
    }
    return await show_form(request, typed, problems, own)


@access("manager")
async def add_booker(request: Request) -> Response:
    async def do(partner: Partner, typed: Typed, who: Who) -> str:
        name, email = typed["booker_name"], typed["booker_email"]
        await organisations.add_booker(organisation_id=partner["id"], name=name, email=email, by=who)
        return f"{name.strip()} can sign in now, at /partner/sign-in, with a code to {email.strip()}."

    return await _do(request, do, "booker_name", "booker_email")


@access("manager")
async def remove_booker(request: Request) -> Response:
    async def do(partner: Partner, typed: Typed, who: Who) -> str:
        booker = _uuid(typed["booker"])
        await organisations.remove_booker(organisation_id=partner["id"], person_id=booker, by=who)
        return f"They book for {partner['name']} no longer, and are signed out. What they booked stays."

    return await _do(request, do, "booker")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused([organisations.NO_BOOKER]) from error


@access("manager")
async def end(request: Request) -> Response:
    async def do(partner: Partner, typed: Typed, who: Who) -> str:
        await organisations.end_organisation(organisation_id=partner["id"], why=typed["why"], by=who)
        return f"The partnership with {partner['name']} has ended. Its statements stay here."

    return await _do(request, do, "why")


async def _do(request: Request, verb: Callable[[Partner, Typed, Who], Awaitable[str]], *fields: str) -> Response:
    """One of the small forms on the partner's page: does it and says so; a refusal stands on the page with what was typed."""
    who, partner = await staff_asking(request), await partner_in_path(request)
    async with request.form(max_files=0) as form:
        typed = {name: str(form.get(name, ""))[:400] for name in fields}
    try:
        said = await verb(partner, typed, who)
    except Refused as refused:
        return await show(request, partner, typed, refused.problems)
    web.flash(request, said)
    return web.go(f"{HOME}/{partner['id']}")


routes = [
    Route(f"{ONE}/change", change_page, name="staff_change_partner_page", methods=["GET"]),
    Route(f"{ONE}/change", change, name="staff_change_partner", methods=["POST"]),
    Route(f"{ONE}/bookers", add_booker, name="staff_add_booker", methods=["POST"]),
    Route(f"{ONE}/bookers/remove", remove_booker, name="staff_remove_booker", methods=["POST"]),
    Route(f"{ONE}/end", end, name="staff_end_partner", methods=["POST"]),
]
