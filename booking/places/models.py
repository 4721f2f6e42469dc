"""Where things happen, when it is open, and who holds which room.

Comments stand above the classes, because Tortoise would make docstrings part of the tables.
"""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from booking import db


# A building, a borrowed hall, an online room. `kind`: hub, co_located, delivery_site, outreach, pop_up, online, home
# or restricted. A hub's hub_id is its own id; every other location belongs to a hub. `imported` is what the last import
# wrote, so that the next can tell what staff have changed since. needs_two: nobody should be there alone.
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
    needs_two = fields.BooleanField(default=True, db_default=True)
    imported = fields.JSONField(null=True)


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


# Dated hours, local wall times. On its weekdays ("0123456", Monday is 0) between the two dates, both included, they stand
# instead of the usual ones, or with is_extra beside them (a hall hired while the library is closed). They open a bank
# holiday too; a Closure still shuts them.
class SpecialOpening(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    location = fields.ForeignKeyField(
        "booking.Location", related_name="special_openings", db_index=True, on_delete=fields.RESTRICT
    )
    location_id: UUID
    first_date = fields.DateField()
    last_date = fields.DateField()
    weekdays = fields.CharField(7, default="0123456")
    opens = fields.CharField(5)
    closes = fields.CharField(5)
    is_extra = fields.BooleanField(default=False)
    reason = fields.CharField(200, default="")

    class Meta:
        table = "special_opening"


# Somebody who can open and lock a location out of hours.
class Keyholder(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    location = fields.ForeignKeyField(
        "booking.Location", related_name="keyholders", db_index=True, on_delete=fields.RESTRICT
    )
    location_id: UUID
    name = fields.CharField(200)
    phone = fields.CharField(20, default="")
    organisation_id = fields.UUIDField(null=True)
    ended_at = fields.DatetimeField(null=True)


# A location, or one room of it, is shut from one instant to another. It holds the rooms like any other use: one
# RoomBooking of kind closure for each room.
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


# A bookable space. One that has parts (RoomPart) is held by holding all of them. layouts: how many people it takes in
# each, {"theatre": 60}; capacity is the most. approval: never, out_of_hours or always asked of partners. notice_hours,
# longest_minutes and furthest_days are for partners, 0 is no limit; override_by (staff or manager) may book in spite of
# them and of the opening hours, giving a reason. rate_pence is for an hour.
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
    layouts = fields.JSONField(null=True)
    notes = fields.TextField(default="", db_default="")
    approval = fields.CharField(20, default="out_of_hours", db_default="out_of_hours")
    notice_hours = fields.IntField(default=24, db_default=24)
    longest_minutes = fields.IntField(default=0, db_default=0)
    furthest_days = fields.IntField(default=0, db_default=0)
    override_by = fields.CharField(10, default="staff", db_default="staff")
    rate_pence = fields.IntField(default=0, db_default=0)
    valid_from_date = fields.DateField(null=True)
    valid_to_date = fields.DateField(null=True)
    imported = fields.JSONField(null=True)


# A divisible room (whole) and one of its parts, which is itself a Room without parts. A part may be in several wholes.
class RoomPart(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    whole = fields.ForeignKeyField("booking.Room", related_name="parts", db_index=True, on_delete=fields.RESTRICT)
    whole_id: UUID
    part = fields.ForeignKeyField("booking.Room", related_name="wholes", db_index=True, on_delete=fields.RESTRICT)
    part_id: UUID

    class Meta:
        table = "room_part"


# A picture of a room, as uploaded (JPEG, PNG or WebP), with the words for those who do not see it.
class RoomPhoto(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    room = fields.ForeignKeyField("booking.Room", related_name="photos", unique=True, on_delete=fields.RESTRICT)
    room_id: UUID
    content = fields.BinaryField()
    media_type = fields.CharField(20)
    words = fields.CharField(200)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "room_photo"


# The rule of a repeating room booking; its dates are RoomBookings, also those skipped and missing. Local wall times.
class RoomSeries(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    room = fields.ForeignKeyField("booking.Room", related_name="series", db_index=True, on_delete=fields.RESTRICT)
    room_id: UUID
    organisation_id = fields.UUIDField(null=True, db_index=True)
    booked_by_id = fields.UUIDField(null=True)
    title = fields.CharField(200, default="")
    weekday = fields.IntField()
    start_time = fields.CharField(5)
    end_time = fields.CharField(5)
    frequency = fields.CharField(20, default="weekly")
    nth = fields.IntField(null=True)
    first_date = fields.DateField()
    last_date = fields.DateField()
    is_term_time_only = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()

    class Meta:
        table = "room_series"


# A room for a time. kind: session, partner, hub (staff's own use), closure or swap (a room kept for a partner who is asked
# to move). state: requested, confirmed, declined, cancelled, displaced, missing (a date of a series that clashed and may
# be filled later) or skipped (a date the rule leaves out; `why` says it). Only requested and confirmed ones hold the
# room; a request holds it until hold_until_at. `use`: "", used or unused (nobody came). sequence is the calendar entry's.
# reminded_for_at: the start for which its booker has been reminded, or was not to be.
class RoomBooking(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    room = fields.ForeignKeyField("booking.Room", related_name="bookings", db_index=True, on_delete=fields.RESTRICT)
    room_id: UUID
    kind = fields.CharField(20)
    organisation_id = fields.UUIDField(null=True)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    state = fields.CharField(20, default="confirmed")
    series = fields.ForeignKeyField(
        "booking.RoomSeries", related_name="bookings", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    series_id: UUID | None
    closure = fields.ForeignKeyField(
        "booking.Closure", related_name="bookings", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    closure_id: UUID | None
    title = fields.CharField(200, default="", db_default="")
    notes = fields.TextField(default="", db_default="")
    is_private = fields.BooleanField(default=False, db_default=False)
    people = fields.IntField(null=True)
    layout = fields.CharField(20, default="", db_default="")
    cost_code = fields.CharField(60, default="", db_default="")
    rate_pence = fields.IntField(default=0, db_default=0)
    booked_by_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField(null=True)
    hold_until_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_by_id = fields.UUIDField(null=True)
    why = fields.CharField(300, default="", db_default="")
    is_out_of_hours = fields.BooleanField(default=False, db_default=False)
    keyholder_id = fields.UUIDField(null=True)
    second_person = fields.CharField(200, default="", db_default="")
    use = fields.CharField(10, default="", db_default="")
    offered_at = fields.DatetimeField(null=True)
    reminded_for_at = fields.DatetimeField(null=True)
    sequence = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "room_booking"


# A partner is asked to give a room up for the hub's own use and to take another. The proposed room is kept meanwhile by
# kept_booking (kind swap), the hub's use waits as for_booking (state requested, holding nothing). state: open, accepted,
# refused, withdrawn or lapsed. The token is in the link that answers with one click.
class RoomSwap(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    room_booking = fields.ForeignKeyField(
        "booking.RoomBooking", related_name="swaps", db_index=True, on_delete=fields.RESTRICT
    )
    room_booking_id: UUID
    kept_booking_id = fields.UUIDField(null=True)
    for_booking_id = fields.UUIDField(null=True)
    reason = fields.CharField(300)
    state = fields.CharField(12, default="open")
    token = fields.CharField(32, unique=True)
    answer_by_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "room_swap"


# The interval in which one room without parts is taken, set-up and clearing included; half open, at most 26 hours. Written
# by places/holding.py alone. The database lets no two of one room overlap (booking/guards.py).
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


# A term, half term, holiday, school training day, staff training day or election day of one area. On the last two nothing is
# held at all.
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


# The term dates of an area as they were after one change, so that every version can be read and brought back.
class TermVersion(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    area = fields.CharField(80)
    number = fields.IntField()
    dates = fields.JSONField()
    why = fields.CharField(300, default="")
    by_id = fields.UUIDField(null=True)
    by_name = fields.CharField(200, default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "term_version"


# A day on which everything is closed. source: "govuk" (from the list of GOV.UK), "staff", or "" (imported). One that staff
# took away stays with is_removed, so that nothing brings it back.
class BankHoliday(Model):
    date = fields.DateField(primary_key=True)
    title = fields.CharField(100)
    source = fields.CharField(10, default="", db_default="")
    is_removed = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "bank_holiday"


# A postcode's point; `postcode` is upper case without the space.
class Postcode(Model):
    postcode = fields.CharField(8, primary_key=True)
    lat = fields.FloatField()
    lon = fields.FloatField()
