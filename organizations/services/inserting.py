"""Rows are inserted, one or many at once: as the database takes them fastest."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

COPY_FROM = 50  # fewer rows are not worth a round trip for their ids


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model, whose primary key is a sequence's, and give them their primary keys.

    From COPY_FROM rows on, PostgreSQL takes them by COPY, with ids drawn from the sequence first: a fraction of what one
    INSERT of arrays costs, where the time goes into quoting long documents. A single row goes by an INSERT that is put
    together once for its model. Must run in a transaction.
    """
    if not rows:
        return
    if len(rows) == 1:
        _insert_one(rows[0])
        return
    model: Any = type(rows[0])
    # The connection itself, not Django's proxy: each look through the proxy costs more than a column does.
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql" or len(rows) < COPY_FROM:
        model._base_manager.bulk_create(rows)
        return
    options, quote = model._meta, database.ops.quote_name
    fields = [field for field in options.concrete_fields if not field.generated]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [options.db_table, options.pk.column, len(rows)],
        )
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
        with cursor.copy(f"COPY {quote(options.db_table)} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(
                    [field.get_db_prep_save(field.pre_save(row, add=True), database) for field in fields]
                )
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def insert_if_new(row: models.Model) -> bool:
    """Insert a row unless one that may be there once is there already, and tell whether; it gets its primary key.

    Waits for another transaction that is inserting such a row. Two statements cheaper than to insert within a savepoint.
    Must run in a transaction.
    """
    return _insert_one(row, " ON CONFLICT DO NOTHING")


def _insert_one(row: models.Model, unless: str = "") -> bool:
    database = connections[DEFAULT_DB_ALIAS]
    statement, key, fields = _statement_of(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), database) for field in fields]
    with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), database.cursor() as cursor:
        cursor.execute(f"{statement}{unless} RETURNING {key}", values)
        inserted = cursor.fetchone()
    if inserted is None:
        return False
    row.pk = inserted[0]
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return True


@cache
def _statement_of(model: type[models.Model]) -> tuple[str, str, list[Any]]:
    """Return the INSERT of one row, the column of its primary key, and the fields whose values it takes."""
    options, quote = model._meta, connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields = [field for field in options.concrete_fields if not (field.generated or field.primary_key)]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table, key = quote(options.db_table), quote(str(options.pk.column))
    return f"INSERT INTO {table} ({columns}) VALUES ({places})", key, fields  # noqa: S608 - names of our own
