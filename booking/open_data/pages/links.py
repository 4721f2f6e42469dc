"""What the pages for staff, partners and families share: making an address from a form, showing it once, saying what there is."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking import db, web
from booking.open_data import feeds
from booking.open_data.feeds import CHOICES, SEES, About
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.words import short_instant

REVOKED = "The address works no more. Calendars that read it get nothing new."
HINTS = {
    "room": {"all": "Titles and rooms; what is private or restricted is “Private booking”.", "busy": "Everything is “Booked”."},
    "run": {"all": "What is restricted is “Private booking”."},
    "staff": {"mine": "Where your name stands as facilitator or worker.", "hub": "What is restricted is “Private booking”."},
    "duties": {"all": "What is restricted is “Private booking”."},
    "family": {
        "all": "What is confidential is “Appointment”, without a place.",
        "busy": "Everything is “Appointment”, for a calendar that others see.",
    },
}  # fmt: skip
HINTS["booking"] = HINTS["family"]


async def make(request: Request, of: About, who: Who | None, back: str) -> web.Shown | None:
    """Makes what the form asks for, by `who` or, for one booking, by whoever has its link; the new address waits in the
    browser's session to be shown once. The form as it goes back to its reader when something is wrong, else None."""
    async with request.form(max_files=0) as form:
        typed = {name: str(form.get(name, "")) for name in ("sees", "words", "form_token")}

    async def body() -> tuple[UUID, str] | None:
        if typed["form_token"] and not await web.remember_answer(typed["form_token"], back):
            return None
        asked = {"sees": typed["sees"], "words": typed["words"]}
        if who is None:
            return await feeds.make_booking_link(booking_id=of.id, **asked)
        return await feeds.make_link(kind=of.kind, about_id=of.id, **asked, by=who)

    try:
        made = await db.run_tx(body)
    except Refused as refused:
        return web.Shown(typed, refused.problems)
    if made:
        request.session["new_feed"] = {"id": str(made[0]), "token": made[1]}
    return None


async def revoke(request: Request, who: Who) -> dict[str, Any]:
    """Revokes the link of the path; raises 404 for one that is not theirs. Returns the link as it was."""
    link = await feeds.link_kept_by(who, web.uuid_in_path(request))
    if link is None:
        raise HTTPException(404)
    await feeds.revoke_link(link_id=link["id"], by=who)
    web.flash(request, REVOKED)
    return link


async def shown(
    request: Request, of: About, form: web.Shown | None, choices: dict[str, str] | None = None
) -> dict[str, Any]:
    """What each page shows of one calendar: the new address if there is one, those in use, and the form with its choices."""
    choices = choices or CHOICES.get(of.kind, SEES)
    new = request.session.get("new_feed") or {}
    links = await feeds.links_about(of.kind, of.id)
    is_of_these = new.get("id") in {str(link["id"]) for link in links}
    if is_of_these:
        request.session.pop("new_feed")
    base = web.settings_of(request).site.base_url.rstrip("/")
    address = f"{base}/feeds/{new['token']}" if is_of_these else ""
    return {
        "of": of,
        "new_address": f"{address}.ics" if address else "",
        "new_times_address": f"{address}.ifb" if address and of.kind == "room" else "",
        "webcal": f"{address}.ics".replace("https://", "webcal://", 1).replace("http://", "webcal://", 1)
        if address
        else "",
        "links": [told(link) for link in links],
        "sees": choices,
        "hints": HINTS.get(of.kind, HINTS["room"]),
        "form": form or web.Shown({"sees": next(iter(choices)), "words": ""}),
        "form_token": web.new_token(),
    }


def told(link: dict[str, Any]) -> dict[str, Any]:
    """One address in use in words; the address itself is known to nobody any more."""
    return {
        "id": link["id"],
        "name": feeds.about_of(link).name,
        "kind": feeds.KINDS[link["kind"]],
        "words": link["words"] or "Without a name",
        "sees": CHOICES.get(link["kind"], SEES)[link["sees"]],
        "made": short_instant(link["created_at"]),
        "read": short_instant(link["read_at"]) if link["read_at"] else "never",
        "path": f"/staff/feeds?kind={link['kind']}&about={link['about_id']}",
    }
