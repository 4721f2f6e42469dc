"""Links by which others read our calendars.

Comments stand above the classes, because Tortoise would make docstrings part of the tables.
"""

from tortoise import fields
from tortoise.models import Model

from booking import db


# A secret address of a calendar feed. kind: room, location, hub, partner or run, and about_id which one; or family, staff or duties (the
# person), or booking. Only the token's hash is kept; a revoked one answers 404. sees: "all" the titles, or "busy" only; of staff
# "mine" (what they lead) or "hub". version is a hash of what it said when last read, changed_at when that began.
class FeedLink(Model):
    id = fields.UUIDField(primary_key=True, default=db.new_id)
    kind = fields.CharField(12)
    about_id = fields.UUIDField(db_index=True)
    token_hash = fields.CharField(64, unique=True)
    sees = fields.CharField(8, default="all")
    words = fields.CharField(120, default="")
    created_at = fields.DatetimeField()
    by_id = fields.UUIDField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    read_at = fields.DatetimeField(null=True)
    version = fields.CharField(64, default="", db_default="")
    changed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "feed_link"
