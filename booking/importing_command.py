"""`booking import FILE...`: the report on standard output, the progress on standard error."""

import argparse
import sys

from booking.programmes.imports.importing import import_files
from booking.tables import SourceFile


async def run(options: argparse.Namespace) -> int:
    """Imports the files and prints the report. Exit code 1 if there are problems, 2 if a file cannot be opened."""
    try:
        files = [SourceFile.at(path) for path in options.files]
    except OSError as error:
        print(f"booking: {error.filename} cannot be read ({error.strerror}).", file=sys.stderr)
        return 2
    report = await import_files(
        files,
        dry_run=options.dry_run,
        good_rows=options.good_rows,
        overwrite_staff_changes=options.overwrite_staff_changes,
        progress=_progress,
    )
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print("\n".join(report.lines()))
    print(f"{report.seconds:.1f} seconds.")
    return 1 if report.problems else 0


def _progress(done: int, total: int, words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r[{'#' * (20 * done // total):<20}] {words:<40}", end="", file=sys.stderr, flush=True)
