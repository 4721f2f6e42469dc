"""A history that the database itself writes: every change of a counter, an entry in line or an offer, in the order in which
it happened, because whoever writes holds the line's lock. And what must be true at each point of it.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from booking import db

WATCHED = {
    "session": ("places", "taken", "state", "starts_at"),
    "run": ("places", "taken", "state"),
    "waiting_entry": ("run_id", "session_id", "places", "priority", "created_at", "state"),
    "offer": ("waiting_entry_id", "places", "state", "created_at", "expires_at"),
}


async def keep() -> None:
    """Puts up the triggers; from here on every change is written down."""
    if db.is_postgres():
        await db.execute("CREATE TABLE history (n bigserial PRIMARY KEY, what text, row_id text, says text)")
        await db.execute(
            "CREATE FUNCTION write_down() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO history (what, row_id,"
            " says) VALUES (TG_TABLE_NAME, NEW.id::text, to_json(NEW)::text); RETURN NEW; END $f$"
        )
        for table in WATCHED:
            await db.execute(
                f"CREATE TRIGGER history_of_{table} AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION write_down()"
            )
        return
    await db.execute("CREATE TABLE history (n INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT, row_id TEXT, says TEXT)")
    for table, columns in WATCHED.items():
        says = ", ".join(f"'{name}', NEW.{name}" for name in columns)
        for verb in ("INSERT", "UPDATE"):
            await db.execute(
                f"CREATE TRIGGER history_of_{table}_{verb} AFTER {verb} ON {table} BEGIN INSERT INTO history (what, row_id, says)"
                f" VALUES ('{table}', NEW.id, json_object({says})); END"
            )


async def read() -> list[tuple[str, str, dict[str, Any]]]:
    found = await db.rows("SELECT what, row_id AS key, says FROM history ORDER BY n")
    return [(row["what"], row["key"], json.loads(row["says"])) for row in found]


@dataclass
class Checked:
    """What was found wrong, and how much happened."""

    wrong: list[str] = field(default_factory=list)
    offers: int = 0
    changes: int = 0


def check(history: list[tuple[str, str, dict[str, Any]]], *, smaller_may_pass: bool = True) -> Checked:
    """Goes through the history: never over capacity, one open offer an entry, in order, nothing offered for what is cancelled."""
    now: dict[str, dict[str, dict[str, Any]]] = {table: {} for table in WATCHED}
    found = Checked()
    for what, key, says in history:
        before = now[what].get(key)
        now[what][key] = says
        if what in ("session", "run"):
            found.changes += 1
            if not 0 <= says["taken"] <= says["places"]:
                found.wrong.append(f"{what} {key}: {says['taken']} of {says['places']}")
        if what == "offer" and says["state"] == "open" and before is None:
            found.offers += 1
            found.wrong += _wrong_offer(key, says, now)
    return found


def _wrong_offer(key: str, offer: dict[str, Any], now: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    entry = now["waiting_entry"][offer["waiting_entry_id"]]
    on = now["session"][entry["session_id"]] if entry["session_id"] else now["run"][entry["run_id"]]
    wrong = []
    others = [o for k, o in now["offer"].items() if k != key and o["waiting_entry_id"] == offer["waiting_entry_id"]]
    if any(other["state"] == "open" for other in others):
        wrong.append(f"offer {key}: a second open one")
    if on["state"] not in ("planned", "published"):
        wrong.append(f"offer {key}: of what is {on['state']}")
    if entry["session_id"] and offer["expires_at"] >= on["starts_at"]:
        wrong.append(f"offer {key}: until after the start")
    left = on["places"] - on["taken"] + offer["places"]
    for other in now["waiting_entry"].values():
        same = (other["run_id"], other["session_id"]) == (entry["run_id"], entry["session_id"])
        if same and other["state"] == "waiting" and other["places"] <= left and _before(other, entry):
            wrong.append(f"offer {key}: passed one who was before, {other} and fitted in {left}")
    return wrong


def _before(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if one["priority"] != other["priority"]:
        return one["priority"] > other["priority"]
    return one["created_at"] < other["created_at"]
