"""The site as a newcomer starts it: `python -m booking serve` with the demo county, and a look into its database."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from booking.settings import ROOT

AT_FERNDOWN = "s.hub_id IN (SELECT id FROM location WHERE hub_name LIKE 'Ferndown%')"
BOOKABLE = """
    SELECT s.id, s.date, s.starts_at, s.places, r.id AS run_id, r.slug, r.title, r.booking_mode, r.min_age_months,
      r.max_age_months, l.name AS location_name, l.slug AS location_slug, l.postcode, l.lat, l.lon,
      CASE WHEN r.booking_mode = 'run' THEN r.places - r.taken ELSE s.places - s.taken END AS places_left
    FROM session s JOIN run r ON r.id = s.run_id JOIN location l ON l.id = s.location_id
      JOIN programme p ON p.id = r.programme_id AND p.age_of = 'child'
    WHERE s.is_listed AND s.state = 'planned' AND r.booking_mode = :mode AND s.starts_at > :after AND l.lat IS NOT NULL
      AND NOT r.is_first_visit_booked
      AND COALESCE(r.min_age_months, 0) <= :months AND COALESCE(r.max_age_months, 300) >= :months
      AND r.min_age_months IS NOT NULL AND places_left >= 4 AND l.postcode <> ''
    ORDER BY s.starts_at, s.id
"""


@dataclass
class Site:
    """A running server. `session()` never gives the same date or course twice, so that tests do not meet."""

    url: str
    database: Path
    given: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.database, timeout=10)) as connection, connection:
            connection.row_factory = sqlite3.Row
            return [dict(line) for line in connection.execute(sql, values)]

    def session(
        self, mode: str = "session", *, months: int = 24, days: int = 41, where: str = f"NOT {AT_FERNDOWN}"
    ) -> dict[str, Any]:
        """A date with places from two days on, for a child of this age; where the whole run is booked, its next one.

        Not of Ferndown unless asked for: those few are for the tests of its staff, which share them.
        """
        after = (datetime.now(UTC) + timedelta(days=2)).isoformat(" ")
        until = (datetime.now(UTC) + timedelta(days=days)).isoformat(" ")
        for found in self.rows(BOOKABLE, mode=mode, after=after, months=months):
            unit = found["run_id"] if mode == "run" else found["id"]
            is_free = (unit not in self.given or where == AT_FERNDOWN) and (mode == "run" or found["starts_at"] < until)
            if is_free and self.rows(f"SELECT 1 FROM session s WHERE s.id = :id AND {where}", id=found["id"]):
                self.given.add(unit)
                self._open_for_joining(found["run_id"])
                return found
        raise AssertionError(f"the demo has no {mode} for {months} months with {where}")

    def _open_for_joining(self, run_id: str) -> None:
        """Late in the demo's second week most courses have begun; these can be joined all the same."""
        self.rows(
            "UPDATE programme SET entry_sessions = 99 WHERE id = (SELECT programme_id FROM run WHERE id = :id)",
            id=run_id,
        )

    def fill(self, session_id: str) -> None:
        """As if every place of this date were taken."""
        self.rows("UPDATE session SET taken = places WHERE id = :id", id=session_id)

    def forget_tries(self) -> None:
        """A whole run asks for more codes than a person may in an hour."""
        self.rows("DELETE FROM allowance")

    def newest_code(self, address: str) -> str:
        """The six figures in the last message to this address, as the outbox page shows them; each is given once, because a code is
        made after the page has left, and an older one may still stand there."""
        sql = "SELECT id, body FROM message WHERE address = :to AND is_secret ORDER BY id DESC LIMIT 1"
        for _ in range(150):
            found = self.rows(sql, to=address)
            if found and found[0]["id"] not in self.read:
                self.read.add(found[0]["id"])
                return re.findall(r"\b\d{6}\b", found[0]["body"])[0]
            time.sleep(0.1)
        raise AssertionError(f"no code was made for {address}")


@contextmanager
def serving(folder: Path, settings: Mapping[str, str] | None = None) -> Generator[Site]:
    """Starts the server on a free port, with settings of its own by their names in the environment; stops it as Ctrl-C does
    and insists that it stops cleanly."""
    port = _free_port()
    command = [sys.executable, "-m", "booking", "serve", "--port", str(port), "--data", str(folder)]
    environment = {name: text for name, text in os.environ.items() if not name.startswith("BOOKING_")}
    with (folder / "server.log").open("w+") as log:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            env=environment | {"PYTHONPATH": str(ROOT)} | dict(settings or {}),
        )
        try:
            site = Site(f"http://127.0.0.1:{port}", folder / "booking.sqlite3")
            _wait_for(site, server, folder / "server.log")
            yield site
            server.send_signal(signal.SIGINT)
            server.wait(20)
        finally:
            server.kill()
            server.wait()
        assert "Traceback" not in (folder / "server.log").read_text(), (folder / "server.log").read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(site: Site, server: subprocess.Popen, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        try:
            with opener.open(f"{site.url}/hubs", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"no answer from {site.url}: {log.read_text()}")
