"""What must hold of every rota and no constraint of the database can say, because it is about two tables: told to the operator."""

from booking import clock, db
from booking.findings import Finding
from booking.words import count_words

OTHER_TIMES = (
    "SELECT COUNT(*) AS n FROM assignment a JOIN shift s ON s.id = a.shift_id"
    " WHERE s.starts_at > $1 AND (a.starts_at <> s.starts_at OR a.ends_at <> s.ends_at)"
)
NOT_OPEN = "SELECT COUNT(*) AS n FROM assignment a JOIN shift s ON s.id = a.shift_id WHERE s.starts_at > $1 AND s.state <> 'open'"
# whoever opens a duty in the draft or gives it to somebody else leaves a line in the trail: without one the draft has lost it
INCOMPLETE = (
    "SELECT COUNT(*) AS n FROM assignment p JOIN shift s ON s.id = p.shift_id WHERE s.starts_at > $1 AND p.layer = 'published'"
    " AND NOT EXISTS (SELECT 1 FROM assignment d WHERE d.shift_id = p.shift_id AND d.layer = 'draft')"
    " AND NOT EXISTS (SELECT 1 FROM audit_event e WHERE e.about_id = p.shift_id AND e.about_kind = 'shift' AND e.verb = 'open duty')"
)
BROKEN = (
    (OTHER_TIMES, "duty", "duties", "with other times than the shift: open each and give it to its person again"),
    (NOT_OPEN, "duty", "duties", "of shifts that are cancelled: whoever is in them may come for nothing, so tell them"),
    (INCOMPLETE, "published duty", "published duties", "not in the draft: the next publishing would take them away"),
)
ALIKE = "every duty has the times of its shift, nobody is in one that is off, and the draft has what is published"


async def check() -> list[Finding]:
    """Of duties to come one finding for each rule that is broken, one good one where all is well, none without a rota."""
    now, found = clock.now(), []
    for sql, one, many, words in BROKEN:
        if count := await db.value(sql, now):
            found.append(Finding("rota", f"{count_words(count, one, many)} {words}", "wrong"))
    if found or not await db.row("SELECT id FROM assignment LIMIT 1"):
        return found
    return [Finding("rota", ALIKE)]
