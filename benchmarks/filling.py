"""Organizations with many badges, made quickly: what the measurements of lists and pages run on."""

from django.db import connection

from badges.models import Badge
from badges.services.counters import recount
from badges.services.issuing import issue_badge
from badges.services.templates import create_template
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


def filled(name: str, count: int) -> Badge:
    """Make an organization with this many badges of one template; return the first of them.

    The badges but the first are copies in the table: lists and statistics read nothing else of them.
    """
    organization = create_organization(name=name, by=None)
    template = create_template(
        organization=organization, fields={"title": "Data literacy", "is_published": True}, by=None
    )
    first = issue_badge(template=template, person=Person(email="ada@example.org", first_name="Ada"), by=None)
    columns = [
        str(field.column)
        for field in Badge._meta.fields
        if field.column not in {"id", "status_list_id", "status_index"}
    ]
    changed = {
        "uuid": UUID[connection.vendor],
        "number": "numbers.number",
        "issued_at": LATER[connection.vendor],
    }
    values = ", ".join(changed.get(column, column) for column in columns)
    statement = (  # of names of our own alone
        f"INSERT INTO badges_badge ({', '.join(columns)}) SELECT {values} "
        f"FROM badges_badge CROSS JOIN ({NUMBERS[connection.vendor]}) AS numbers WHERE badges_badge.id = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [count, first.pk])
    Organization.objects.filter(pk=organization.pk).update(last_badge_number=count)
    recount()
    return Badge.objects.select_related("organization", "template__organization").get(pk=first.pk)
