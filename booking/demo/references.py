"""References of the demo's bookings, the same whenever the demo of a day is made: they stand on screenshots and in tests."""

from random import Random

from booking import db
from booking.programmes.bookings.booking_places import LETTERS
from booking.programmes.models import Booking


def reference(random: Random) -> str:
    letters = "".join(random.choices(LETTERS, k=7))
    return f"{letters[:4]}-{letters[4:]}"


async def make_steady(made: Booking, random: Random) -> None:
    """Gives a booking that was made like any other a drawn reference, also in what is to be sent about it."""
    drawn = reference(random)
    await db.execute("UPDATE booking SET reference = $2 WHERE id = $1", made.id, drawn)
    await db.execute(
        "UPDATE message SET subject = REPLACE(subject, $2, $3), body = REPLACE(body, $2, $3) WHERE about_id = $1",
        made.id, made.reference, drawn,
    )  # fmt: skip
