"""ical.js under Node.js: fetched once into tests/readers/node_modules, as its lock says, and asked about many calendars at once."""

import fcntl
import json
import subprocess
from pathlib import Path

from booking.build_assets import ROOT, Node, find_node

HERE = Path(__file__).parent
INSTALL = ["ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]


def read(calendars: dict[str, str]) -> dict[str, list[dict]]:
    """name -> the events of each calendar. Raises CalledProcessError when Node.js or ical.js cannot read one."""
    node = find_node()
    _fetch(node)
    asked = json.dumps([{"name": name, "text": text} for name, text in calendars.items()])
    done = subprocess.run([node.path, HERE / "read.mjs"], input=asked, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _fetch(node: Node) -> None:
    """The rounds of bin/test run side by side: one fetches, the other waits."""
    lock, stamp = (HERE / "package-lock.json").read_text("utf-8"), HERE / "node_modules" / ".made-from"
    with (ROOT / ".set-up.lock").open("w") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text("utf-8") == lock:
            return
        subprocess.run([*node.npm, *INSTALL], cwd=HERE, check=True, capture_output=True, text=True)
        stamp.write_text(lock, "utf-8")
