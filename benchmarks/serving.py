"""What public documents cost through gunicorn, beside the floor. Prints JSON lines.

Run through `python -m benchmarks`, which makes an installation for it.
"""

import django

django.setup()

from badges.models import BadgeDocument  # noqa: E402
from badges.services.issuing import issue_badge  # noqa: E402
from badges.services.templates import create_template  # noqa: E402
from benchmarks.load import Call, Case, headers_of, measure, server, tell  # noqa: E402
from benchmarks.measuring import tree_memory  # noqa: E402
from earners.services import Person  # noqa: E402
from organizations.services.organizations import create_organization  # noqa: E402


def main() -> None:
    """Measure all addresses."""
    organization = create_organization(name="Bench Academy", by=None)
    template = create_template(
        organization=organization, fields={"title": "Data literacy", "is_published": True}, by=None
    )
    badge = issue_badge(template=template, person=Person(email="ada@example.org", first_name="Ada"), by=None)
    page = f"/public/badges/{badge.uuid}"
    stored = {"FLOOR_DOCUMENT": str(BadgeDocument.objects.get(badge=badge).pk)}
    with server("config.wsgi") as product, server("benchmarks.floor", stored) as floor:
        known = {"If-None-Match": headers_of(product, f"{page}.json").get("ETag", "")}
        measure(
            [
                Case("floor: bare view, stored text", floor, Call("/document")),
                Case("badge, Open Badges 3.0 JSON", product, Call(f"{page}.json")),
                Case("the same, 304", product, Call(f"{page}.json", known), expected=304),
                Case("badge, Open Badges 2.0 hosted JSON", product, Call(f"{page}/ob2.json")),
                Case("badge, baked PNG", product, Call(f"{page}/ob3.png")),
                Case("status list", product, Call(f"/public/issuers/{organization.uuid}/status/1")),
                Case("badge page, HTML", product, Call(page, {"Accept": "text/html"})),
            ]
        )
        tell("server, 1 process", peak_mib=tree_memory(product.pid))


if __name__ == "__main__":
    main()
