"""One picture of a room, with words for those who do not see it."""

from typing import Any
from uuid import UUID

from booking import audit, cells, clock, db
from booking.people.signing_in import Who
from booking.places.keeping_places import for_trail
from booking.places.keeping_rooms import room_row
from booking.places.models import RoomPhoto
from booking.places.typed import Field, read_typed
from booking.problems import Problem, Refused

LARGEST = 3 * 1024 * 1024
NO_FILE = Problem("Choose a picture.", "photo", rule="missing")
TOO_LARGE = Problem(
    "The picture is larger than 3 MB. Make it smaller; 1,600 points across are plenty.", "photo", rule="size"
)
NOT_A_PICTURE = Problem("This is not a JPEG, PNG or WebP picture. Save it as one of these.", "photo", rule="kind")
WORDS = Field("words", cells.text(200), must="Say in a few words what the picture shows, for people who do not see it.")
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


async def put_photo(*, room_id: UUID, content: bytes, words: str, by: Who) -> None:
    """The picture of a room, in place of the one it has. Without content only the words change. Raises Refused."""
    values, problems = read_typed([WORDS], {"words": words})
    there = await db.row("SELECT id FROM room_photo WHERE room_id = $1", room_id)
    media_type = media_type_of(content)
    if not content and there is None:
        problems.append(NO_FILE)
    elif len(content) > LARGEST:
        problems.append(TOO_LARGE)
    elif content and not media_type:
        problems.append(NOT_A_PICTURE)
    if problems:
        raise Refused(problems)
    room = await room_row(room_id)

    async def write() -> None:
        if content:
            await db.execute("DELETE FROM room_photo WHERE room_id = $1", room_id)
            picture = without_place(content) if media_type == "image/jpeg" else content
            photo = RoomPhoto(room_id=room_id, content=picture, media_type=media_type, changed_at=clock.now(), **values)
            await db.write_new([photo])
        else:
            await db.execute("UPDATE room_photo SET words = $2 WHERE room_id = $1", room_id, values["words"])
        after = for_trail(values | {"media_type": media_type}, is_restricted=room["is_restricted"])
        await audit.record(
            "put room photo", about_kind="room", about_id=room_id, hub_id=room["hub_id"], by=by, after=after
        )

    await db.run_tx(write)


async def remove_photo(*, room_id: UUID, by: Who) -> None:
    """Takes the picture away; without one nothing happens."""
    room = await room_row(room_id)

    async def write() -> None:
        gone = await db.row("DELETE FROM room_photo WHERE room_id = $1 RETURNING words, media_type", room_id)
        if gone:
            gone = for_trail(gone, is_restricted=room["is_restricted"])
            await audit.record(
                "remove room photo", about_kind="room", about_id=room_id, hub_id=room["hub_id"], by=by, before=gone
            )

    await db.run_tx(write)


def media_type_of(content: bytes) -> str:
    """By its first bytes, whatever the file is called; "" if it is none of the three kinds."""
    if content.startswith(JPEG):
        return "image/jpeg"
    if content.startswith(PNG):
        return "image/png"
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def without_place(jpeg: bytes) -> bytes:
    """The picture without its APP1 parts, in which a phone writes where it was taken (Exif and XMP). As it came if its
    parts cannot be followed."""
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        length = 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if length < 4:
            return jpeg
        if jpeg[at + 1] != 0xE1:
            kept.append(jpeg[at : at + length])
        at += length
    return b"".join([*kept, jpeg[at:]])


async def photo_of(room_id: UUID) -> dict[str, Any] | None:
    """content, media_type, words, changed_at, and of its place hub_id and is_restricted; None without a picture."""
    return await db.row(
        "SELECT p.content, p.media_type, p.words, p.changed_at, l.hub_id,"
        " (l.is_restricted OR l.kind = 'restricted') AS is_restricted FROM room_photo p JOIN room o ON o.id = p.room_id"
        " JOIN location l ON l.id = o.location_id WHERE p.room_id = $1",
        room_id,
    )
