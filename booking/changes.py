"""What an import does to one table: rows that are new, changed, the same, or gone. Worked out first, then written."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from tortoise.models import Model

from booking import db

Row = dict[str, Any]
IDS_AT_ONCE = 500
ROWS_AT_ONCE = 5000


@dataclass(slots=True)
class Changes:
    """The rows of one model's table to write, and the ids of those to delete."""

    model: type[Model]
    new: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    unchanged: int = 0
    gone: list[Any] = field(default_factory=list)
    updated_columns: set[str] = field(default_factory=set)

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def id_column(self) -> str:
        return self.model._meta.db_pk_column

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.gone)

    def compare(self, before: Row | None, wanted: Row, *, first: Mapping[str, Any] | None = None) -> Row:
        """Files the wanted row under new, changed or unchanged, and returns it with its id.

        `before` is the row in the database with all its columns, if there is one; `first` are columns that only a new
        row is given.
        """
        if before is None:
            row = {**defaults_of(self.model), **wanted, **(first or {})}
            if self.id_column not in row:
                row[self.id_column] = db.new_id()
            self.new.append(row)
            return row
        row = {**before, **wanted}
        if all(before[name] == value for name, value in wanted.items()):
            self.unchanged += 1
        else:
            self.updated_columns |= wanted.keys()
            self.changed.append(row)
        return row

    async def write(self) -> None:
        """Deletes, updates and inserts, in this order, a few statements in all."""
        await self.delete()
        await self._insert(self.changed, f'ON CONFLICT ("{self.id_column}") DO UPDATE SET {self._assignments()}')
        await self._insert(self.new)

    async def _insert(self, rows: list[Row], on_conflict: str = "") -> None:
        for some in in_parts(rows, ROWS_AT_ONCE):
            columns = list(some[0])
            await db.insert_many(self.table, columns, ([row[name] for name in columns] for row in some), on_conflict)

    def _assignments(self) -> str:
        return ", ".join(f'"{name}" = excluded."{name}"' for name in sorted(self.updated_columns))

    async def delete(self) -> None:
        for some in in_parts(self.gone):
            await db.execute(f'DELETE FROM "{self.table}" WHERE "{self.id_column}" IN {db.in_list(some)}', *some)


@cache
def defaults_of(model: type[Model]) -> Row:
    """What the model gives a column that nobody names; those it has no value for are left out."""
    meta = model._meta
    found = {}
    for name, column in meta.fields_db_projection.items():
        standard = meta.fields_map[name]
        if standard.default is not None or standard.null:
            found[column] = standard.default
    return {column: value for column, value in found.items() if not callable(value)}


def in_parts(values: Iterable[Any], size: int = IDS_AT_ONCE) -> Iterable[list[Any]]:
    """The values in lists of at most so many."""
    everything = list(values)
    return (everything[n : n + size] for n in range(0, len(everything), size))


async def rows_of(table: str, columns: str, column: str, values: Collection[Any], more: str = "") -> list[Row]:
    """The rows of a table whose column is one of many values."""
    found: list[Row] = []
    for some in in_parts(values):
        found += await db.rows(f'SELECT {columns} FROM "{table}" WHERE {column} IN {db.in_list(some)} {more}', *some)
    return found


def ids(rows: Iterable[Row]) -> list[UUID]:
    return [row["id"] for row in rows]
