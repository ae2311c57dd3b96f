"""The public pages of badges, templates, versions and organizations: what they show, and to whom."""

import html
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from badges.enums import Visibility
from badges.models import Badge, BadgeDocument, BadgeTemplate, StatusList
from badges.services.paths import PathStepSpec, set_path_steps
from badges.services.revoking import revoke_badge
from badges.services.templates import archive_template, publish_template, update_template
from organizations.models import Organization, User
from tests import factories

pytestmark = pytest.mark.django_db


def text(response: object) -> str:
    """Return the text of a page that was answered."""
    assert isinstance(response, HttpResponse)
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    return html.unescape(response.content.decode())


def rich_template(organization: Organization) -> BadgeTemplate:
    return factories.template(
        organization,
        criteria=[{"description": "Attend eight meetings", "required": True}],
        alignments=[
            {
                "name": "analyse data",
                "url": "http://data.europa.eu/esco/skill/1",
                "framework": "ESCO",
                "code": "S2.7.1",
            }
        ],
        result_descriptions=[{"id": "score", "name": "Final project", "type": "Percent", "value_max": "100"}],
        type="skills",
        type_data={"acquired_skills": "Draw honest charts", "acquired_knowledge": "Sampling"},
    )


def test_badge_page_shows_what_was_earned_by_whom_from_whom(client: Client, acme: Organization) -> None:
    badge = factories.badge(
        rich_template(acme),
        activity_title="Spring course",
        narrative="First line\nSecond <b>line</b>",
        evidence=[{"url": "https://example.org/work", "name": "The work", "narrative": "Before & after"}],
        results=[{"value": "87", "result_description": "score"}],
    )
    page = text(client.get(badge.public_path))
    for words in (
        '<h1 lang="en">Data literacy</h1>',
        "Earned by <strong>Ada Lovelace</strong>",
        "Reads and questions data.",
        f'<a href="{acme.public_path}">Acme Academy</a>',
        "<p>Finish the <strong>course</strong> and the project.</p>",
        "<li>Attend eight meetings (required)</li>",
        "Draw honest charts",
        '<a href="http://data.europa.eu/esco/skill/1" rel="nofollow noopener">analyse data</a>',
        "S2.7.1",
        "Spring course",
        "<dt>Final project</dt><dd>87 / 100",
        '<a href="https://example.org/work" rel="nofollow noopener ugc">See “The work”</a>',
        "Before & after",
        f'<link rel="alternate" type="application/vc+ld+json" href="{badge.public_url}/ob3.json"',
        f'<meta property="og:image" content="{badge.public_url}/card.png">',
        "Ada Lovelace earned “Data literacy” from Acme Academy.",
    ):
        assert words in page, words


def test_words_of_people_cannot_become_markup(client: Client, acme: Organization) -> None:
    attack = "<script>alert(1)</script>"
    template = factories.template(acme, title=attack, description=f"<p>Fine</p>{attack}", tags=[attack])
    badge = factories.badge(
        template, narrative=f"{attack}\nmore", evidence=[{"narrative": attack, "name": attack}]
    )
    publish_template(template=template, by=None)
    for path in (badge.public_path, template.public_path, badge.version.public_path, acme.public_path):
        content = client.get(path).content.decode()
        assert "<script>alert" not in content
        assert "&lt;script&gt;alert" in content


def checks(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('class="check" data-state="')[1:]]


def test_valid_badge_passes_all_checks(client: Client, badge: Badge) -> None:
    page = text(client.get(badge.public_path))
    assert checks(page) == ["passed"] * 4
    assert "status-valid" in page


def test_expired_badge_says_when(client: Client, template: BadgeTemplate) -> None:
    badge = factories.badge(
        template,
        issued_at=timezone.now() - timedelta(days=9),
        expires_at=timezone.now() - timedelta(days=2),
    )
    page = text(client.get(badge.public_path))
    assert checks(page) == ["passed", "passed", "passed", "failed"]
    assert "status-expired" in page
    assert "It expired on" in page


def test_badge_that_expires_within_a_month_says_so(client: Client, template: BadgeTemplate) -> None:
    soon, later = (
        factories.badge(template, f"{days}@example.org", expires_at=timezone.now() + timedelta(days=days))
        for days in (29, 31)
    )
    assert "status-expires_soon" in text(client.get(soon.public_path))
    assert "status-valid" in text(client.get(later.public_path))


def test_revoked_badge_says_why_and_offers_no_hosted_document(client: Client, badge: Badge) -> None:
    before = text(client.get(badge.public_path))
    assert f"{badge.public_path}/ob2.json?download=1" in before
    assert "linkedin.com" in before
    revoke_badge(badge=badge, reason="Issued by <mistake>", by=None)
    page = text(client.get(badge.public_path))
    assert checks(page) == ["passed", "passed", "failed", "passed"]
    assert "status-revoked" in page
    assert "The reason: Issued by <mistake>" in page
    assert f"{badge.public_path}/ob2.json?download=1" not in page
    assert "linkedin.com" not in page


def test_changed_document_is_told_to_the_reader(client: Client, badge: Badge) -> None:
    document = BadgeDocument.objects.get(badge=badge)
    document.body = document.body.replace("Data literacy", "Data mastery")
    document.save()
    page = text(client.get(badge.public_path))
    assert checks(page)[0] == "failed"
    assert "Do not rely on this badge." in page


def test_badge_without_its_document_still_has_a_page(client: Client, badge: Badge) -> None:
    BadgeDocument.objects.filter(badge=badge).delete()
    assert checks(text(client.get(badge.public_path))) == ["unknown", "unknown", "passed", "passed"]


def test_badge_of_nobody_by_name_says_only_what_it_is(client: Client, badge: Badge) -> None:
    Badge.objects.filter(pk=badge.pk).update(recipient_first_name="", recipient_last_name="")
    page = text(client.get(badge.public_path))
    assert "Earned by" not in page
    assert "“Data literacy”, issued by Acme Academy." in page


@pytest.mark.parametrize(
    ("visibility", "is_indexed"), [(Visibility.PUBLIC, True), (Visibility.UNLISTED, False)]
)
def test_only_public_badges_are_for_search_engines(
    client: Client, template: BadgeTemplate, visibility: str, is_indexed: bool
) -> None:
    response = client.get(factories.badge(template, visibility=visibility).public_path)
    assert ("noindex" not in text(response)) == is_indexed
    assert (response.get("X-Robots-Tag") != "noindex") == is_indexed


def test_badge_page_warns_where_others_cannot_reach_it(
    client: Client, settings: Settings, template: BadgeTemplate
) -> None:
    warning = "This server has no public https address yet."
    badge = factories.badge(template)
    assert warning in text(client.get(badge.public_path))
    settings.IS_SECURE = True
    settings.PUBLIC_URL = "https://badges.example.org"
    assert warning not in text(client.get(badge.public_path))
    settings.PUBLIC_URL = "https://localhost:8443"
    assert warning in text(client.get(badge.public_path))


def test_badge_page_offers_linkedin_with_dates(client: Client, template: BadgeTemplate) -> None:
    badge = factories.badge(template, expires_at=timezone.now() + timedelta(days=400))
    page = text(client.get(badge.public_path))
    assert badge.expires_at is not None
    assert (
        "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME&name=Data+literacy"
        f"&organizationName=Acme+Academy&issueYear={badge.issued_at.year}&issueMonth={badge.issued_at.month}"
    ) in page
    assert f"&expirationYear={badge.expires_at.year}&expirationMonth={badge.expires_at.month}" in page


def test_times_are_those_of_the_organization(
    client: Client, acme: Organization, template: BadgeTemplate
) -> None:
    Organization.objects.filter(pk=acme.pk).update(time_zone="Asia/Tokyo")
    badge = factories.badge(template)
    Badge.objects.filter(pk=badge.pk).update(issued_at="2026-03-01T20:30:00Z")
    assert ">2 Mar 2026, 05:30</time>" in text(client.get(badge.public_path))


@pytest.mark.parametrize("kind", ["badge", "template", "version", "issuer"])
def test_pages_read_no_session(client: Client, alice: User, badge: Badge, kind: str) -> None:
    publish_template(template=badge.template, by=None)
    path = {
        "badge": badge.public_path,
        "template": badge.template.public_path,
        "version": badge.version.public_path,
        "issuer": badge.organization.public_path,
    }[kind]
    anonymous = client.get(path)
    assert "Cookie" not in anonymous["Vary"]
    assert anonymous.cookies == {}
    assert anonymous["Cache-Control"] == "no-cache"
    assert client.head(path).headers == anonymous.headers
    assert client.head(path).content == b""
    client.force_login(alice)
    assert "Cookie" not in client.get(path)["Vary"]


def test_badge_page_costs_the_same_for_much_and_little(
    client: Client, acme: Organization, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    evidence = [{"narrative": f"Piece {number}"} for number in range(9)]
    for badge in (
        factories.badge(factories.template(acme)),
        factories.badge(rich_template(acme), evidence=evidence),
    ):
        with django_assert_num_queries(3):
            client.get(badge.public_path)


def test_template_page_is_there_when_published(client: Client, template: BadgeTemplate) -> None:
    assert client.get(template.public_path).status_code == 404
    publish_template(template=template, by=None)
    page = text(client.get(template.public_path))
    assert "Finish the <strong>course</strong>" in page
    assert "Not published" not in page
    archive_template(template=template, by=None)
    assert client.get(template.public_path).status_code == 404


def test_unpublished_template_is_shown_to_members_alone(
    client: Client, template: BadgeTemplate, alice: User, charlie: User, staff: User
) -> None:
    for user in (None, charlie):
        if user is not None:
            client.force_login(user)
        refused = client.get(template.public_path)
        assert refused.status_code == 404
        assert b"literacy" not in refused.content
    for user in (alice, staff):
        client.force_login(user)
        response = client.get(template.public_path)
        page = text(response)
        assert "Not published" in page
        assert 'src="data:image/png;base64,' in page
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex"


def test_unpublished_template_of_another_organization_is_not_there(
    client: Client, globex: Organization, alice: User
) -> None:
    client.force_login(alice)
    assert client.get(factories.template(globex).public_path).status_code == 404


def test_version_page_names_the_newest(client: Client, badge: Badge) -> None:
    path = badge.version.public_path
    assert "It is the newest." in text(client.get(path))
    template = update_template(template=badge.template, fields={"title": "Data mastery"}, by=None)
    hidden = text(client.get(path))
    assert "The newest" not in hidden  # it is not published, and nobody has it
    assert "mastery" not in hidden
    publish_template(template=template, by=None)
    page = text(client.get(path))
    newest = BadgeTemplate.objects.select_related("current_version").get(pk=template.pk).current_version
    assert newest is not None
    assert f'<a href="{newest.public_path}">The newest is version 2</a>' in page
    assert "noindex" in page


def test_version_page_is_there_when_published_or_issued_from(client: Client, template: BadgeTemplate) -> None:
    version = template.current_version
    assert version is not None
    assert client.get(version.public_path).status_code == 404
    publish_template(template=template, by=None)
    assert client.get(version.public_path).status_code == 200
    assert client.get("/public/versions/00000000-0000-4000-8000-000000000000").status_code == 404


def test_issuer_page_lists_published_templates_by_type(
    client: Client, acme: Organization, globex: Organization
) -> None:
    shown = rich_template(acme)
    for template in (
        shown,
        factories.template(acme, title="Chart maker"),
        factories.template(globex, title="Foreign"),
    ):
        publish_template(template=template, by=None)
    factories.template(acme, title="Secret plan")
    page = text(client.get(acme.public_path))
    assert page.index("<h2>Participation</h2>") < page.index("Chart maker") < page.index("<h2>Skills</h2>")
    assert f'<a class="row-link" href="{shown.public_path}">Data literacy</a>' in page
    assert "Secret plan" not in page
    assert "Foreign" not in page
    Organization.objects.filter(pk=acme.pk).update(public_badge_types=False)
    page = text(client.get(acme.public_path))
    assert "<h2>Skills</h2>" not in page
    assert "Chart maker" in page
    Organization.objects.filter(pk=acme.pk).update(public_badge_templates=False)
    assert "Chart maker" not in text(client.get(acme.public_path))


def test_issuer_page_without_anything_to_earn_says_so(client: Client, acme: Organization) -> None:
    assert "No badges here yet" in text(client.get(acme.public_path))


def test_issuer_page_costs_the_same_for_one_and_three(
    client: Client, acme: Organization, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in (1, 2, 3):
        publish_template(template=factories.template(acme), by=None)
        with django_assert_num_queries(3):
            client.get(acme.public_path)


def test_issuer_page_has_pages(client: Client, acme: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("badges.views.issuers.PER_PAGE", 2)
    for number in (1, 2, 3):
        publish_template(template=factories.template(acme, title=f"Badge {number}"), by=None)
    first = text(client.get(acme.public_path))
    assert ("Badge 2" in first, "Badge 3" in first, 'href="?page=2"' in first) == (True, False, True)
    assert "Badge 3" in text(client.get(f"{acme.public_path}?page=2"))
    assert "Badge 3" in text(client.get(f"{acme.public_path}?page=99"))


def test_issuer_page_shows_the_logo(client: Client, acme: Organization) -> None:
    assert "card.png" in text(client.get(acme.public_path))
    name = default_storage.save("logos/abcdef.png", ContentFile(b"a picture"))
    Organization.objects.filter(pk=acme.pk).update(logo=name)
    assert f'src="{acme.public_path}/logo.png"' in text(client.get(acme.public_path))


def test_switches_of_an_organization_show_what_they_name(client: Client, acme: Organization) -> None:
    single = factories.template(acme, title="Chart maker")
    path = factories.template(acme, title="From zero to charts", is_learning_path=True)
    set_path_steps(path=path, steps=[PathStepSpec(title="Begin", templates=[single])], by=None)
    for template in (single, path):
        publish_template(template=template, by=None)

    def shown(**switches: bool) -> tuple[bool, bool, bool]:
        Organization.objects.filter(pk=acme.pk).update(**switches)
        page = text(client.get(acme.public_path))
        return "Chart maker" in page, "From zero to charts" in page, "<h2>Participation</h2>" in page

    all_on = {"public_badge_templates": True, "public_learning_paths": True, "public_badge_types": True}
    assert shown(**all_on) == (True, True, True)
    assert shown(**{**all_on, "public_learning_paths": False}) == (True, False, True)
    assert shown(**{**all_on, "public_badge_types": False}) == (True, True, False)
    assert shown(**{**all_on, "public_badge_templates": False}) == (False, True, False)
    assert "1 step" in text(client.get(acme.public_path))
    Organization.objects.filter(pk=acme.pk).update(public_profile=False)
    assert client.get(acme.public_path).status_code == 404


def test_path_page_shows_its_steps_while_its_organization_shows_paths(
    client: Client, acme: Organization
) -> None:
    shown, draft = factories.template(acme, title="Chart maker"), factories.template(acme, title="Draft")
    path = factories.template(acme, title="From zero to charts", is_learning_path=True)
    steps = [PathStepSpec(title="Begin", templates=[shown]), PathStepSpec(title="Go on", templates=[draft])]
    set_path_steps(path=path, steps=steps, by=None)
    for template in (shown, path):
        publish_template(template=template, by=None)
    Organization.objects.filter(pk=acme.pk).update(public_learning_paths=True)
    page = text(client.get(path.public_path))
    assert f'<a href="{shown.public_path}">Chart maker</a>' in page
    assert ("Go on" in page, "Draft" in page) == (True, False)
    Organization.objects.filter(pk=acme.pk).update(public_learning_paths=False)
    assert "Go on" not in text(client.get(path.public_path))


def structured(page: str) -> Any:
    return json.loads(page.partition('<script type="application/ld+json">')[2].partition("</script>")[0])


def test_pages_say_to_search_engines_what_they_are(client: Client, acme: Organization) -> None:
    template = publish_template(template=rich_template(acme), by=None)
    badge = factories.badge(template)
    credential = {
        "@context": "https://schema.org",
        "@type": "EducationalOccupationalCredential",
        "@id": badge.public_url,
        "url": badge.public_url,
        "name": "Data literacy",
        "description": "Reads and questions data.",
        "inLanguage": "en",
        "image": f"{badge.version.public_url}/image.png",
        "credentialCategory": "badge",
        "recognizedBy": {
            "@type": "Organization",
            "name": "Acme Academy",
            "@id": acme.public_url,
            "url": acme.public_url,
            "sameAs": acme.website,
        },
        "keywords": list(badge.version.tags),
        "competencyRequired": [
            {
                "@type": "DefinedTerm",
                "name": "analyse data",
                "url": "http://data.europa.eu/esco/skill/1",
                "termCode": "S2.7.1",
                "inDefinedTermSet": "ESCO",
            }
        ],
        "dateCreated": badge.issued_at.date().isoformat(),
        "identifier": badge.uuid.urn,
    }
    found = structured(client.get(badge.public_path).content.decode())
    assert found == {name: value for name, value in credential.items() if value != []}
    for path, kind in (
        (template.public_path, "EducationalOccupationalCredential"),
        (acme.public_path, "Organization"),
    ):
        assert structured(client.get(path).content.decode())["@type"] == kind


def test_structured_data_cannot_end_its_element(client: Client, acme: Organization) -> None:
    attack = "</script><script>alert(1)</script><!-- & \u2028"
    badge = factories.badge(factories.template(acme, title=attack))
    page = client.get(badge.public_path).content.decode()
    assert "<script>alert" not in page
    assert structured(page)["name"] == attack


def test_page_of_no_organization_is_404(client: Client, db: None) -> None:
    assert client.get("/public/issuers/00000000-0000-4000-8000-000000000000").status_code == 404


def test_private_profile_is_not_linked_from_badges(client: Client, acme: Organization, badge: Badge) -> None:
    Organization.objects.filter(pk=acme.pk).update(public_profile=False)
    page = text(client.get(badge.public_path))
    assert f'href="{acme.public_path}"' not in page
    assert "<strong>Acme Academy</strong>" in page


def test_list_of_revocations_is_what_the_page_goes_by(client: Client, badge: Badge) -> None:
    revoke_badge(badge=badge, reason="Issued by mistake", by=None)
    Badge.objects.filter(pk=badge.pk).update(revoked_at=None)
    assert "The issuer's list says that it was taken back." in text(client.get(badge.public_path))
    StatusList.objects.update(body="{}")
    page = text(client.get(badge.public_path))
    assert checks(page) == ["passed", "passed", "unknown", "passed"]
    assert "The issuer's list of revoked badges could not be read." in page
