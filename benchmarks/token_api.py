"""What the token API costs through gunicorn, beside the floor. Prints JSON lines.

Run through `python -m benchmarks`, which makes an installation for it. Accounts have 5, 50 and 500 badges of ten templates
of two organizations; each outcome that issues is reported with the token of another account.
"""

import os

import django

# The load would reach the limit of one account within seconds.
os.environ["API_RATE_LIMIT"] = "0"
django.setup()

from django.db import connection  # noqa: E402

from badges.models import Badge, BadgeDocument  # noqa: E402
from badges.services.awards import IssueRequest  # noqa: E402
from badges.services.issuing import issue_badges  # noqa: E402
from badges.services.outcome_settings import create_outcome  # noqa: E402
from badges.services.templates import create_template  # noqa: E402
from benchmarks.load import WINDOWS, Call, Case, measure, server  # noqa: E402
from earners.services import Person, create_login_token  # noqa: E402
from organizations.services.organizations import create_organization  # noqa: E402

SIZES = (5, 50, 500)
REQUESTS = 200


def main() -> None:
    """Measure the routes that a token opens."""
    organizations = [create_organization(name=f"Academy {number}", by=None) for number in range(2)]
    templates = [
        create_template(
            organization=organizations[number % 2],
            fields={
                "title": f"Course {number}",
                "description": "<p>What was learnt.</p>",
                "tags": ["a", "b"],
            },
            by=None,
        )
        for number in range(10)
    ]
    for size in SIZES:
        person = Person(email=f"earner{size}@example.org", first_name="Ada")
        for number in range(size):
            issue_badges(
                template=templates[number % 10],
                requests=[IssueRequest(person=person)],
                by=None,
                is_announced=False,
            )
    tokens = {size: create_login_token(email=f"earner{size}@example.org")[1] for size in SIZES}
    create_outcome(organization=organizations[0], code="course-1", template=templates[0], by=None)
    create_outcome(
        organization=organizations[0], code="exam", call_url="https://platform.example/outcomes", by=None
    )
    count = REQUESTS * (WINDOWS + 1)
    fresh = [create_login_token(email=f"new{number}@example.org")[1] for number in range(count)]
    issuing, calling = iter(fresh), iter(fresh)
    badge = Badge.objects.filter(earner__email="earner50@example.org").values_list("uuid", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    document = {"FLOOR_DOCUMENT": str(BadgeDocument.objects.order_by("pk").values_list("pk", flat=True)[0])}

    with server("config.wsgi") as product, server("benchmarks.floor", document) as floor:
        measure(
            [
                Case("floor: bare view, stored text", floor, Call("/document")),
                *(
                    Case(f"list of all {size} badges", product, Call(f"/api/v2/Badges/{tokens[size]}"))
                    for size in SIZES
                ),
                Case("one badge", product, Call(f"/api/v2/Badge/{tokens[50]}/{badge}")),
                Case("unknown badge", product, Call(f"/api/v2/Badge/{tokens[50]}/none")),
                Case(
                    "outcome that issues a badge",
                    product,
                    lambda _: Call(f"/api/v2/Outcome/{next(issuing)}/course-1", method="POST"),
                    requests=REQUESTS,
                ),
                Case(
                    "outcome that calls out",
                    product,
                    lambda _: Call(f"/api/v2/Outcome/{next(calling)}/exam", method="POST"),
                    requests=REQUESTS,
                ),
                Case(
                    "outcome reported again",
                    product,
                    Call(f"/api/v2/Outcome/{fresh[0]}/course-1", method="POST"),
                    requests=REQUESTS,
                ),
            ]
        )


if __name__ == "__main__":
    main()
