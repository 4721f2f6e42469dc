"""What the pages for staff and for partners share: making an address from a form, showing it once, saying what there is."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking import db, web
from booking.open_data import feeds
from booking.open_data.feeds import SEES, About
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.words import short_instant


async def make(request: Request, of: About, who: Who, back: str) -> web.Shown | None:
    """Makes what the form asks for; the new address waits in the browser's session to be shown once. The form as it goes
    back to its reader when something is wrong, else None."""
    async with request.form(max_files=0) as form:
        typed = {name: str(form.get(name, "")) for name in ("sees", "words", "form_token")}

    async def body() -> tuple[UUID, str] | None:
        if typed["form_token"] and not await web.remember_answer(typed["form_token"], back):
            return None
        return await feeds.make_link(kind=of.kind, about_id=of.id, sees=typed["sees"], words=typed["words"], by=who)

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
    web.flash(request, "The address is revoked. Calendars that read it get nothing more.")
    return link


async def shown(request: Request, of: About, form: web.Shown | None) -> dict[str, Any]:
    """What both pages show of one calendar: the new address if there is one, those in use, and the form."""
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
        "sees": SEES,
        "form": form or web.Shown({"sees": "all", "words": ""}),
        "form_token": web.new_token(),
    }


def told(link: dict[str, Any]) -> dict[str, Any]:
    """One address in use in words; the address itself is known to nobody any more."""
    return {
        "id": link["id"],
        "name": feeds.about_of(link).name,
        "kind": feeds.KINDS[link["kind"]],
        "words": link["words"] or "No words",
        "sees": SEES[link["sees"]],
        "made": short_instant(link["created_at"]),
        "read": short_instant(link["read_at"]) if link["read_at"] else "never",
        "path": f"/staff/feeds?kind={link['kind']}&about={link['about_id']}",
    }
