"""What the pages cost through gunicorn, beside the floor: those of an issuer with a million badges, and the public ones.

Prints JSON lines. Run through `python -m benchmarks`, which makes an installation for it.
"""

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from badges.models import BadgeDocument  # noqa: E402
from benchmarks.filling import filled  # noqa: E402
from benchmarks.load import Call, Case, measure, server  # noqa: E402
from claimcodes.services import create_claim_code  # noqa: E402
from organizations.enums import Role  # noqa: E402
from organizations.models import User  # noqa: E402
from organizations.services.members import add_member  # noqa: E402

MANY = 1_000_000


def main() -> None:
    """Measure one organization with a million badges, of which all but one are copies of the first."""
    badge = filled("Many Academy", MANY)
    organization = badge.organization
    user = User.objects.create_user("owner@example.org", "a long enough password")
    add_member(organization=organization, user=user, role=Role.OWNER, by=None)
    code = create_claim_code(template=badge.template, is_multiuse=True, by=None)
    client = Client()
    client.force_login(user)
    signed_in = {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    }
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    document = {"FLOOR_DOCUMENT": str(BadgeDocument.objects.order_by("pk").values_list("pk", flat=True)[0])}
    home = f"/manage/{organization.pk}"
    pages = {
        "overview": f"{home}/",
        "badges, first page": f"{home}/badges",
        "badges, page 40,000": f"{home}/badges?page=40000",
        "badges, a name that all have": f"{home}/badges?q=ada",
        "badges, a name that none has": f"{home}/badges?q=zacharias",
        "one badge": f"{home}/badges/{badge.uuid}",
        "templates": f"{home}/templates",
        "editor of a template": f"{home}/templates/{badge.template.uuid}/edit",
        "issuing, first step": f"{home}/issue",
        "earners": f"{home}/earners",
        "claim codes": f"{home}/claim-codes",
        "audit log": f"{home}/audit-log",
    }
    public = {
        "page of a badge": badge.public_path,
        "page of a template": badge.template.public_path,
        "page of an organization": organization.public_path,
        "claim page with its code": code.public_path,
        "verify page": "/verify",
    }
    with server("config.wsgi") as product, server("benchmarks.floor", document) as floor:
        measure(
            [
                Case("floor: bare view, stored text", floor, Call("/document")),
                *(Case(name, product, Call(path, signed_in), requests=100) for name, path in pages.items()),
                *(Case(name, product, Call(path), requests=100) for name, path in public.items()),
            ]
        )


if __name__ == "__main__":
    main()
