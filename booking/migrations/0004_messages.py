from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from booking.db import new_id
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("booking", "0003_planning")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AlsoTold",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "booking",
                    fields.ForeignKeyField(
                        "booking.Booking",
                        source_field="booking_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="also_told",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "booking.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="also_told",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("token", fields.CharField(unique=True, max_length=24)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_by", fields.CharField(default="", max_length=10)),
            ],
            options={
                "table": "also_told",
                "app": "booking",
                "unique_together": (("booking", "person"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DeliveryReport",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("provider", fields.CharField(max_length=10)),
                ("provider_reference", fields.CharField(max_length=80)),
                ("status", fields.CharField(max_length=20)),
                ("error_code", fields.CharField(default="", max_length=20)),
                ("words", fields.CharField(default="", max_length=300)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("message_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "delivery_report",
                "app": "booking",
                "unique_together": (("provider_reference", "status"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="JobRun",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=60)),
                ("worker", fields.CharField(default="", max_length=60)),
                ("started_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("result", fields.CharField(default="", max_length=200)),
                ("error", fields.TextField(default="", unique=False)),
            ],
            options={
                "table": "job_run",
                "app": "booking",
                "indexes": [Index(fields=["name", "started_at"]), Index(fields=["started_at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Notice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("hub_id", fields.UUIDField(null=True, db_index=True)),
                ("about_kind", fields.CharField(max_length=20)),
                ("about_id", fields.UUIDField()),
                ("about_words", fields.CharField(default="", max_length=200)),
                ("sms", fields.TextField(default="", unique=False)),
                ("subject", fields.CharField(default="", max_length=200)),
                ("mail", fields.TextField(default="", unique=False)),
                ("to_whom", fields.CharField(default="booked", max_length=10)),
                ("from_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("until_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("is_discreet", fields.BooleanField(default=False)),
                ("is_restricted", fields.BooleanField(default=False)),
                ("state", fields.CharField(default="waits", max_length=12)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("by_id", fields.UUIDField(null=True)),
                ("event_id", fields.UUIDField(null=True)),
                ("form_token", fields.CharField(unique=True, max_length=64)),
            ],
            options={"table": "notice", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NoticeRecipient",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "notice",
                    fields.ForeignKeyField(
                        "booking.Notice",
                        source_field="notice_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="recipients",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "booking.Person",
                        source_field="person_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="notices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("token", fields.CharField(default="", max_length=24)),
                ("queued_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("outcome", fields.CharField(default="", max_length=10)),
            ],
            options={
                "table": "notice_recipient",
                "app": "booking",
                "unique_together": (("notice", "person"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Pace",
            fields=[
                ("key", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=60)),
                ("began_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used", fields.IntField(default=0)),
            ],
            options={"table": "pace", "app": "booking", "pk_attr": "key"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TextQuestion",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("phone", fields.CharField(db_index=True, max_length=20)),
                ("options", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "text_question", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WordingText",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=40)),
                ("channel", fields.CharField(max_length=10)),
                ("language", fields.CharField(max_length=10)),
                ("is_discreet", fields.BooleanField(default=False)),
                ("subject", fields.CharField(default="", max_length=300)),
                ("body", fields.TextField(unique=False)),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("changed_by_id", fields.UUIDField(null=True)),
                ("replaced_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "wording_text",
                "app": "booking",
                "indexes": [Index(fields=["kind", "channel", "language"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="InboundMessage",
            name="person_id",
            field=fields.UUIDField(null=True, db_index=True),
        ),
        ops.AddField(
            model_name="InboundMessage",
            name="opt_out_type",
            field=fields.CharField(default="", db_default="", max_length=10),
        ),
        ops.AddField(
            model_name="InboundMessage",
            name="provider",
            field=fields.CharField(default="twilio", db_default="twilio", max_length=10),
        ),
        ops.AddField(
            model_name="Invite",
            name="version",
            field=fields.CharField(default="", db_default="", max_length=32),
        ),
        ops.AddField(
            model_name="Message",
            name="delivered_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Message",
            name="digest_id",
            field=fields.UUIDField(null=True, db_index=True),
        ),
        ops.AddField(
            model_name="Message",
            name="gist",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
        ops.AddField(
            model_name="Message",
            name="handled_by_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Message",
            name="handled_words",
            field=fields.CharField(default="", db_default="", max_length=300),
        ),
        ops.AddField(
            model_name="Message",
            name="language",
            field=fields.CharField(default="en", db_default="en", max_length=10),
        ),
        ops.AddField(
            model_name="Message",
            name="provider",
            field=fields.CharField(default="", db_default="", max_length=10),
        ),
        ops.AddField(
            model_name="Message",
            name="urgency",
            field=fields.IntField(default=2, db_default=2),
        ),
        ops.AddIndex(
            model_name="Message",
            index=Index(fields=["address", "created_at"]),
        ),
        ops.AddIndex(
            model_name="Message",
            index=Index(fields=["provider_reference"]),
        ),
        ops.AddIndex(
            model_name="Message",
            index=Index(fields=["sent_at"]),
        ),
        ops.AddField(
            model_name="Person",
            name="contact_words",
            field=fields.CharField(default="", db_default="", max_length=300),
        ),
        ops.AddField(
            model_name="Person",
            name="hears_urgent",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Person",
            name="is_discreet",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Person",
            name="safe_days",
            field=fields.CharField(default="", db_default="", max_length=7),
        ),
        ops.AddField(
            model_name="Person",
            name="safe_from",
            field=fields.CharField(default="", db_default="", max_length=5),
        ),
        ops.AddField(
            model_name="Person",
            name="safe_to",
            field=fields.CharField(default="", db_default="", max_length=5),
        ),
        ops.AddField(
            model_name="Tick",
            name="every",
            field=fields.CharField(default="", db_default="", max_length=60),
        ),
        ops.AddField(
            model_name="Tick",
            name="failures",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Tick",
            name="next_run_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
