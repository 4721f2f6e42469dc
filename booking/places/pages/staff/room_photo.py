"""/staff/rooms/{room}/photo: a room's picture, sent, replaced, taken away; /rooms/{room}/photo: the picture itself."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.places import room_photos
from booking.places.pages.staff.asking_places import room_in_path
from booking.places.pages.staff.rooms import photo_of
from booking.problems import Problem, Refused
from booking.web import access

HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "inline"}
FOR_ALL = "public, max-age=86400"


@access("anyone")
async def picture(request: Request) -> Response:
    """The picture as it was sent. That of a restricted place is there for its own staff alone (promise P5)."""
    found = await room_photos.photo_of(request.path_params["room"])
    if found is None:
        raise HTTPException(404)
    headers = HEADERS | {"ETag": f'"{found["changed_at"].timestamp():.0f}"', "Cache-Control": FOR_ALL}
    if found["is_restricted"]:
        who = await web.who_is_asking(request)
        if who is None or not who.is_staff or not who.works_at(found["hub_id"]):
            raise HTTPException(404)
        headers["Cache-Control"] = "no-store"
    elif request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(bytes(found["content"]), media_type=found["media_type"], headers=headers)


@access("manager")
async def form(request: Request) -> Response:
    _, here, _ = await room_in_path(request, to_keep=True)
    photo = await photo_of(here["id"])
    return await _page(request, here, photo["words"] if photo else "", [])


@access("manager")
async def put(request: Request) -> Response:
    who, here, _ = await room_in_path(request, to_keep=True)
    async with request.form(max_files=1, max_fields=20) as sent:
        words, file = str(sent.get("words", ""))[:1000], sent.get("photo")
        has_file = file is not None and not isinstance(file, str) and bool(file.filename)
        content = await file.read(room_photos.LARGEST + 1) if has_file else b""
    try:
        await room_photos.put_photo(room_id=here["id"], content=content, words=words, by=who)
    except Refused as refused:
        return await _page(request, here, words, refused.problems)
    return _done(request, here, "The picture is saved.")


@access("manager")
async def remove(request: Request) -> Response:
    who, here, _ = await room_in_path(request, to_keep=True)
    await room_photos.remove_photo(room_id=here["id"], by=who)
    return _done(request, here, "The picture is taken away.")


@access("manager")
async def back(request: Request) -> Response:
    _, here, _ = await room_in_path(request, to_keep=True)
    return web.go(f"/staff/rooms/{here['id']}")


async def _page(request: Request, here: dict[str, Any], words: str, problems: list[Problem]) -> Response:
    shown = {
        "title": f"Picture of {here['name']}",
        "nav": "places",
        "room": here,
        "path_of_room": f"/staff/rooms/{here['id']}",
        "photo": await photo_of(here["id"]),
        "words": words,
        "problems": problems,
    }
    return await web.render_staff(request, "staff/places/photo.html", shown, status=422 if problems else 200)


def _done(request: Request, here: dict[str, Any], words: str) -> Response:
    request.app.state.pages.forget()
    web.flash(request, words)
    return web.go(f"/staff/rooms/{here['id']}")


ROOM = "/staff/rooms/{room:uuid}/photo"
routes = [
    Route("/rooms/{room:uuid}/photo", picture, name="room_photo", methods=["GET"]),
    Route(ROOM, form, name="staff_photo", methods=["GET"]),
    Route(ROOM, put, name="staff_photo_put", methods=["POST"]),
    Route(f"{ROOM}/remove", remove, name="staff_photo_remove", methods=["POST"]),
    Route(f"{ROOM}/remove", back, name="staff_back_from_photo_remove", methods=["GET"]),
]
