"""Organizations with many badges, made quickly: what the measurements of lists and pages run on."""

from collections.abc import Collection, Mapping

from django.db import connection
from django.db.models import Model

from badges.models import Badge
from badges.services.counters import recount
from badges.services.issuing import issue_badge
from badges.services.templates import create_template
from earners.models import Earner
from earners.services import Person
from organizations.models import Organization
from organizations.services.organizations import create_organization

NUMBERS = {
    "postgresql": "SELECT number FROM generate_series(2, %s) AS number",
    "sqlite": "WITH RECURSIVE counted(number) AS "
    "(SELECT 2 UNION ALL SELECT number + 1 FROM counted WHERE number < %s) SELECT number FROM counted",
}
UUID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}
LATER = {"postgresql": "issued_at - numbers.number * interval '1 minute'", "sqlite": "issued_at"}


EACH_HOLDS = 10  # badges


def filled(name: str, count: int) -> Badge:
    """Make an organization with this many badges of one template, ten for each earner; return the first of them.

    The badges and earners but the first are copies in the tables: lists and statistics read nothing else of them.
    """
    organization = create_organization(name=name, by=None)
    template = create_template(
        organization=organization, fields={"title": "Data literacy", "is_published": True}, by=None
    )
    first = issue_badge(template=template, person=Person(email="ada@example.org", first_name="Ada"), by=None)
    vendor = connection.vendor
    _copy(
        first.earner,
        count // EACH_HOLDS,
        {
            "uuid": UUID[vendor],
            "email": "'ada' || numbers.number || '@example.org'",
            "email_key": "'ada' || numbers.number || '@example.org'",
        },
    )
    earners = list(
        Earner.objects.filter(organization=organization).order_by("pk").values_list("pk", flat=True)
    )
    changed = {
        "uuid": UUID[vendor],
        "number": "numbers.number",
        "issued_at": LATER[vendor],
        "earner_id": f"{earners[0]} + numbers.number %% {len(earners)}",
    }
    assert earners == list(range(earners[0], earners[0] + len(earners)))
    _copy(first, count, changed, without={"status_list_id", "status_index"})
    Organization.objects.filter(pk=organization.pk).update(last_badge_number=count)
    recount()
    return Badge.objects.select_related("organization", "template__organization").get(pk=first.pk)


def _copy(row: Model, count: int, changed: Mapping[str, str], without: Collection[str] = ()) -> None:
    """Have `count` rows like this one, itself among them; `changed` has the SQL of what differs, by column."""
    table = row._meta.db_table
    columns = [str(field.column) for field in row._meta.fields if field.column not in {"id", *without}]
    values = ", ".join(changed.get(column, column) for column in columns)
    statement = (  # of names of our own alone
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
        f"FROM {table} CROSS JOIN ({NUMBERS[connection.vendor]}) AS numbers WHERE {table}.id = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [count, row.pk])
