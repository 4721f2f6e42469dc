"""Where things happen, when it is open, and who holds which room.

Comments stand above the classes, because Tortoise would make docstrings part of the tables.
"""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from booking import db


# A building, a borrowed hall, an online room. `kind`: hub, co_located, delivery_site, outreach, pop_up, online, home
# or restricted. A hub's hub_id is its own id; every other location belongs to a hub.
class Location(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    code = fields.CharField(40, unique=True)
    hub_id = fields.UUIDField(null=True, db_index=True)
    hub_name = fields.CharField(200, default="")
    kind = fields.CharField(20)
    name = fields.CharField(200)
    slug = fields.CharField(120, unique=True)
    area = fields.CharField(80)
    district = fields.CharField(80, default="")
    operator = fields.CharField(200, default="")
    address = fields.CharField(300, default="")
    postcode = fields.CharField(10, default="")
    lat = fields.FloatField(null=True)
    lon = fields.FloatField(null=True)
    uprn = fields.CharField(20, default="")
    shared_with = fields.CharField(300, default="")
    directions = fields.TextField(default="")
    access_notes = fields.TextField(default="")
    is_restricted = fields.BooleanField(default=False)
    valid_from_date = fields.DateField(null=True)
    valid_to_date = fields.DateField(null=True)
    source = fields.TextField(default="")


# One weekday's opening (Monday is 0), local wall times.
class OpeningHours(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    location = fields.ForeignKeyField(
        "booking.Location", related_name="opening_hours", db_index=True, on_delete=fields.RESTRICT
    )
    location_id: UUID
    weekday = fields.IntField()
    opens = fields.CharField(5)
    closes = fields.CharField(5)

    class Meta:
        table = "opening_hours"


# A location, or one room of it, is shut from one instant to another.
class Closure(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    location = fields.ForeignKeyField(
        "booking.Location", related_name="closures", db_index=True, on_delete=fields.RESTRICT
    )
    location_id: UUID
    room = fields.ForeignKeyField(
        "booking.Room", related_name="closures", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    room_id: UUID | None
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    reason = fields.CharField(200)


class Room(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    code = fields.CharField(60, unique=True)
    location = fields.ForeignKeyField(
        "booking.Location", related_name="rooms", db_index=True, on_delete=fields.RESTRICT
    )
    location_id: UUID
    name = fields.CharField(120)
    kind = fields.CharField(30)
    capacity = fields.IntField()
    features = fields.CharField(300, default="")
    setup_minutes = fields.IntField(default=0)
    clear_minutes = fields.IntField(default=0)
    is_partner_bookable = fields.BooleanField(default=False)


# A room for a time, for a session, a partner or the caretaker.
class RoomBooking(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    room = fields.ForeignKeyField("booking.Room", related_name="bookings", db_index=True, on_delete=fields.RESTRICT)
    room_id: UUID
    kind = fields.CharField(20)
    organisation_id = fields.UUIDField(null=True)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    state = fields.CharField(20, default="confirmed")

    class Meta:
        table = "room_booking"


# The interval in which one room is taken, set-up and clearing included; half open. The database lets no two of one
# room overlap (booking/guards.py).
class RoomHold(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    room_booking = fields.ForeignKeyField(
        "booking.RoomBooking", related_name="holds", db_index=True, on_delete=fields.RESTRICT
    )
    room_booking_id: UUID
    room = fields.ForeignKeyField("booking.Room", related_name="holds", on_delete=fields.RESTRICT)
    room_id: UUID
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()

    class Meta:
        table = "room_hold"
        indexes = (("room_id", "starts_at"),)


# A term, half term or holiday of one area.
class TermDate(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    area = fields.CharField(80, db_index=True)
    academic_year = fields.CharField(10)
    part = fields.CharField(20)
    kind = fields.CharField(20)
    start_date = fields.DateField()
    end_date = fields.DateField()
    status = fields.CharField(40, default="")

    class Meta:
        table = "term_date"


class BankHoliday(Model):
    date = fields.DateField(primary_key=True)
    title = fields.CharField(100)

    class Meta:
        table = "bank_holiday"


# A postcode's point; `postcode` is upper case without the space.
class Postcode(Model):
    postcode = fields.CharField(8, primary_key=True)
    lat = fields.FloatField()
    lon = fields.FloatField()
