"""Stored texts: compared in tests, read in the diff. Store anew: WRITE_EXPECTED=1 bin/test tests/messages"""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "expected"


def check(name: str, text: str) -> None:
    """Compares with the stored text; with WRITE_EXPECTED=1 stores it instead. Line ends are kept as they are."""
    assert not difference(name, text), f"{name} is not as stored; if the change is meant: WRITE_EXPECTED=1"


def difference(name: str, text: str) -> list[str]:
    """What is stored and what is now, in words; nothing where they are the same."""
    path = FOLDER / name
    if os.environ.get("WRITE_EXPECTED") == "1":
        path.write_bytes(text.encode())
    stored = path.read_bytes().decode() if path.exists() else ""
    return [] if stored == text else [f"stored is\n{stored}\nbut now it is\n{text}"]
