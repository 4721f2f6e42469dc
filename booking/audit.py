"""Who did what, when and why. record() and record_many() are the only writers of AuditEvent (promise P10)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from booking import clock, db


class AuditEvent(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    at = fields.DatetimeField()
    verb = fields.CharField(60)
    about_kind = fields.CharField(40)
    about_id = fields.UUIDField(null=True)
    hub_id = fields.UUIDField(null=True)
    by_id = fields.UUIDField(null=True)
    by_name = fields.CharField(200, default="")
    why = fields.TextField(default="")
    before = fields.JSONField(null=True)
    after = fields.JSONField(null=True)
    undo_until = fields.DatetimeField(null=True)
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "audit_event"
        indexes = (("at",), ("about_kind", "about_id"), ("hub_id", "at"))


async def record(
    verb: str,
    *,
    about_kind: str,
    about_id: UUID | None,
    by: Any = None,
    by_name: str = "",
    hub_id: UUID | None = None,
    why: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    undo_until: Any = None,
) -> UUID:
    """Writes one event in the caller's transaction and returns its id, which also names the act as a batch.

    `by` is a Person (or None for a parent with a link or a job, then `by_name` says which). Values in `before` and
    `after` must be plain JSON and hold no more personal data than the change itself.
    """
    event = AuditEvent(
        at=clock.now(),
        verb=verb,
        about_kind=about_kind,
        about_id=about_id,
        hub_id=hub_id,
        by_id=by.id if by else None,
        by_name=by.name if by else by_name,
        why=why,
        before=before,
        after=after,
        undo_until=undo_until,
    )
    await db.write_new([event])
    return event.id


@dataclass(frozen=True, slots=True)
class Line:
    """One event of many that one act writes."""

    verb: str
    about_kind: str
    about_id: UUID | None
    hub_id: UUID | None = None
    by_name: str = ""
    why: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


async def record_many(lines: Iterable[Line], by: Any = None) -> None:
    """As record, for what one act or a job did to many things: one statement for all. In the caller's transaction."""
    columns = ("id", "at", "verb", "about_kind", "about_id", "hub_id", "by_id", "by_name", "why", "before", "after")
    now = clock.now()
    rows = [
        (
            db.new_id(), now, each.verb, each.about_kind, each.about_id, each.hub_id, by.id if by else None,
            by.name if by else each.by_name, each.why,
            json.dumps(each.before), json.dumps(each.after),
        )
        for each in lines
    ]  # fmt: skip
    if rows:
        await db.insert_many("audit_event", columns, rows)
