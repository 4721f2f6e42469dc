"""Who works, what needs people, and who does it.

A shift is one person-sized piece of work; an assignment is a person in it, once in the draft that managers plan in and once as it
was published. Comments stand above the classes, because Tortoise would make docstrings part of the tables.
"""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from booking import db


# Something a person can do or is trusted with: trained in a programme, first aid, keyholder. code is what programmes and imports
# name; expires_months: how long it lasts if nobody says otherwise, None for ever. includes: codes of skills, parted by spaces, that
# whoever holds this one holds too, as a higher level does the lower; it counts as long as this one does.
class Skill(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    code = fields.CharField(40, unique=True)
    name = fields.CharField(120, unique=True)
    expires_months = fields.IntField(null=True)
    includes = fields.CharField(300, default="", db_default="")
    ended_at = fields.DatetimeField(null=True)


# Somebody who works here: kind staff, volunteer or partner (of an organisation). known_as is the name on rotas and in the facilitator
# columns, and is nobody else's. hub_id is the home hub, whose managers plan them; lat, lon is where they set out from (base_id, else
# their postcode). weekly_minutes is the contract (None: none, as of volunteers), over_minutes how much more a week may have at most.
# max_travel_minutes is from home to a place; place_ids limits them to these locations (ids as text, JSON list), None is anywhere.
# counts_for_two: they are the second person in a building. cycle_weeks and cycle_from_date: patterns that repeat every so many
# weeks. saturdays_in_four, evenings_in_week, days_in_row: the most of each. gets_invites: a calendar mail for each duty, beside the one
# message.
class StaffProfile(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    person = fields.OneToOneField("booking.Person", related_name="works", on_delete=fields.RESTRICT)
    person_id: UUID
    known_as = fields.CharField(120, unique=True)
    kind = fields.CharField(12, default="staff")
    organisation = fields.ForeignKeyField(
        "booking.Organisation", related_name="workers", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    organisation_id: UUID | None
    hub_id = fields.UUIDField(db_index=True)
    base = fields.ForeignKeyField("booking.Location", related_name="workers", null=True, on_delete=fields.RESTRICT)
    base_id: UUID | None
    postcode = fields.CharField(10, default="")
    lat = fields.FloatField(null=True)
    lon = fields.FloatField(null=True)
    drives = fields.BooleanField(default=True)
    max_travel_minutes = fields.IntField(default=45)
    place_ids = fields.JSONField(null=True)
    counts_for_two = fields.BooleanField(default=True)
    weekly_minutes = fields.IntField(null=True)
    over_minutes = fields.IntField(default=180)
    days_in_row = fields.IntField(default=5)
    saturdays_in_four = fields.IntField(default=2)
    evenings_in_week = fields.IntField(default=2)
    cycle_weeks = fields.IntField(default=1)
    cycle_from_date = fields.DateField(null=True)
    is_reminded = fields.BooleanField(default=True)
    gets_invites = fields.BooleanField(default=False, db_default=False)
    from_date = fields.DateField(null=True)
    to_date = fields.DateField(null=True)
    notes = fields.CharField(300, default="")
    imported = fields.JSONField(null=True)

    class Meta:
        table = "staff_profile"


# When a person works, local wall times: kind works (they can be planned only inside such a time), prefers or avoids (wishes).
# week is of the cycle, from 0; None is every week. Monday is 0.
class WorkPattern(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    staff = fields.ForeignKeyField(
        "booking.StaffProfile", related_name="pattern", db_index=True, on_delete=fields.RESTRICT
    )
    staff_id: UUID
    week = fields.IntField(null=True)
    weekday = fields.IntField()
    start = fields.CharField(5)
    end = fields.CharField(5)
    kind = fields.CharField(10, default="works")

    class Meta:
        table = "work_pattern"


# One day that is not as the pattern says: kind works (they can work these times too) or off (not in these times).
class PatternException(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    staff = fields.ForeignKeyField(
        "booking.StaffProfile", related_name="exceptions", db_index=True, on_delete=fields.RESTRICT
    )
    staff_id: UUID
    date = fields.DateField()
    start = fields.CharField(5, default="00:00")
    end = fields.CharField(5, default="24:00")
    kind = fields.CharField(10)
    reason = fields.CharField(200, default="")

    class Meta:
        table = "pattern_exception"
        indexes = (("staff_id", "date"),)


# Time away, local: first to last date, both included; start and end ("24:00" is the end of the day) on each of them. kind: annual,
# sick, training or other. state: requested, approved, declined, withdrawn. credit_minutes counts towards the contract, None: by the
# pattern. answer is what the manager said.
class Leave(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    staff = fields.ForeignKeyField(
        "booking.StaffProfile", related_name="leave", db_index=True, on_delete=fields.RESTRICT
    )
    staff_id: UUID
    first_date = fields.DateField()
    last_date = fields.DateField()
    start = fields.CharField(5, default="00:00")
    end = fields.CharField(5, default="24:00")
    kind = fields.CharField(12, default="annual")
    state = fields.CharField(12, default="requested")
    credit_minutes = fields.IntField(null=True)
    reason = fields.CharField(300, default="")
    answer = fields.CharField(300, default="")
    asked_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by_id = fields.UUIDField(null=True)


# A skill that somebody holds from a date to another, both included; None is open.
class StaffSkill(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    staff = fields.ForeignKeyField(
        "booking.StaffProfile", related_name="skills", db_index=True, on_delete=fields.RESTRICT
    )
    staff_id: UUID
    skill = fields.ForeignKeyField("booking.Skill", related_name="held", db_index=True, on_delete=fields.RESTRICT)
    skill_id: UUID
    level = fields.CharField(30, default="")
    from_date = fields.DateField(null=True)
    to_date = fields.DateField(null=True)

    class Meta:
        table = "staff_skill"


# How many people a location needs on these weekdays ("012345", Monday is 0) from start to end, and which skills (codes parted by
# spaces) skilled of them must hold; the dates are both included, None is open. It needs nobody while the location is shut.
class CoverNeed(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    location = fields.ForeignKeyField(
        "booking.Location", related_name="cover_needs", db_index=True, on_delete=fields.RESTRICT
    )
    location_id: UUID
    name = fields.CharField(80, default="")
    weekdays = fields.CharField(7)
    start = fields.CharField(5)
    end = fields.CharField(5)
    people = fields.IntField()
    skills = fields.CharField(300, default="")
    skilled = fields.IntField(default=1)
    first_date = fields.DateField(null=True)
    last_date = fields.DateField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "cover_need"


# One person-sized piece of work. kind: cover (of a CoverNeed), facilitator, creche or appointment (of a session), extra (by hand),
# preparation or follow_up (beside its session, done by whoever has the same position of it). date, start_time, end_time are
# local; starts_at, ends_at are the same as instants, setting up and clearing included; minutes are paid. skills: codes parted
# by spaces, all needed. state: open, cancelled, or outside (somebody who is not on the rota does it, by name). moved_words says what
# last happened to it because its session or opening hours changed, until a manager has seen it. named is the facilitator name of
# its session as last seen or written here, and named_staff_id who was published in it then (what a three-way merge starts from).
class Shift(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    kind = fields.CharField(12)
    location = fields.ForeignKeyField(
        "booking.Location", related_name="shifts", db_index=True, on_delete=fields.RESTRICT
    )
    location_id: UUID
    hub_id = fields.UUIDField()
    session = fields.ForeignKeyField(
        "booking.Session", related_name="shifts", null=True, db_index=True, on_delete=fields.SET_NULL
    )
    session_id: UUID | None
    need = fields.ForeignKeyField(
        "booking.CoverNeed", related_name="shifts", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    need_id: UUID | None
    position = fields.IntField(default=1)
    title = fields.CharField(200, default="")
    date = fields.DateField()
    start_time = fields.CharField(5)
    end_time = fields.CharField(5)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    minutes = fields.IntField()
    skills = fields.CharField(300, default="")
    state = fields.CharField(10, default="open")
    moved_words = fields.CharField(300, default="")
    moved_at = fields.DatetimeField(null=True)
    named = fields.CharField(120, default="")
    named_staff_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    by_id = fields.UUIDField(null=True)

    class Meta:
        indexes = (("hub_id", "date"), ("location_id", "date"), ("starts_at",))


# What shifts were last made from: about_id is a session or a location, seen its facts as text. What differs is looked at again.
class Followed(Model):
    about_id = fields.UUIDField(primary_key=True)
    seen = fields.TextField(default="")


# A person in a shift. layer: draft (what managers plan in; it has what is published too) or published. starts_at and ends_at are
# the shift's, for the guard against two duties at once. is_pinned: no planner moves it. source: hand, greedy, solver, swap, text,
# repair, named (as facilitator of the session) or import. answer, of what is published: "" (not yet), accepted or declined, with
# answer_words (why not).
# overridden: the rules that a manager set aside, parted by spaces, with override_reason. sequence is the calendar entry's.
class Assignment(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    shift = fields.ForeignKeyField(
        "booking.Shift", related_name="assignments", db_index=True, on_delete=fields.RESTRICT
    )
    shift_id: UUID
    staff = fields.ForeignKeyField(
        "booking.StaffProfile", related_name="assignments", db_index=True, on_delete=fields.RESTRICT
    )
    staff_id: UUID
    layer = fields.CharField(10)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    is_pinned = fields.BooleanField(default=False)
    source = fields.CharField(10, default="hand")
    answer = fields.CharField(10, default="")
    answer_words = fields.CharField(300, default="", db_default="")
    answered_at = fields.DatetimeField(null=True)
    overridden = fields.CharField(200, default="")
    override_reason = fields.CharField(300, default="")
    override_by_id = fields.UUIDField(null=True)
    sequence = fields.IntField(default=0)
    made_at = fields.DatetimeField()
    made_by_id = fields.UUIDField(null=True)

    class Meta:
        indexes = (("staff_id", "layer", "starts_at"),)


# One publishing of a hub's rota: what it changed (JSON: shift, staff before, staff after) and who is told when. Until due_at it can be
# undone. state: waits, told or undone.
class Publication(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    hub_id = fields.UUIDField(db_index=True)
    first_date = fields.DateField()
    last_date = fields.DateField()
    changes = fields.JSONField(default=list)
    state = fields.CharField(10, default="waits")
    reason = fields.CharField(300, default="")
    at = fields.DatetimeField()
    by_id = fields.UUIDField(null=True)
    due_at = fields.DatetimeField()
    undone_at = fields.DatetimeField(null=True)


# Somebody would give a published duty to a colleague; with in_return_id, the colleague's duty comes back for it. state: asked,
# agreed (the colleague did), approved (a manager did: it is done), refused, declined, withdrawn or void (the rota changed).
class SwapRequest(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    shift = fields.ForeignKeyField("booking.Shift", related_name="swaps", db_index=True, on_delete=fields.RESTRICT)
    shift_id: UUID
    in_return_id = fields.UUIDField(null=True, db_index=True)
    from_staff_id = fields.UUIDField(db_index=True)
    to_staff_id = fields.UUIDField(db_index=True)
    state = fields.CharField(10, default="asked")
    words = fields.CharField(300, default="")
    asked_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_by_id = fields.UUIDField(null=True)
    why = fields.CharField(300, default="")

    class Meta:
        table = "swap_request"


# One person asked to take a shift. state: asked, yes (got it), no, late (said yes after another, or when it was another shift already),
# unfit (said yes, but a rule is against it: words), closed (never answered, it is filled or gone). One round is everybody asked by one
# press. instead_of_id is who was published in it then and cannot do it; asked_for is when and where it was then, as text.
class CoverAsk(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    shift = fields.ForeignKeyField("booking.Shift", related_name="asks", db_index=True, on_delete=fields.RESTRICT)
    shift_id: UUID
    staff_id = fields.UUIDField(db_index=True)
    round_id = fields.UUIDField()
    token = fields.CharField(24, unique=True)
    state = fields.CharField(10, default="asked")
    asked_at = fields.DatetimeField()
    asked_by_id = fields.UUIDField(null=True)
    instead_of_id = fields.UUIDField(null=True)
    asked_for = fields.CharField(160, default="", db_default="")
    expires_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    words = fields.CharField(300, default="", db_default="")

    class Meta:
        table = "cover_ask"


# Somebody says that they could take this open shift.
class Willing(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    shift = fields.ForeignKeyField("booking.Shift", related_name="willing", on_delete=fields.RESTRICT)
    shift_id: UUID
    staff_id = fields.UUIDField(db_index=True)
    at = fields.DatetimeField()

    class Meta:
        unique_together = (("shift", "staff_id"),)


# An automatic plan under way or done. hubs: ids as text; wishes: what mattered how much (rules.Weights); result: shift -> staff as
# text; found: arithmetic, gaps and their explanations, objective and bound, as the pages show them. state: waits, runs, done,
# stopped, failed, applied or undone. touched_at moves while it runs, so that one whose process died is known.
class PlanRun(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    hubs = fields.JSONField(default=list)
    first_date = fields.DateField()
    last_date = fields.DateField()
    engine = fields.CharField(10)
    seed = fields.IntField(default=1)
    wishes = fields.JSONField(default=dict)
    input_hash = fields.CharField(64, default="")
    state = fields.CharField(10, default="waits")
    done = fields.IntField(default=0)
    total = fields.IntField(default=0)
    words = fields.CharField(300, default="")
    result = fields.JSONField(null=True)
    found = fields.JSONField(null=True)
    stop_asked_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    by_id = fields.UUIDField(null=True)
    touched_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "plan_run"


# The rules and wishes of a hub's rota that its managers changed (values.Rules and values.Weights, by name); hub_id None: the county's.
class RotaRules(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    hub_id = fields.UUIDField(null=True, unique=True)
    values = fields.JSONField(default=dict)
    changed_at = fields.DatetimeField()
    by_id = fields.UUIDField(null=True)

    class Meta:
        table = "rota_rules"
