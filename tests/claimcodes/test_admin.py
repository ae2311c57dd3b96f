"""The staff's pages of claim codes: made by the service, never changed, found with their claims."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from badges.models import BadgeTemplate
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code
from organizations.models import Organization, User
from tests import factories
from tests.staff import browser_of, url


@pytest.fixture
def staff_client(staff: User) -> Client:
    """A browser in which the superuser is signed in."""
    return browser_of(staff)


def test_claim_code_is_made_as_typed(staff_client: Client, staff: User, template: BadgeTemplate) -> None:
    values = {"template": template.pk, "code": " Open Day ", "is_multiuse": "on", "max_uses": "30"}
    assert staff_client.post(url(ClaimCode, "add"), values).status_code == 302
    code = ClaimCode.objects.get()
    assert (code.code, code.code_key, code.max_uses, code.created_by) == (
        " Open Day ",
        "open day",
        30,
        staff.email,
    )
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Added."]


def test_claim_code_left_empty_is_random(staff_client: Client, template: BadgeTemplate) -> None:
    for _number in range(2):
        staff_client.post(url(ClaimCode, "add"), {"template": template.pk, "code": ""})
    codes = list(ClaimCode.objects.values_list("code", "is_multiuse", "email"))
    assert len({code for code, _is_multiuse, _email in codes}) == 2
    assert {(len(code), is_multiuse, email) for code, is_multiuse, email in codes} == {(10, False, None)}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "welcome"}, "code"),
        ({"code": "other", "email": "nobody"}, "email"),
        ({"code": "other", "is_multiuse": "on", "max_uses": "0"}, "max_uses"),
        ({"code": "\u200b " * 3 + " "}, None),
        ({"code": "   "}, "code"),
    ],
)
def test_claim_code_refused_stands_beside_the_field(
    staff_client: Client, template: BadgeTemplate, values: dict[str, str], field: str | None
) -> None:
    factories.claim_code(template, code="WELCOME")
    response = staff_client.post(url(ClaimCode, "add"), {"template": template.pk} | values)
    if field is None:
        assert response.status_code == 302
        assert ClaimCode.objects.count() == 2
    else:
        assert list(response.context["adminform"].form.errors) == [field]
        assert ClaimCode.objects.count() == 1


def test_claim_code_of_a_disabled_organization_is_refused(
    staff_client: Client, acme: Organization, template: BadgeTemplate
) -> None:
    Organization.objects.filter(pk=acme.pk).update(status="disabled")
    response = staff_client.post(url(ClaimCode, "add"), {"template": template.pk, "code": "X"})
    assert "disabled" in str(response.context["adminform"].form.errors["__all__"])
    assert not ClaimCode.objects.exists()


def test_claim_code_keeps_its_meaning(staff_client: Client, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, code="WELCOME")
    assert staff_client.post(url(ClaimCode, "change", code.pk), {"code": "OTHER"}).status_code == 403
    code.refresh_from_db()
    assert code.code == "WELCOME"


def test_claims_are_found_and_lead_to_the_badge(staff_client: Client, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, code="WELCOME")
    unused = factories.claim_code(template, code="UNUSED")
    claim = claim_code(claim_code=code, email="ada@example.org", by=None)
    assert claim.badge is not None
    badge_page = reverse("admin:badges_badge_change", args=[claim.badge.pk])
    for term in ("welc", "ada@example.org"):
        found = staff_client.get(url(ClaimCode, "changelist"), {"q": term})
        assert list(found.context["cl"].result_list) == [code], term
    for use, expected in (("open", [unused]), ("closed", [code])):
        found = staff_client.get(url(ClaimCode, "changelist"), {"use": use})
        assert list(found.context["cl"].result_list) == expected
    assert badge_page in staff_client.get(url(ClaimCode, "change", code.pk)).content.decode()
    assert badge_page in staff_client.get(url(Claim, "change", claim.pk)).content.decode()
    assert url(ClaimCode, "change", code.pk) in staff_client.get(badge_page).content.decode()
    found = staff_client.get(url(Claim, "changelist"), {"q": claim.badge.public_url})
    assert list(found.context["cl"].result_list) == [claim]
