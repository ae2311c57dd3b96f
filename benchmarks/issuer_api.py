"""What the issuer API costs through gunicorn, beside the floor, with ten thousand badges and with a million.

Prints JSON lines. Run through `python -m benchmarks`, which makes an installation for it.
"""

import json
import os

import django

# The load would reach the limit of one key within seconds.
os.environ["API_RATE_LIMIT"] = "0"
django.setup()

from django.db import connection  # noqa: E402

from badges.models import BadgeDocument  # noqa: E402
from benchmarks.filling import filled  # noqa: E402
from benchmarks.load import Call, Case, measure, server  # noqa: E402
from organizations.models import Organization  # noqa: E402
from organizations.services.access import create_api_key  # noqa: E402

PATH = "/api/v1/issuers/organization"
FEW, MANY = 10_000, 1_000_000


def main() -> None:
    """Measure two organizations of one installation."""
    few_key = key_of(filled("Few Academy", FEW).organization)
    template = filled("Many Academy", MANY).template
    many_key = key_of(template.organization)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    document = {"FLOOR_DOCUMENT": str(BadgeDocument.objects.order_by("pk").values_list("pk", flat=True)[0])}
    last_few, last_many = FEW // 25, MANY // 25

    def assignment(number: int) -> Call:
        body = {
            "badge_template_id": str(template.uuid),
            "recipient_email": f"new{number}@example.org",
            "recipient_first_name": "Ada",
            "recipient_last_name": "Lovelace",
        }
        headers = many_key | {"Content-Type": "application/json"}
        return Call(f"{PATH}/badges", headers, "POST", json.dumps(body).encode())

    with server("config.wsgi") as product, server("benchmarks.floor", document) as floor:
        measure(
            [
                Case("floor: bare view, stored text", floor, Call("/document")),
                Case("organization", product, Call(PATH, many_key)),
                Case(f"list of 25 of {FEW:,}, first page", product, Call(f"{PATH}/badges", few_key)),
                Case(
                    f"list of 25 of {FEW:,}, last page",
                    product,
                    Call(f"{PATH}/badges?page={last_few}", few_key),
                ),
                Case(f"list of 25 of {MANY:,}, first page", product, Call(f"{PATH}/badges", many_key)),
                Case(
                    f"list of 25 of {MANY:,}, last page",
                    product,
                    Call(f"{PATH}/badges?page={last_many}", many_key),
                ),
                Case(f"statistics of {MANY:,}", product, Call(f"{PATH}/statistics", many_key)),
                Case("assign one badge", product, assignment, expected=201, requests=200),
            ]
        )


def key_of(organization: Organization) -> dict[str, str]:
    """Return the header of a new key of an organization."""
    _key, text = create_api_key(organization=organization, name="bench", by=None)
    return {"Authorization": f"Bearer {text}"}


if __name__ == "__main__":
    main()
