"""What is said to whom, and what became of it.

Comments stand above the classes, because Tortoise would make docstrings part of the tables.
"""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from booking import db


# One SMS, mail or call to one person, written in the transaction that caused it (promise P4). state: queued, claimed, sent,
# delivered, failed, void (the reason for it went away), missed (too late to make sense) or merged (into the digest
# `digest_id`). `batch_id` is the AuditEvent of a mass action, for its undo. `marker` stands in the SMS so that the provider
# can be asked whether it has it. The body of a secret one (a code) is wiped once sent. urgency orders what is due: 0 codes,
# 1 what cannot wait, 2 ordinary, 3 notices to many. gist: one line of it, for a digest. A call (channel "call") is a task for
# staff: its body is what to say, and it is sent when handled_by_id has rung; handled_words is how that went. provider:
# twilio, notify or smtp, once it was handed over.
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
    language = fields.CharField(10, default="en", db_default="en")
    urgency = fields.IntField(default=2, db_default=2)
    gist = fields.CharField(200, default="", db_default="")
    digest_id = fields.UUIDField(null=True, db_index=True)
    provider = fields.CharField(10, default="", db_default="")
    delivered_at = fields.DatetimeField(null=True)
    handled_by_id = fields.UUIDField(null=True)
    handled_words = fields.CharField(300, default="", db_default="")

    class Meta:
        indexes = (
            ("state", "next_try_at"),
            ("about_kind", "about_id"),
            ("session_id",),
            ("hub_id", "created_at"),
            ("address", "created_at"),
            ("provider_reference",),
            ("sent_at",),
        )


# The calendar entry of one session, room booking, series or shift (session_id is the id of that) at one person: UID fixed for
# ever (promise P7). version is a hash of what its sequence depends on, as it was told last; "" is not known.
class Invite(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    uid = fields.CharField(120, unique=True)
    session_id = fields.UUIDField(db_index=True)
    person = fields.ForeignKeyField("booking.Person", related_name="invites", db_index=True, on_delete=fields.RESTRICT)
    person_id: UUID
    sequence = fields.IntField(default=0)
    last_method = fields.CharField(10, default="REQUEST")
    version = fields.CharField(32, default="", db_default="")


# A text that somebody sent us, written once for each of the provider's references. state: new, answered (it did something),
# unclear (a person reads it) or handled (a person has). `about` is what it was taken to be about; person_id whom staff
# take its sender to be; opt_out_type what the provider took it for: STOP, START or HELP.
class InboundMessage(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    provider_reference = fields.CharField(80, unique=True)
    sender = fields.CharField(40, db_index=True)
    receiver = fields.CharField(40, default="")
    body = fields.TextField()
    received_at = fields.DatetimeField()
    state = fields.CharField(12, default="new")
    about_kind = fields.CharField(30, default="")
    about_id = fields.UUIDField(null=True)
    hub_id = fields.UUIDField(null=True, db_index=True)
    said_back = fields.CharField(300, default="")
    handled_at = fields.DatetimeField(null=True)
    handled_by_id = fields.UUIDField(null=True)
    person_id = fields.UUIDField(null=True, db_index=True)
    provider = fields.CharField(10, default="twilio", db_default="twilio")
    opt_out_type = fields.CharField(10, default="", db_default="")

    class Meta:
        table = "inbound_message"


# What we asked a number last ("which of these?"), so that its next text is understood: options is a list of
# {"number", "does", "kind", "id", "words"}. One that is answered or past expires_at is no question any more.
class TextQuestion(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    phone = fields.CharField(20, db_index=True)
    options = fields.JSONField()
    asked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "text_question"


# What a provider said became of a message, as it came: kept once for each reference and status, settled when the message
# says so too. A report may come before we have written down that the message has left; message_id is ours, where the provider
# gives it back.
class DeliveryReport(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    provider = fields.CharField(10)
    provider_reference = fields.CharField(80)
    status = fields.CharField(20)
    error_code = fields.CharField(20, default="")
    words = fields.CharField(300, default="")
    received_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    message_id = fields.UUIDField(null=True)

    class Meta:
        table = "delivery_report"
        unique_together = (("provider_reference", "status"),)


# Words of a message as staff keep them, instead of the shipped ones. kind may name a variant (confirmation.course). Every version
# stays; replaced_at None is the one in use.
class WordingText(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    kind = fields.CharField(40)
    channel = fields.CharField(10)
    language = fields.CharField(10)
    is_discreet = fields.BooleanField(default=False)
    subject = fields.CharField(300, default="")
    body = fields.TextField()
    changed_at = fields.DatetimeField()
    changed_by_id = fields.UUIDField(null=True)
    replaced_at = fields.DatetimeField(null=True)

    class Meta:
        table = "wording_text"
        indexes = (("kind", "channel", "language"),)


# A notice to many: to everybody at a hub, place, run, session or waiting list (about) who comes between from_at and until_at (None:
# any time to come); to_whom is booked, waiting or both. state: waits (for due_at, can be undone), sending, sent or undone. Its
# recipients are written with it; a job makes their messages. event_id is its AuditEvent. is_discreet: nobody gets the words as
# they were typed. is_restricted: only staff of that very hub know of it.
class Notice(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    hub_id = fields.UUIDField(null=True, db_index=True)
    about_kind = fields.CharField(20)
    about_id = fields.UUIDField()
    about_words = fields.CharField(200, default="")
    sms = fields.TextField(default="")
    subject = fields.CharField(200, default="")
    mail = fields.TextField(default="")
    to_whom = fields.CharField(10, default="booked")
    from_at = fields.DatetimeField(null=True)
    until_at = fields.DatetimeField(null=True)
    is_discreet = fields.BooleanField(default=False)
    is_restricted = fields.BooleanField(default=False)
    state = fields.CharField(12, default="waits")
    created_at = fields.DatetimeField()
    due_at = fields.DatetimeField(db_index=True)
    by_id = fields.UUIDField(null=True)
    event_id = fields.UUIDField(null=True)
    form_token = fields.CharField(64, unique=True)


# One of those whom a notice is to reach. token opens what they have (their booking or place in line). outcome, once a job has
# dealt with them: queued, nothing (they want no messages) or gone (they no longer come).
class NoticeRecipient(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    notice = fields.ForeignKeyField(
        "booking.Notice", related_name="recipients", db_index=True, on_delete=fields.RESTRICT
    )
    notice_id: UUID
    person = fields.ForeignKeyField("booking.Person", related_name="notices", db_index=True, on_delete=fields.RESTRICT)
    person_id: UUID
    token = fields.CharField(24, default="")
    queued_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(10, default="")

    class Meta:
        table = "notice_recipient"
        unique_together = (("notice", "person"),)


# How much of a channel's pace or limit has been used in the window that began at began_at: one row for "sms second", "sms hour"
# and so on, for all workers.
class Pace(Model):
    key = fields.CharField(60, primary_key=True)
    began_at = fields.DatetimeField()
    used = fields.IntField(default=0)
