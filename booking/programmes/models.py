"""What is offered, when it meets, who has a place and who came.

Comments stand above the classes, because Tortoise would make docstrings part of the tables.
"""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from booking import db


# A service category; `parent_code` is empty for the top ones.
class Topic(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    code = fields.CharField(120, unique=True)
    name = fields.CharField(200)
    parent_code = fields.CharField(120, default="")


# What is offered. Ages are the child's, in months; None is no limit. reminder_leads: "2d 2h" is two days before at
# the same wall time and two hours before. A whole run can be joined until its session number entry_sessions has begun.
# send_max_age_months: the oldest age with additional needs (25 years, where it is else 19). audience: families,
# professionals or anyone. parts are calls beside the group: [{"week": 3, "minutes": 30}]. most_adults and most_children
# may come on one place. Numbers are judged so many days (decide_days) before the first session. picture names one of ours.
# prepare_minutes and follow_up_minutes: what each facilitator works beside every session; creche_workers look after its creche.
# skills: codes or names of what each facilitator must hold, parted by semicolons. imported is what the last import wrote, by column (places/staff_changes.py).
class Programme(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    code = fields.CharField(40, unique=True)
    title = fields.CharField(200)
    group = fields.CharField(100, default="")
    kind = fields.CharField(20)
    min_age_months = fields.IntField(null=True)
    max_age_months = fields.IntField(null=True)
    age_of = fields.CharField(30, default="child")
    session_count = fields.IntField(null=True)
    minutes = fields.IntField(null=True)
    places_min = fields.IntField(null=True)
    places_max = fields.IntField(null=True)
    places_unit = fields.CharField(20, default="families")
    facilitators = fields.IntField(null=True)
    creche = fields.CharField(100, default="")
    delivery = fields.CharField(60, default="in_person")
    booking_rule = fields.CharField(80, default="")
    is_discreet = fields.BooleanField(default=False)
    topic = fields.ForeignKeyField(
        "booking.Topic", related_name="programmes", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    topic_id: UUID | None
    summary = fields.TextField(default="")
    what_to_bring = fields.TextField(default="")
    entry_sessions = fields.IntField(default=2)
    reminder_leads = fields.CharField(60, default="2d 2h")
    source = fields.TextField(default="")
    send_max_age_months = fields.IntField(null=True)
    audience = fields.CharField(20, default="families", db_default="families")
    skills = fields.CharField(300, default="", db_default="")
    creche_places = fields.IntField(null=True)
    creche_workers = fields.IntField(null=True)
    prepare_minutes = fields.IntField(null=True)
    follow_up_minutes = fields.IntField(null=True)
    parts = fields.JSONField(null=True)
    booking_mode = fields.CharField(20, default="", db_default="")
    most_adults = fields.IntField(null=True)
    most_children = fields.IntField(null=True)
    decide_days = fields.IntField(default=7, db_default=7)
    picture = fields.CharField(30, default="", db_default="")
    is_restricted = fields.BooleanField(default=False, db_default=False)
    ended_at = fields.DatetimeField(null=True)
    imported = fields.JSONField(null=True)


# One timetable of a programme. booking_mode: drop_in, session, run, appointment, referral or linked. places and taken
# count the run's own places where the whole run is booked (booking_mode run). state: draft (it holds its rooms, and only
# staff know of it), published or cancelled. rule is the whole rule as it was planned (places/recurrence.py), None for
# what was imported; sessions are never made from it again. `reserved` places are for referred or priority families until
# reserved_until_at; reserved_taken counts what such families have. guest_places: the most that families of other runs
# have on any one date to come, to catch up; counted beside taken. Below min_places on decide_by_date staff decide.
class Run(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    code = fields.CharField(40, unique=True)
    slug = fields.CharField(160, unique=True)
    programme = fields.ForeignKeyField(
        "booking.Programme", related_name="runs", db_index=True, on_delete=fields.RESTRICT
    )
    programme_id: UUID
    location = fields.ForeignKeyField("booking.Location", related_name="runs", db_index=True, on_delete=fields.RESTRICT)
    location_id: UUID
    room = fields.ForeignKeyField(
        "booking.Room", related_name="runs", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    room_id: UUID | None
    hub_id = fields.UUIDField(db_index=True)
    title = fields.CharField(200)
    weekday = fields.IntField()
    start_time = fields.CharField(5)
    end_time = fields.CharField(5)
    frequency = fields.CharField(20, default="weekly")
    first_date = fields.DateField()
    last_date = fields.DateField()
    planned_sessions = fields.IntField(null=True)
    is_term_time_only = fields.BooleanField(default=False)
    booking_mode = fields.CharField(20)
    takes_referrals = fields.BooleanField(default=False)
    is_first_visit_booked = fields.BooleanField(default=False)
    min_age_months = fields.IntField(null=True)
    max_age_months = fields.IntField(null=True)
    places = fields.IntField()
    taken = fields.IntField(default=0)
    slot_minutes = fields.IntField(null=True)
    delivery = fields.CharField(20, default="in_person")
    join_url = fields.CharField(300, default="")
    host = fields.CharField(200, default="")
    creche_run_id = fields.UUIDField(null=True)
    is_listed = fields.BooleanField(default=True)
    is_restricted = fields.BooleanField(default=False)
    is_out_of_hours = fields.BooleanField(default=False)
    search_words = fields.TextField(default="")
    source = fields.TextField(default="")
    notes = fields.TextField(default="")
    state = fields.CharField(12, default="published", db_default="published")
    published_at = fields.DatetimeField(null=True)
    planned_by_id = fields.UUIDField(null=True)
    rule = fields.JSONField(null=True)
    facilitator_1 = fields.CharField(120, default="", db_default="")
    facilitator_2 = fields.CharField(120, default="", db_default="")
    reserved = fields.IntField(default=0, db_default=0)
    reserved_taken = fields.IntField(default=0, db_default=0)
    reserved_until_at = fields.DatetimeField(null=True)
    guest_places = fields.IntField(default=0, db_default=0)
    min_places = fields.IntField(null=True)
    decide_by_date = fields.DateField(null=True)
    decided_at = fields.DatetimeField(null=True)
    referral_code = fields.CharField(20, default="", db_default="")


# One dated meeting. date, start_time and end_time are local; starts_at and ends_at are the same as instants. taken
# counts booked, leased and offered places and never passes places. sequence is the calendar entry's (RFC 5546).
# register_done_at is when staff had finished the register; None while anything is left to mark or count. moved_from_date is
# its date in the rule, if staff moved it to another day. state: draft, planned or cancelled. delivery and join_url are its
# own where it differs from its run, else empty. `edited` names what staff changed on this date alone ("day time room places
# facilitator online", parted by spaces); it does not follow its run in that. kind: group, or call (one to one, by
# telephone, without a room). In a run that is booked as a whole `taken` counts guests of other runs who catch up.
class Session(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    run = fields.ForeignKeyField("booking.Run", related_name="sessions", on_delete=fields.RESTRICT)
    run_id: UUID
    location = fields.ForeignKeyField("booking.Location", related_name="sessions", on_delete=fields.RESTRICT)
    location_id: UUID
    room = fields.ForeignKeyField(
        "booking.Room", related_name="sessions", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    room_id: UUID | None
    room_booking = fields.ForeignKeyField(
        "booking.RoomBooking", related_name="sessions", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    room_booking_id: UUID | None
    hub_id = fields.UUIDField()
    number = fields.IntField()
    date = fields.DateField()
    weekday = fields.IntField()
    start_time = fields.CharField(5)
    end_time = fields.CharField(5)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    state = fields.CharField(20, default="planned")
    why_cancelled = fields.CharField(300, default="")
    is_listed = fields.BooleanField(default=True)
    places = fields.IntField()
    taken = fields.IntField(default=0)
    sequence = fields.IntField(default=0)
    adults_counted = fields.IntField(default=0)
    children_counted = fields.IntField(default=0)
    register_done_at = fields.DatetimeField(null=True)
    moved_from_date = fields.DateField(null=True)
    kind = fields.CharField(10, default="group", db_default="group")
    delivery = fields.CharField(20, default="", db_default="")
    join_url = fields.CharField(300, default="", db_default="")
    edited = fields.CharField(80, default="", db_default="")
    facilitator_1 = fields.CharField(120, default="", db_default="")
    facilitator_2 = fields.CharField(120, default="", db_default="")
    reserved = fields.IntField(default=0, db_default=0)
    reserved_taken = fields.IntField(default=0, db_default=0)
    reserved_until_at = fields.DatetimeField(null=True)
    makes_up_for_id = fields.UUIDField(null=True)

    class Meta:
        indexes = (("location_id", "date"), ("hub_id", "date"), ("starts_at",))  # and those in guards.py


# One appointment of a clinic: a worker's time within a session. state: open, break (nobody can book it) or cancelled.
# taken is 1 while it is booked or leased; its session's counters count it too.
class Slot(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    session = fields.ForeignKeyField("booking.Session", related_name="slots", db_index=True, on_delete=fields.RESTRICT)
    session_id: UUID
    worker = fields.CharField(120, default="")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    state = fields.CharField(12, default="open")
    taken = fields.IntField(default=0)


# A date the rule gives which is left out, and why.
class Skip(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    run = fields.ForeignKeyField("booking.Run", related_name="skips", db_index=True, on_delete=fields.RESTRICT)
    run_id: UUID
    date = fields.DateField()
    reason = fields.CharField(200)


# A form under way. Its places are kept for ten minutes and counted in `taken` of the session, or of the run where the whole
# run is booked, until they are released; a draft for the waiting list keeps none. `draft` is what was typed, as JSON,
# gone with the row.
class Lease(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    run_id = fields.UUIDField()
    session_id = fields.UUIDField(null=True)
    slot_id = fields.UUIDField(null=True)
    places = fields.IntField()
    is_priority = fields.BooleanField(default=False, db_default=False)
    is_for_waiting = fields.BooleanField(default=False)
    draft = fields.TextField(default="")
    expires_at = fields.DatetimeField()
    released_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(db_index=True)


# A family's place or places, on one session or on a whole run. state: booked, given_up (by the family) or cancelled
# (by the hub). `places` is how many it takes of the counter it was claimed from; is_priority: they count as reserved ones.
# organisation_id: the partner that referred the family. catches_up_id is the session of its own run that it missed. work:
# the job and organisation of somebody who comes to a training.
class Booking(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    reference = fields.CharField(8, unique=True)
    manage_token = fields.CharField(24, unique=True)
    run = fields.ForeignKeyField("booking.Run", related_name="bookings", db_index=True, on_delete=fields.RESTRICT)
    run_id: UUID
    session = fields.ForeignKeyField(
        "booking.Session", related_name="bookings", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    session_id: UUID | None
    family = fields.ForeignKeyField("booking.Family", related_name="bookings", db_index=True, on_delete=fields.RESTRICT)
    family_id: UUID
    person = fields.ForeignKeyField("booking.Person", related_name="bookings", db_index=True, on_delete=fields.RESTRICT)
    person_id: UUID
    state = fields.CharField(20, default="booked")
    places = fields.IntField()
    needs = fields.TextField(default="")
    source = fields.CharField(20, default="online")
    form_token = fields.CharField(64, unique=True)
    by_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    slot = fields.ForeignKeyField(
        "booking.Slot", related_name="bookings", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    slot_id: UUID | None
    creche_children = fields.IntField(default=0, db_default=0)
    is_priority = fields.BooleanField(default=False, db_default=False)
    organisation_id = fields.UUIDField(null=True)
    catches_up_id = fields.UUIDField(null=True)
    work = fields.CharField(200, default="", db_default="")


# A booking's places in the creche on one date; counted in `taken` of the creche's session until they are released.
class CrechePlace(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    booking = fields.ForeignKeyField("booking.Booking", related_name="creche", db_index=True, on_delete=fields.RESTRICT)
    booking_id: UUID
    session = fields.ForeignKeyField("booking.Session", related_name="creche", db_index=True, on_delete=fields.RESTRICT)
    session_id: UUID
    places = fields.IntField()
    released_at = fields.DatetimeField(null=True)

    class Meta:
        table = "creche_place"


# One who comes with a booking. A child's age is reckoned from the month of birth at the session's date; an
# adult's birth is that of the baby she expects. in_creche: it is
# looked after in the creche meanwhile.
class Attendee(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    booking = fields.ForeignKeyField(
        "booking.Booking", related_name="attendees", db_index=True, on_delete=fields.RESTRICT
    )
    booking_id: UUID
    kind = fields.CharField(10)
    name = fields.CharField(200)
    child_id = fields.UUIDField(null=True)
    birth_year = fields.IntField(null=True)
    birth_month = fields.IntField(null=True)
    in_creche = fields.BooleanField(default=False, db_default=False)


# A family told us it will miss one date of a run it is booked on.
class MissedDate(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    booking = fields.ForeignKeyField(
        "booking.Booking", related_name="missed_dates", db_index=True, on_delete=fields.RESTRICT
    )
    booking_id: UUID
    session = fields.ForeignKeyField(
        "booking.Session", related_name="missed_by", db_index=True, on_delete=fields.RESTRICT
    )
    session_id: UUID
    created_at = fields.DatetimeField()

    class Meta:
        table = "missed_date"


# A family in line for a full session or run. state: waiting, offered, booked, left or
# cancelled (the date they were waiting for was). Who has more priority is offered a place first; only staff see why.
class WaitingEntry(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    reference = fields.CharField(8, unique=True)
    manage_token = fields.CharField(24, unique=True)
    run = fields.ForeignKeyField("booking.Run", related_name="waiting", db_index=True, on_delete=fields.RESTRICT)
    run_id: UUID
    session = fields.ForeignKeyField(
        "booking.Session", related_name="waiting", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    session_id: UUID | None
    family = fields.ForeignKeyField("booking.Family", related_name="waiting", db_index=True, on_delete=fields.RESTRICT)
    family_id: UUID
    person = fields.ForeignKeyField("booking.Person", related_name="waiting", db_index=True, on_delete=fields.RESTRICT)
    person_id: UUID
    places = fields.IntField()
    who = fields.JSONField(default=list)
    needs = fields.TextField(default="")
    state = fields.CharField(20, default="waiting")
    priority = fields.IntField(default=0)
    form_token = fields.CharField(64, unique=True)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    priority_reason = fields.CharField(200, default="", db_default="")
    creche_children = fields.IntField(default=0, db_default=0)
    organisation_id = fields.UUIDField(null=True)
    work = fields.CharField(200, default="", db_default="")

    class Meta:
        table = "waiting_entry"


# A place kept for one waiting family until a time; counts as taken. state: open, taken, declined, expired or withdrawn.
# The token is in the link that answers it. by_id: the member of staff who offered it by hand.
class Offer(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    waiting_entry = fields.ForeignKeyField(
        "booking.WaitingEntry", related_name="offers", db_index=True, on_delete=fields.RESTRICT
    )
    waiting_entry_id: UUID
    places = fields.IntField()
    state = fields.CharField(20, default="open")
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    token = fields.CharField(24, null=True, unique=True)
    is_priority = fields.BooleanField(default=False, db_default=False)
    by_id = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)


# What the register says of one attendee at one session: attended, absent or apologies. A walk-in has no attendee but
# a name (or none) and how many came.
class Attendance(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    session = fields.ForeignKeyField(
        "booking.Session", related_name="attendance", db_index=True, on_delete=fields.RESTRICT
    )
    session_id: UUID
    attendee = fields.ForeignKeyField(
        "booking.Attendee", related_name="attendance", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    attendee_id: UUID | None
    state = fields.CharField(20)
    walk_in_name = fields.CharField(120, default="")
    adults = fields.IntField(default=0)
    children = fields.IntField(default=0)
    by_id = fields.UUIDField(null=True)
    at = fields.DatetimeField()


# One reminder of one session to one booking (and all adults told of it) was dealt with: lead is "2d" or "2h". The row is the
# reminder's unique key.
class Reminder(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    booking_id = fields.UUIDField()
    session_id = fields.UUIDField(db_index=True)
    lead = fields.CharField(10)
    queued_at = fields.DatetimeField()


# Another adult who is told about a booking, such as a grandparent who brings the child: reminders and what changes, at
# their own number, with a link of their own that shows the dates and nothing of the family. ended_at: no more, as the
# family or the adult said (ended_by: family or adult). While the booking is not booked they hear nothing either.
class AlsoTold(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    booking = fields.ForeignKeyField(
        "booking.Booking", related_name="also_told", db_index=True, on_delete=fields.RESTRICT
    )
    booking_id: UUID
    person = fields.ForeignKeyField("booking.Person", related_name="also_told", on_delete=fields.RESTRICT)
    person_id: UUID
    token = fields.CharField(24, unique=True)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    ended_by = fields.CharField(10, default="")

    class Meta:
        table = "also_told"
        unique_together = (("booking", "person"),)
