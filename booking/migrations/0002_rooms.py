from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from booking.db import new_id
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("booking", "0001_first")]

    initial = False

    operations = [
        ops.CreateModel(
            name="FeedLink",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=12)),
                ("about_id", fields.UUIDField(db_index=True)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("sees", fields.CharField(default="all", max_length=8)),
                ("words", fields.CharField(default="", max_length=120)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("by_id", fields.UUIDField(null=True)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("read_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "feed_link", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Keyholder",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "location",
                    fields.ForeignKeyField(
                        "booking.Location",
                        source_field="location_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="keyholders",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(max_length=200)),
                ("phone", fields.CharField(default="", max_length=20)),
                ("organisation_id", fields.UUIDField(null=True)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "keyholder", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RoomPart",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "whole",
                    fields.ForeignKeyField(
                        "booking.Room",
                        source_field="whole_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="parts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "part",
                    fields.ForeignKeyField(
                        "booking.Room",
                        source_field="part_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="wholes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={"table": "room_part", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RoomPhoto",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "room",
                    fields.ForeignKeyField(
                        "booking.Room",
                        source_field="room_id",
                        unique=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="photos",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("content", fields.BinaryField()),
                ("media_type", fields.CharField(max_length=20)),
                ("words", fields.CharField(max_length=200)),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "room_photo", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RoomSeries",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "room",
                    fields.ForeignKeyField(
                        "booking.Room",
                        source_field="room_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="series",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("organisation_id", fields.UUIDField(null=True, db_index=True)),
                ("booked_by_id", fields.UUIDField(null=True)),
                ("title", fields.CharField(default="", max_length=200)),
                ("weekday", fields.IntField()),
                ("start_time", fields.CharField(max_length=5)),
                ("end_time", fields.CharField(max_length=5)),
                ("frequency", fields.CharField(default="weekly", max_length=20)),
                ("nth", fields.IntField(null=True)),
                ("first_date", fields.DateField()),
                ("last_date", fields.DateField()),
                ("is_term_time_only", fields.BooleanField(default=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "room_series", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RoomSwap",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "room_booking",
                    fields.ForeignKeyField(
                        "booking.RoomBooking",
                        source_field="room_booking_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="swaps",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kept_booking_id", fields.UUIDField(null=True)),
                ("for_booking_id", fields.UUIDField(null=True)),
                ("reason", fields.CharField(max_length=300)),
                ("state", fields.CharField(default="open", max_length=12)),
                ("token", fields.CharField(unique=True, max_length=32)),
                ("answer_by_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "room_swap", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SpecialOpening",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "location",
                    fields.ForeignKeyField(
                        "booking.Location",
                        source_field="location_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="special_openings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("first_date", fields.DateField()),
                ("last_date", fields.DateField()),
                ("weekdays", fields.CharField(default="0123456", max_length=7)),
                ("opens", fields.CharField(max_length=5)),
                ("closes", fields.CharField(max_length=5)),
                ("is_extra", fields.BooleanField(default=False)),
                ("reason", fields.CharField(default="", max_length=200)),
            ],
            options={"table": "special_opening", "app": "booking", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Location",
            name="imported",
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
        ),
        ops.AddField(
            model_name="Location",
            name="needs_two",
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AddField(
            model_name="Organisation",
            name="agreement_to_date",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="Organisation",
            name="approval",
            field=fields.CharField(default="room", db_default="room", max_length=10),
        ),
        ops.AddField(
            model_name="Organisation",
            name="cost_code",
            field=fields.CharField(default="", db_default="", max_length=60),
        ),
        ops.AddField(
            model_name="Organisation",
            name="default_title",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
        ops.AddField(
            model_name="Organisation",
            name="email",
            field=fields.CharField(default="", db_default="", max_length=254),
        ),
        ops.AddField(
            model_name="Organisation",
            name="ended_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Organisation",
            name="insurance_to_date",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="Organisation",
            name="is_reminded",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Organisation",
            name="minutes_per_term",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Organisation",
            name="notes",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="Organisation",
            name="phone",
            field=fields.CharField(default="", db_default="", max_length=20),
        ),
        ops.AddField(
            model_name="Organisation",
            name="rate_pence",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Organisation",
            name="terms_accepted_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Organisation",
            name="terms_accepted_by_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Room",
            name="approval",
            field=fields.CharField(default="out_of_hours", db_default="out_of_hours", max_length=20),
        ),
        ops.AddField(
            model_name="Room",
            name="furthest_days",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Room",
            name="imported",
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
        ),
        ops.AddField(
            model_name="Room",
            name="layouts",
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
        ),
        ops.AddField(
            model_name="Room",
            name="longest_minutes",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Room",
            name="notes",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="Room",
            name="notice_hours",
            field=fields.IntField(default=24, db_default=24),
        ),
        ops.AddField(
            model_name="Room",
            name="override_by",
            field=fields.CharField(default="staff", db_default="staff", max_length=10),
        ),
        ops.AddField(
            model_name="Room",
            name="rate_pence",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Room",
            name="valid_from_date",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="Room",
            name="valid_to_date",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="booked_by_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="closure",
            field=fields.ForeignKeyField(
                "booking.Closure",
                source_field="closure_id",
                null=True,
                db_index=True,
                db_constraint=True,
                to_field="id",
                related_name="bookings",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="cost_code",
            field=fields.CharField(default="", db_default="", max_length=60),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="created_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="decided_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="decided_by_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="hold_until_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="is_out_of_hours",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="is_private",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="keyholder_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="layout",
            field=fields.CharField(default="", db_default="", max_length=20),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="notes",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="offered_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="people",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="rate_pence",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="second_person",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="sequence",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="series",
            field=fields.ForeignKeyField(
                "booking.RoomSeries",
                source_field="series_id",
                null=True,
                db_index=True,
                db_constraint=True,
                to_field="id",
                related_name="bookings",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="title",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="use",
            field=fields.CharField(default="", db_default="", max_length=10),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="why",
            field=fields.CharField(default="", db_default="", max_length=300),
        ),
        ops.AddField(
            model_name="RoomBooking",
            name="reminded_for_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="FeedLink",
            name="version",
            field=fields.CharField(default="", db_default="", max_length=64),
        ),
        ops.AddField(
            model_name="FeedLink",
            name="changed_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Session",
            name="moved_from_date",
            field=fields.DateField(null=True),
        ),
    ]
