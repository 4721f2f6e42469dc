"""Who books, who works here, who uses the space; and how they sign in.

Comments stand above the classes, because Tortoise would make docstrings part of the tables.
"""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from booking import db


# A partner that uses our space. Its named bookers are the people with the role partner. minutes_per_term is its allowance,
# None is no limit; rate_pence an hour, None is the room's own; approval: room (as the room says), always or never.
class Organisation(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    name = fields.CharField(200, unique=True)
    kind = fields.CharField(30, default="partner")
    email = fields.CharField(254, default="", db_default="")
    phone = fields.CharField(20, default="", db_default="")
    agreement_to_date = fields.DateField(null=True)
    insurance_to_date = fields.DateField(null=True)
    terms_accepted_at = fields.DatetimeField(null=True)
    terms_accepted_by_id = fields.UUIDField(null=True)
    minutes_per_term = fields.IntField(null=True)
    default_title = fields.CharField(200, default="", db_default="")
    cost_code = fields.CharField(60, default="", db_default="")
    rate_pence = fields.IntField(null=True)
    approval = fields.CharField(10, default="room", db_default="room")
    is_reminded = fields.BooleanField(default=False, db_default=False)
    notes = fields.TextField(default="", db_default="")
    ended_at = fields.DatetimeField(null=True)


# A household: the people and children who come together.
class Family(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    created_at = fields.DatetimeField()


# A parent or carer, a member of staff or a partner's booker. phone is E.164, email lower case; channel is how they
# want to hear from us: sms, email, call or none. phone_state and email_state are ok, opted_out, not_mobile, failing
# or bounced. proved is the phone or mailbox that this very person has shown to be theirs by a code; what is only typed
# proves nothing. has_no_device: they cannot join what is online, so somebody rings them. language is that of their messages.
# safe_from, safe_to ("09:30", local) and safe_days (Monday is "0") are when they may be contacted at all, "" is any time:
# nothing is ever sent or rung outside. is_discreet: neutral words and sender whatever a message is about. hears_urgent: what is
# called off at short notice may come in the county's quiet hours. contact_words: what staff must know before they ring.
class Person(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    family = fields.ForeignKeyField(
        "booking.Family", related_name="people", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    family_id: UUID | None
    name = fields.CharField(200)
    phone = fields.CharField(20, default="", db_index=True)
    email = fields.CharField(254, default="", db_index=True)
    channel = fields.CharField(10, default="sms")
    language = fields.CharField(10, default="en")
    phone_state = fields.CharField(20, default="ok")
    email_state = fields.CharField(20, default="ok")
    proved = fields.CharField(254, default="", db_index=True)
    created_at = fields.DatetimeField()
    has_no_device = fields.BooleanField(default=False, db_default=False)
    safe_from = fields.CharField(5, default="", db_default="")
    safe_to = fields.CharField(5, default="", db_default="")
    safe_days = fields.CharField(7, default="", db_default="")
    is_discreet = fields.BooleanField(default=False, db_default=False)
    hears_urgent = fields.BooleanField(default=False, db_default=False)
    contact_words = fields.CharField(300, default="", db_default="")


class Child(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    family = fields.ForeignKeyField("booking.Family", related_name="children", db_index=True, on_delete=fields.RESTRICT)
    family_id: UUID
    first_name = fields.CharField(80)
    birth_year = fields.IntField()
    birth_month = fields.IntField()


# What a person may do here: hub_staff and hub_manager at one hub (hub_id), county_admin everywhere, partner.
class Role(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    person = fields.ForeignKeyField("booking.Person", related_name="roles", db_index=True, on_delete=fields.RESTRICT)
    person_id: UUID
    kind = fields.CharField(20)
    hub_id = fields.UUIDField(null=True)
    organisation = fields.ForeignKeyField(
        "booking.Organisation", related_name="roles", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    organisation_id: UUID | None


# A six-digit code sent to a phone or mailbox; only its hash is kept.
class SignInCode(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    address = fields.CharField(254, db_index=True)
    purpose = fields.CharField(10)
    code_hash = fields.CharField(64)
    tries_left = fields.IntField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "sign_in_code"


# A browser that belongs to somebody: purpose `staff`, or `manage` for a parent, who has booked here or has proved the phone or
# mailbox in `proved`. Revoked by deleting the row.
class SignedIn(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    token_hash = fields.CharField(64, unique=True)
    person = fields.ForeignKeyField(
        "booking.Person", related_name="signed_in", db_index=True, on_delete=fields.RESTRICT
    )
    person_id: UUID
    purpose = fields.CharField(10)
    proved = fields.CharField(254, default="")
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()

    class Meta:
        table = "signed_in"


# How often something was tried in a window of time; the rate limits count here, for all processes.
class Allowance(Model):
    key = fields.CharField(120, primary_key=True)
    tries = fields.IntField()
    window_ends_at = fields.DatetimeField(db_index=True)


# Where a form with this token led, so that pressing twice answers with the first result (promise P9).
class FormAnswer(Model):
    token = fields.CharField(64, primary_key=True)
    leads_to = fields.CharField(300)
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "form_answer"


# Facts about this installation: key, value.
class Instance(Model):
    key = fields.CharField(60, primary_key=True)
    value = fields.TextField()


# When each job last began and ended, when it runs next and how often it failed since it last went well, for /health and
# operators.
class Tick(Model):
    name = fields.CharField(60, primary_key=True)
    last_started_at = fields.DatetimeField(null=True)
    last_finished_at = fields.DatetimeField(null=True)
    last_error = fields.TextField(default="")
    last_result = fields.CharField(200, default="")
    next_run_at = fields.DatetimeField(null=True)
    every = fields.CharField(60, default="", db_default="")
    failures = fields.IntField(default=0, db_default=0)


# One run of a job that did something or failed; kept for a week.
class JobRun(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    name = fields.CharField(60)
    worker = fields.CharField(60, default="")
    started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField()
    result = fields.CharField(200, default="")
    error = fields.TextField(default="")

    class Meta:
        table = "job_run"
        indexes = (("name", "started_at"), ("started_at",))


# An import under way or done: the files as sent (base64 in JSON, until it is done), how far it is, and its report as JSON
# text. state: checking, checked, importing, done or failed; touched_at moves while it runs, so that a job whose process
# died is known.
class ImportJob(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    by_id = fields.UUIDField(null=True)
    state = fields.CharField(20, default="checking")
    done = fields.IntField(default=0)
    total = fields.IntField(default=0)
    words = fields.CharField(300, default="")
    files = fields.TextField(default="[]")
    report = fields.TextField(default="")
    created_at = fields.DatetimeField()
    touched_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "import_job"
