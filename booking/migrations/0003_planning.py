from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from booking.db import new_id
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("booking", "0002_rooms")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CrechePlace",
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
                        related_name="creche",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "session",
                    fields.ForeignKeyField(
                        "booking.Session",
                        source_field="session_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="creche",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("places", fields.IntField()),
                ("released_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "creche_place", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InboundMessage",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("provider_reference", fields.CharField(unique=True, max_length=80)),
                ("sender", fields.CharField(db_index=True, max_length=40)),
                ("receiver", fields.CharField(default="", max_length=40)),
                ("body", fields.TextField(unique=False)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(default="new", max_length=12)),
                ("about_kind", fields.CharField(default="", max_length=30)),
                ("about_id", fields.UUIDField(null=True)),
                ("hub_id", fields.UUIDField(null=True, db_index=True)),
                ("said_back", fields.CharField(default="", max_length=300)),
                ("handled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("handled_by_id", fields.UUIDField(null=True)),
            ],
            options={"table": "inbound_message", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Slot",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "session",
                    fields.ForeignKeyField(
                        "booking.Session",
                        source_field="session_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="slots",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("worker", fields.CharField(default="", max_length=120)),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(default="open", max_length=12)),
                ("taken", fields.IntField(default=0)),
            ],
            options={"table": "slot", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TermVersion",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("area", fields.CharField(max_length=80)),
                ("number", fields.IntField()),
                ("dates", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("why", fields.CharField(default="", max_length=300)),
                ("by_id", fields.UUIDField(null=True)),
                ("by_name", fields.CharField(default="", max_length=200)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "term_version", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Booking",
            name="catches_up_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Booking",
            name="creche_children",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Booking",
            name="is_priority",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Booking",
            name="organisation_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Booking",
            name="slot",
            field=fields.ForeignKeyField(
                "booking.Slot",
                source_field="slot_id",
                null=True,
                db_index=True,
                db_constraint=True,
                to_field="id",
                related_name="bookings",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Lease",
            name="is_priority",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Lease",
            name="slot_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Offer",
            name="answered_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Offer",
            name="by_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Offer",
            name="is_priority",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Offer",
            name="token",
            field=fields.CharField(null=True, unique=True, max_length=24),
        ),
        ops.AddField(
            model_name="Person",
            name="has_no_device",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Programme",
            name="audience",
            field=fields.CharField(default="families", db_default="families", max_length=20),
        ),
        ops.AddField(
            model_name="Programme",
            name="booking_mode",
            field=fields.CharField(default="", db_default="", max_length=20),
        ),
        ops.AddField(
            model_name="Programme",
            name="creche_places",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Programme",
            name="decide_days",
            field=fields.IntField(default=7, db_default=7),
        ),
        ops.AddField(
            model_name="Programme",
            name="ended_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Programme",
            name="is_restricted",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Programme",
            name="most_adults",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Programme",
            name="most_children",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Programme",
            name="parts",
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
        ),
        ops.AddField(
            model_name="Programme",
            name="picture",
            field=fields.CharField(default="", db_default="", max_length=30),
        ),
        ops.AddField(
            model_name="Programme",
            name="send_max_age_months",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Programme",
            name="skills",
            field=fields.CharField(default="", db_default="", max_length=300),
        ),
        ops.AddField(
            model_name="Run",
            name="decide_by_date",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="Run",
            name="decided_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Run",
            name="facilitator_1",
            field=fields.CharField(default="", db_default="", max_length=120),
        ),
        ops.AddField(
            model_name="Run",
            name="facilitator_2",
            field=fields.CharField(default="", db_default="", max_length=120),
        ),
        ops.AddField(
            model_name="Run",
            name="guest_places",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Run",
            name="min_places",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Run",
            name="planned_by_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Run",
            name="published_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Run",
            name="referral_code",
            field=fields.CharField(default="", db_default="", max_length=20),
        ),
        ops.AddField(
            model_name="Run",
            name="reserved",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Run",
            name="reserved_taken",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Run",
            name="reserved_until_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Run",
            name="rule",
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
        ),
        ops.AddField(
            model_name="Run",
            name="state",
            field=fields.CharField(default="published", db_default="published", max_length=12),
        ),
        ops.AddField(
            model_name="Session",
            name="delivery",
            field=fields.CharField(default="", db_default="", max_length=20),
        ),
        ops.AddField(
            model_name="Session",
            name="edited",
            field=fields.CharField(default="", db_default="", max_length=80),
        ),
        ops.AddField(
            model_name="Session",
            name="facilitator_1",
            field=fields.CharField(default="", db_default="", max_length=120),
        ),
        ops.AddField(
            model_name="Session",
            name="facilitator_2",
            field=fields.CharField(default="", db_default="", max_length=120),
        ),
        ops.AddField(
            model_name="Session",
            name="join_url",
            field=fields.CharField(default="", db_default="", max_length=300),
        ),
        ops.AddField(
            model_name="Session",
            name="kind",
            field=fields.CharField(default="group", db_default="group", max_length=10),
        ),
        ops.AddField(
            model_name="Session",
            name="makes_up_for_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Session",
            name="reserved",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Session",
            name="reserved_taken",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Session",
            name="reserved_until_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="WaitingEntry",
            name="creche_children",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="WaitingEntry",
            name="priority_reason",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
        ops.AddField(
            model_name="Attendee",
            name="in_creche",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Booking",
            name="work",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
        ops.AddField(
            model_name="WaitingEntry",
            name="organisation_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="WaitingEntry",
            name="work",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
        ops.AddField(
            model_name="BankHoliday",
            name="source",
            field=fields.CharField(default="", db_default="", max_length=10),
        ),
        ops.AddField(
            model_name="BankHoliday",
            name="is_removed",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Programme",
            name="imported",
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
        ),
    ]
