"""What is said to whom, and what became of it.

Comments stand above the classes, because Tortoise would make docstrings part of the tables.
"""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from booking import db


# One SMS or mail to one person, written in the transaction that caused it (promise P4). state: queued, claimed, sent,
# delivered, failed, void (the reason for it went away) or missed (too late to make sense). `batch_id` is the
# AuditEvent of a mass action, for its undo. `marker` stands in the SMS so that the provider can be asked whether it
# has it. The body of a secret one (a code) is wiped once sent.
class Message(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    person = fields.ForeignKeyField(
        "booking.Person", related_name="messages", null=True, db_index=True, on_delete=fields.RESTRICT
    )
    person_id: UUID | None
    kind = fields.CharField(30)
    channel = fields.CharField(10)
    address = fields.CharField(254)
    subject = fields.CharField(300, default="")
    body = fields.TextField()
    html = fields.TextField(default="")
    calendar = fields.TextField(default="")
    calendar_method = fields.CharField(10, default="")
    about_kind = fields.CharField(30)
    about_id = fields.UUIDField()
    session_id = fields.UUIDField(null=True)
    hub_id = fields.UUIDField(null=True)
    batch_id = fields.UUIDField(null=True, db_index=True)
    dedupe_key = fields.CharField(200, unique=True)
    marker = fields.CharField(12)
    is_secret = fields.BooleanField(default=False)
    is_discreet = fields.BooleanField(default=False)
    parts = fields.IntField(default=0)
    state = fields.CharField(12, default="queued")
    created_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    next_try_at = fields.DatetimeField()
    claimed_at = fields.DatetimeField(null=True)
    claimed_by = fields.CharField(60, default="")
    attempts = fields.IntField(default=0)
    may_have_left = fields.BooleanField(default=False)
    provider_reference = fields.CharField(80, default="")
    error_code = fields.CharField(20, default="")
    error = fields.CharField(300, default="")
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        indexes = (("state", "next_try_at"), ("about_kind", "about_id"), ("session_id",), ("hub_id", "created_at"))


# The calendar entry of one session, room booking or series (session_id is the id of that) at one person: UID fixed for
# ever (promise P7).
class Invite(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    uid = fields.CharField(120, unique=True)
    session_id = fields.UUIDField(db_index=True)
    person = fields.ForeignKeyField("booking.Person", related_name="invites", db_index=True, on_delete=fields.RESTRICT)
    person_id: UUID
    sequence = fields.IntField(default=0)
    last_method = fields.CharField(10, default="REQUEST")
