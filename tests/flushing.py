"""Tables emptied quickly after tests that commit, on PostgreSQL: rows are deleted where Django truncates."""

from collections.abc import Sequence

import pytest
from django.core.management.color import Style
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

django_flush = DatabaseOperations.sql_flush


def sql_flush(
    operations: DatabaseOperations,
    style: Style,
    tables: Sequence[str],
    *,
    reset_sequences: bool = False,
    allow_cascade: bool = False,
) -> list[str]:
    """The statements that leave every one of the tables empty.

    TRUNCATE makes new files for each table and each of its indexes, which takes longer than most tests; the few rows
    of a test are deleted in a moment. The order does not matter: the foreign keys that Django makes are checked at the
    end of the transaction, when no row is left. What DELETE cannot do, numbering anew, is left to Django's own.
    """
    if reset_sequences or allow_cascade:
        return django_flush(
            operations, style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
        )
    return ["SET CONSTRAINTS ALL DEFERRED;"] + [
        f"DELETE FROM {operations.quote_name(table)};"  # noqa: S608 - the names of our own tables
        for table in tables
    ]


def make_throwaway_database_quick(patch: pytest.MonkeyPatch) -> None:
    """Empty tables by deleting, and let no commit wait for the disk, in processes that a test starts too.

    What a crash of the server would lose is a database of tests. What a kill of one of our processes loses is the same
    as ever: the server has what was committed.
    """
    if connection.vendor != "postgresql":
        return
    patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        cursor.execute("SET synchronous_commit = off")
