"""The staff's page that says whether badges will verify elsewhere."""

from django.contrib.auth.models import Permission
from django.utils.html import escape

from badges.services.findings import summary
from badges.services.verifiability import check_verifiability
from organizations.enums import KeyAlgorithm
from organizations.models import Organization, SigningKey, System, User
from tests.staff import act, browser_of, said


def test_page_says_what_the_check_found(staff: User, acme: Organization, globex: Organization) -> None:
    """With a fault of one of them, and what concerns the server once."""
    SigningKey.objects.filter(organization=acme, algorithm=KeyAlgorithm.ED25519).update(status="revoked")
    page = act(browser_of(staff), Organization, "verifiability", acme.pk, globex.pk)
    first, second = check_verifiability(acme, fetch=None), check_verifiability(globex, fetch=None)
    findings = list(dict.fromkeys([*first, *second]))
    assert len(findings) < len(first) + len(second)
    shown = [finding for _word, finding in page.context["findings"]]
    assert sorted(shown, key=repr) == sorted(findings, key=repr)
    assert shown[0].level == "error"
    assert page.context["summary"] == summary(findings)
    for finding in findings:
        assert escape(finding.message) in page.content.decode()
        assert escape(finding.advice) in page.content.decode()


def test_page_is_for_those_who_may_look(acme: Organization) -> None:
    viewer = User.objects.create_user("viewer@server.example", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_organization"))
    assert act(browser_of(viewer), Organization, "verifiability", acme.pk).status_code == 200
    viewer.user_permissions.set(Permission.objects.filter(codename="view_badge"))
    assert act(browser_of(viewer), Organization, "verifiability", acme.pk).status_code == 403


def test_page_takes_a_bounded_number(staff: User, system: System) -> None:
    Organization.objects.bulk_create(
        Organization(system=system, slug=f"school-{number}", name=f"School {number}") for number in range(21)
    )
    rows = Organization.objects.filter(slug__startswith="school-").values_list("pk", flat=True)
    response = act(browser_of(staff), Organization, "verifiability", *rows)
    assert said(response) == ["Choose at most 20 organizations at once."]
