"""Statements: what is put together once gives what the queryset gives, for other values, in every thread."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from badges.api.badgekit_bodies import BADGE_PARTS
from badges.models import BadgeTemplate
from claimcodes.models import ClaimCode
from config.statements import Listing, Statement
from organizations.models import Organization
from tests import factories
from tests.racing import race

BY_SLUG: Statement[BadgeTemplate] = Statement(
    lambda places: BadgeTemplate.objects.select_related(*BADGE_PARTS).filter(
        slug=places.text("slug"), organization=places.number("organization")
    )
)
CODES: Statement[tuple[Any, ...]] = Statement(
    lambda places: (
        ClaimCode.objects.filter(template=places.number("template"))
        .order_by("pk")
        .values_list("code", "is_multiuse", "expires_at", "created_at", "uuid")
    )
)


def values_of(row: BadgeTemplate) -> list[Any]:
    """Return all values of a template and of what is joined to it."""
    rows = [row, row.current_version, row.system, row.organization, row.program]
    return [
        {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields} if one else None
        for one in rows
    ]


def test_statement_gives_the_objects_of_the_queryset(acme: Organization, globex: Organization) -> None:
    program = factories.ProgramFactory.create(organization=acme)
    rows = [
        factories.template(acme, title="One", program=program, tags=["a", "è"], limit=3),
        factories.template(acme, title="Two", is_unique=True),
    ]
    factories.template(globex, title="Three")

    for row in rows:
        with CaptureQueriesContext(connection) as queries:
            found = BY_SLUG.rows(slug=row.slug, organization=acme.pk)
            told = [values_of(one) for one in found]
        expected = BadgeTemplate.objects.select_related(*BADGE_PARTS).get(pk=row.pk)
        assert found == [expected]
        assert told == [values_of(expected)]
        assert len(queries) == 1
    assert BY_SLUG.first(slug="three", organization=acme.pk) is None
    assert BY_SLUG.first(slug="' OR 1=1 --", organization=acme.pk) is None


def test_statement_gives_objects_that_can_be_saved(template: BadgeTemplate) -> None:
    found = BY_SLUG.first(slug=template.slug, organization=template.organization_id)
    assert found is not None
    found.code = "CHANGED"
    found.save()

    template.refresh_from_db()
    assert (template.code, BadgeTemplate.objects.count()) == ("CHANGED", 1)


def test_statement_of_tuples_is_the_queryset(template: BadgeTemplate) -> None:
    for number in range(4):
        factories.claim_code(template, code=f"c{number}", is_multiuse=bool(number % 2))
    count: Statement[tuple[int]] = Statement(
        lambda places: BadgeTemplate.objects.filter(pk=places.number("template")).values_list("claim_codes")
    )
    expected = list(
        ClaimCode.objects.order_by("pk").values_list(
            "code", "is_multiuse", "expires_at", "created_at", "uuid"
        )
    )

    listing = Listing(CODES, count, template=template.pk)

    assert CODES.rows(template=template.pk) == expected
    assert listing[1:3] == expected[1:3]
    assert listing[:2] == expected[:2]
    assert listing[3:9] == expected[3:]


def test_statement_refuses_a_place_that_it_does_not_use(db: None) -> None:
    def make(places: Any) -> Any:
        places.text("unused")
        return BadgeTemplate.objects.all()

    with pytest.raises(ValueError, match="unused"):
        Statement(make).rows(unused="x")


@pytest.mark.django_db(transaction=True)
def test_statement_serves_many_threads() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))

    answers = race(
        lambda number: BY_SLUG.rows(slug=template.slug, organization=template.organization_id), times=12
    )

    assert answers == [[template]] * 12


def test_statement_gives_annotations(acme: Organization) -> None:
    statement: Statement[Organization] = Statement(
        lambda places: Organization.objects.annotate(doubled=F("max_users") * 2).filter(
            pk=places.number("pk")
        )
    )
    Organization.objects.filter(pk=acme.pk).update(max_users=7)

    found = statement.first(pk=acme.pk)

    assert found is not None
    assert found.doubled == 14  # type: ignore[attr-defined]  # annotated
