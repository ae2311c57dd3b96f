"""Tables are empty after a test that commits, however they are emptied."""

import pytest
from django.core.management import call_command
from django.db import connection

from badges.models import Badge
from tests.things import Things

# What Django fills anew after each emptying.
ALWAYS_THERE = {"auth_permission", "django_content_type"}


def filled_tables() -> set[str]:
    """The tables of models that have a row."""
    found = set()
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608 - our own tables
            if cursor.fetchone():
                found.add(table)
    return found


@pytest.mark.django_db(transaction=True)
def test_flush_leaves_no_row_of_ours(things: Things) -> None:
    before = filled_tables()

    call_command("flush", interactive=False, verbosity=0)

    assert len(before - ALWAYS_THERE) > 20
    assert filled_tables() == ALWAYS_THERE


@pytest.mark.django_db(transaction=True)
def test_rows_of_a_test_that_commits_are_gone_for_the_next(badge: Badge) -> None:
    assert Badge.objects.get() == badge
