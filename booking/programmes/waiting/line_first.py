"""Who waits comes first (docs/decisions/places-freed-while-families-wait.md): SQL that says whether families in line could
be offered what is left of a session or run. While they could, nobody else may claim it.
"""

# whether the creche has room, on every date to come, for the children of a family w that waits for it as well; who waits for the
# creche alone keeps nobody from the course
CRECHE_FITS = (
    "(w.creche_children = 0 OR NOT EXISTS (SELECT 1 FROM run a JOIN session c ON c.run_id = a.creche_run_id"
    " AND c.state = 'planned' AND c.starts_at > CURRENT_TIMESTAMP JOIN session m ON m.run_id = a.id AND m.date = c.date"
    " AND m.state = 'planned' WHERE a.id = w.run_id AND (w.session_id IS NULL OR m.id = w.session_id)"
    " AND c.taken + w.creche_children > c.places))"
)
# of a session or run {t}: somebody in line for whom enough is left; {guests} places more are taken, {kept} are reserved
FITS = (
    "EXISTS (SELECT 1 FROM waiting_entry w WHERE {line} AND w.state = 'waiting'{only}"
    " AND w.places <= {t}.places - {t}.taken - {guests} - CASE WHEN w.priority > 0 THEN 0 ELSE {kept} END"
    f" AND {CRECHE_FITS})"
)
# places reserved for others at {now} that they have not taken
KEPT = (
    "CASE WHEN {t}.reserved > {t}.reserved_taken AND {t}.reserved_until_at > {now} THEN {t}.reserved - {t}.reserved_taken"
    " ELSE 0 END"
)
# a run {t} that closes at {soonest} or later: it can be joined until its session number entry_sessions has begun
STAYS_OPEN = (
    "EXISTS (SELECT 1 FROM session d JOIN programme e ON e.id = {t}.programme_id WHERE d.run_id = {t}.id"
    " AND d.state = 'planned' AND d.number <= e.entry_sessions AND d.starts_at >= {soonest})"
)


def for_session(table: str, *, kept: str, only: str = "") -> str:
    """Whether families in line for this session fit in."""
    line = f"w.run_id = {table}.run_id AND w.session_id = {table}.id"
    return FITS.format(line=line, t=table, guests="0", kept=kept, only=only)


def for_run(table: str, *, kept: str, only: str = "") -> str:
    """Whether families in line for this whole run fit in."""
    line = f"w.run_id = {table}.id AND w.session_id IS NULL"
    return FITS.format(line=line, t=table, guests=f"{table}.guest_places", kept=kept, only=only)


def kept(table: str, now: str) -> str:
    """How many of its places are reserved and still free."""
    return KEPT.format(t=table, now=now)
