"""Stored texts: compared in tests, read in the diff. Store anew: WRITE_EXPECTED=1 bin/test tests/messages"""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "expected"


def check(name: str, text: str) -> None:
    """Compares with the stored text; with WRITE_EXPECTED=1 stores it instead. Line ends are kept as they are."""
    path = FOLDER / name
    if os.environ.get("WRITE_EXPECTED") == "1":
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text, f"{name} is not as stored; if the change is meant: WRITE_EXPECTED=1"
