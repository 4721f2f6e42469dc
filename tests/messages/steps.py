"""Each step of each message, written down by the database in the transaction that takes it. What is rolled back leaves none, and one
message's steps stand in the order in which they happened, because whoever changes a row holds it until the end: no clock of a process
can say that, which looks at it before or after.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from booking import db

Step = dict[str, Any]
CHANGED = "OLD.state <> NEW.state OR OLD.attempts <> NEW.attempts"
COLUMNS = "message_id, was, state, tries_before, tries, error, began_at"
TABLE = "was TEXT, state TEXT, tries_before INT, tries INT, error TEXT"
NEW_ROW = "INSERT INTO message_step ({columns}) VALUES (NEW.id, '', NEW.state, 0, NEW.attempts, NEW.error, {began})"
CHANGE = (
    "INSERT INTO message_step ({columns}) VALUES"
    " (NEW.id, OLD.state, NEW.state, OLD.attempts, NEW.attempts, NEW.error, {began})"
)


def _sqlite() -> Iterable[str]:
    """Only one transaction writes at a time: a statement's instant is as good as that of its transaction's begin."""
    values = {"columns": COLUMNS, "began": "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')"}
    yield f"CREATE TABLE message_step (n INTEGER PRIMARY KEY, message_id CHAR(36), began_at TEXT, {TABLE})"
    yield f"CREATE TRIGGER message_first AFTER INSERT ON message BEGIN {NEW_ROW.format(**values)}; END"
    yield f"CREATE TRIGGER message_next AFTER UPDATE ON message WHEN {CHANGED} BEGIN {CHANGE.format(**values)}; END"


def _postgres() -> Iterable[str]:
    values = {"columns": COLUMNS, "began": "transaction_timestamp()"}
    yield f"CREATE TABLE message_step (n BIGSERIAL PRIMARY KEY, message_id UUID, began_at TIMESTAMPTZ, {TABLE})"
    for name, insert, when in (
        ("first", NEW_ROW, "AFTER INSERT ON message FOR EACH ROW"),
        ("next", CHANGE, f"AFTER UPDATE ON message FOR EACH ROW WHEN ({CHANGED})"),
    ):
        body = f"BEGIN {insert.format(**values)}; RETURN NULL; END"
        yield f"CREATE FUNCTION write_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
        yield f"CREATE TRIGGER message_{name} {when} EXECUTE FUNCTION write_{name}()"


async def write_down() -> None:
    """From here on, whichever process it is that changes them. For a database that is thrown away afterwards."""
    for statement in _postgres() if db.is_postgres() else _sqlite():
        await db.execute(statement)


async def of_each() -> dict[str, list[Step]]:
    """Each message's steps, the first one first, by its id."""
    found: dict[str, list[Step]] = defaultdict(list)
    for step in await db.rows("SELECT * FROM message_step ORDER BY n"):
        found[str(step["message_id"])].append(step)
    return found


def is_begun(step: Step) -> bool:
    return step["tries"] > step["tries_before"]


def is_asked_for(step: Step) -> bool:
    """Written, or wanted again after it was taken back: whoever asks for it anew also wipes out why it was taken back."""
    return step["was"] == "" or (step["was"] == "void" and step["state"] in ("queued", "claimed") and not step["error"])


def wrong_in(taken: Sequence[Step], arrivals: int) -> list[str]:
    """What must not be in the steps of one text or mail, of which so many have arrived: it is begun by who has claimed it, and not
    after it was taken back, unless it was asked for anew."""
    wrong = []
    for step in taken:
        if is_begun(step) and step["was"] == "void":
            wrong.append("begun after it was taken back")
        elif is_begun(step) and step["was"] != "claimed":
            wrong.append(f"begun while it was {step['was']}")
        if step["was"] == "void" and step["state"] in ("queued", "claimed") and not is_asked_for(step):
            wrong.append(f"taken back, and {step['state']} with nobody asking for it")
    if arrivals > sum(is_begun(step) for step in taken):
        wrong.append("left without being begun")
    return wrong
