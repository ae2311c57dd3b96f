"""Queries whose SQL is worked out once and then run with other values. A leaf: imports no app.

Django puts a query together anew each time: for one with five joined tables that is a millisecond, several times what the
database needs for it. A Statement is written as a queryset, so it says no more SQL than the rest of the product, is put
together once in each thread, and gives the same objects.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, router
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators

Row = TypeVar("Row")


class Places:
    """Stands for the values while a statement is put together: its methods return what takes a value's place."""

    def __init__(self) -> None:
        self.names: dict[Any, str] = {}

    def text(self, name: str) -> str:
        """Return what stands for a text."""
        mark = f"\ue000{name}\ue000"
        self.names[mark] = name
        return mark

    def number(self, name: str) -> int:
        """Return what stands for a whole number."""
        mark = 2_000_000_000 + len(self.names)  # in the range of every column of numbers
        self.names[mark] = name
        return mark

    def uuid(self, name: str) -> UUID:
        """Return what stands for a UUID, which some databases keep as text."""
        mark = UUID(int=2**127 + len(self.names))
        self.names[mark] = self.names[mark.hex] = name
        return mark


class _Prepared:
    """The SQL of one thread's connection, and how its rows become what the queryset gives."""

    def __init__(self, rows: QuerySet[Any, Any], places: Places) -> None:
        alias = router.db_for_read(rows.model) or DEFAULT_DB_ALIAS
        self.connection = connections[alias]
        compiler: Any = rows.query.get_compiler(connection=self.connection)
        self.sql, params = compiler.as_sql()
        self.params: list[tuple[str | None, Any]] = [
            (places.names.get(value) if isinstance(value, str | int | UUID) else None, value)
            for value in params
        ]
        missing = set(places.names.values()) - {name for name, _value in self.params}
        if missing:
            raise ValueError(f"The statement does not use {missing}.")
        select = compiler.select
        self.converters = compiler.get_converters([column[0] for column in select])
        # Of tuples the columns alone are wanted, though Django knows their model.
        self.info = compiler.klass_info if rows._iterable_class is ModelIterable else None
        if self.info is not None:
            self.model = self.info["model"]
            fields = self.info["select_fields"]
            self.first, self.after = fields[0], fields[-1] + 1
            self.names = [column[0].target.attname for column in select[self.first : self.after]]
            self.populators = get_related_populators(self.info, select, alias)  # type: ignore[call-arg]  # stubs of Django 6
            self.annotations = compiler.annotation_col_map or {}
            self.alias = alias

    def run(self, values: dict[str, Any], window: tuple[int, int] | None) -> list[Any]:
        if not self.connection.features.has_native_uuid_field:
            values = {name: value.hex if isinstance(value, UUID) else value for name, value in values.items()}
        params = [values[name] if name is not None else value for name, value in self.params]
        sql = self.sql
        if window is not None:
            sql, params = f"{sql} LIMIT %s OFFSET %s", [*params, *window]
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            found = cursor.fetchall()
        return [self._object(self._converted(row)) for row in found]

    def _converted(self, row: Any) -> Any:
        if not self.converters:
            return row
        row = list(row)
        for position, (convert, expression) in self.converters.items():
            for one in convert:
                row[position] = one(row[position], expression, self.connection)
        return row

    def _object(self, row: Any) -> Any:
        if self.info is None:
            return tuple(row)
        found = self.model.from_db(self.alias, self.names, row[self.first : self.after])
        for populator in self.populators:
            populator.populate(row, found)
        for name, position in self.annotations.items():
            setattr(found, name, row[position])
        return found


class Statement(Generic[Row]):
    """A query with places for values. `make` returns the queryset for them: of models, with select_related, or of tuples."""

    def __init__(self, make: Callable[[Places], QuerySet[Any, Row]]) -> None:
        self.make = make
        self._of_thread = threading.local()

    def rows(self, window: tuple[int, int] | None = None, **values: Any) -> list[Row]:
        """Run it with these values, one for each place; with a window only so many rows after so many."""
        prepared: _Prepared | None = getattr(self._of_thread, "prepared", None)
        if prepared is None or prepared.connection is not connections[prepared.connection.alias]:
            places = Places()
            prepared = _Prepared(self.make(places), places)
            self._of_thread.prepared = prepared
        return prepared.run(values, window)

    def first(self, **values: Any) -> Row | None:
        """Return the first row, or None. The queryset should ask for no more."""
        found = self.rows(**values)
        return found[0] if found else None


class Listing(Generic[Row]):
    """Rows of a statement in its order, to be counted and sliced as a queryset is. `count` gives one row with the number."""

    def __init__(self, rows: Statement[Row], count: Statement[tuple[int]], **values: Any) -> None:
        self._rows = rows
        self._count = count
        self._values = values

    def count(self) -> int:
        """Return how many rows there are."""
        found = self._count.first(**self._values)
        return found[0] if found else 0

    def __getitem__(self, window: slice) -> list[Row]:
        start = window.start or 0
        return self._rows.rows((window.stop - start, start), **self._values)
