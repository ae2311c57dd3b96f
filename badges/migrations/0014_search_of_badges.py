# ruff: noqa: S608 - statements of our own words alone
"""Indexes by which the search of badges finds any part of a name, an address or an activity.

PostgreSQL: trigrams (pg_trgm, which comes with it). A role that may not make extensions goes on without: the search then
looks through all badges. SQLite: a table of trigrams (FTS5), which triggers keep as the badges are. A migration that makes
the table of badges anew on SQLite drops its triggers, and has to make them again; tests/badges/test_searching.py tells.
"""

import warnings

from django.db import DatabaseError, migrations, transaction

TEXT = "recipient_first_name || ' ' || recipient_last_name || ' ' || recipient_email || ' ' || activity_title"
# One index for all that is searched: four would cost bulk issuing four times as much. As services/searching.py asks for it.
POSTGRESQL_INDEX = (
    f"CREATE INDEX IF NOT EXISTS badge_search ON badges_badge USING gin (UPPER({TEXT}) gin_trgm_ops)"
)
WITHOUT_EXTENSION = (
    "The search of badges is slow with many of them: the database's role may not make the extension pg_trgm. Run"
    ' "CREATE EXTENSION pg_trgm" as an administrator of the database, and then: {index}'
)


def new(columns):
    """Return the searched text of the row that a trigger tells of, or that it tells of as it was."""
    return " || ' ' || ".join(
        f"{columns}.{name}"
        for name in ("recipient_first_name", "recipient_last_name", "recipient_email", "activity_title")
    )


# The texts are not kept a second time (content=''): what a trigger deletes it has to name, which it can.
SQLITE = [
    "CREATE VIRTUAL TABLE badges_search USING fts5(words, content='', tokenize='trigram', columnsize=0)",
    f"INSERT INTO badges_search (rowid, words) SELECT id, {TEXT} FROM badges_badge",
    f"""
    CREATE TRIGGER badges_search_insert AFTER INSERT ON badges_badge BEGIN
        INSERT INTO badges_search (rowid, words) VALUES (new.id, {new("new")});
    END
    """,
    f"""
    CREATE TRIGGER badges_search_delete AFTER DELETE ON badges_badge BEGIN
        INSERT INTO badges_search (badges_search, rowid, words) VALUES ('delete', old.id, {new("old")});
    END
    """,
    f"""
    CREATE TRIGGER badges_search_update
    AFTER UPDATE OF recipient_first_name, recipient_last_name, recipient_email, activity_title ON badges_badge BEGIN
        INSERT INTO badges_search (badges_search, rowid, words) VALUES ('delete', old.id, {new("old")});
        INSERT INTO badges_search (rowid, words) VALUES (new.id, {new("new")});
    END
    """,
]


def index(apps, schema_editor):  # noqa: ARG001
    """Make what the search needs."""
    connection = schema_editor.connection
    if connection.vendor == "sqlite":
        for statement in SQLITE:
            schema_editor.execute(statement)
    elif connection.vendor == "postgresql":
        try:
            with transaction.atomic(using=connection.alias):
                schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError:
            warnings.warn(WITHOUT_EXTENSION.format(index=POSTGRESQL_INDEX), stacklevel=1)
            return
        schema_editor.execute(POSTGRESQL_INDEX)


def drop(apps, schema_editor):  # noqa: ARG001
    """Take it away again. The extension may serve others."""
    vendor = schema_editor.connection.vendor
    if vendor == "sqlite":
        for name in ("insert", "delete", "update"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS badges_search_{name}")
        schema_editor.execute("DROP TABLE IF EXISTS badges_search")
    elif vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS badge_search")


class Migration(migrations.Migration):
    dependencies = [("badges", "0013_filters_revocations")]

    operations = [migrations.RunPython(index, drop)]
