"""The list of badges in the issuer API: its pages, its filters, and how many queries it takes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from badges.api.issuer_badge_bodies import FEW, BadgeShape
from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate
from badges.services.revoking import revoke_badge
from badges.services.templates import update_template
from organizations.enums import ApiScope
from organizations.models import Organization
from organizations.services.organizations import update_organization
from tests import factories
from tests.api import Api, assert_has_shape, golden


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


@pytest.fixture
def badges(template: BadgeTemplate, globex: Organization) -> list[Badge]:
    """Three badges of acme's, oldest first; globex has one, to the first one's earner."""
    found = [factories.badge(template, f"earner{number}@example.org") for number in range(3)]
    factories.badge(factories.template(globex), "earner0@example.org")
    return found


def found(api: Api, **query: Any) -> list[str]:
    """Return the addresses that a query finds, in its order."""
    response = api.get("/badges", query)
    assert response.status_code == 200, response.content
    body = response.json()
    assert body["meta"]["total"] == len(body["data"])
    return [badge["recipient_email"].partition("@")[0] for badge in body["data"]]


def test_list_answers_its_own_badges_newest_first(api: Api, badges: list[Badge]) -> None:
    body = api.get("/badges").json()

    assert [badge["id"] for badge in body["data"]] == [str(badge.uuid) for badge in reversed(badges)]
    assert body["data"][0] == api.get(f"/badges/{badges[2].uuid}").json()["data"]
    for badge in body["data"]:
        assert_has_shape(badge, BadgeShape)
    golden("badges", body)


def test_list_of_nothing_is_an_empty_page(api: Api, acme: Organization) -> None:
    body = api.get("/badges").json()

    assert body["data"] == []
    assert (body["meta"]["from"], body["meta"]["to"], body["meta"]["total"], body["meta"]["last_page"]) == (
        None,
        None,
        0,
        1,
    )


@pytest.mark.parametrize("query", [{}, {"imported": "0"}])
def test_pages_have_every_badge_once(api: Api, template: BadgeTemplate, query: dict[str, str]) -> None:
    badges = [factories.badge(template, f"earner{number}@example.org") for number in range(5)]

    pages = [api.get("/badges", query | {"per_page": "2", "page": str(page)}).json() for page in (1, 2, 3, 4)]

    assert [[badge["id"] for badge in page["data"]] for page in pages] == [
        [str(badges[4].uuid), str(badges[3].uuid)],
        [str(badges[2].uuid), str(badges[1].uuid)],
        [str(badges[0].uuid)],
        [],
    ]
    assert [(page["meta"]["from"], page["meta"]["to"]) for page in pages] == [
        (1, 2),
        (3, 4),
        (5, 5),
        (None, None),
    ]
    assert {(page["meta"]["total"], page["meta"]["last_page"]) for page in pages} == {(5, 3)}


def test_many_found_badges_are_counted_and_paged(
    api: Api, template: BadgeTemplate, badges: list[Badge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("badges.api.issuer_badge_bodies.FEW", 2)
    assert FEW > 2

    pages = [
        api.get("/badges", {"imported": "0", "per_page": "2", "page": str(page)}).json() for page in (1, 2)
    ]

    assert [[badge["id"] for badge in page["data"]] for page in pages] == [
        [str(badges[2].uuid), str(badges[1].uuid)],
        [str(badges[0].uuid)],
    ]
    assert {page["meta"]["total"] for page in pages} == {3}


def test_links_keep_the_filters(api: Api, badges: list[Badge]) -> None:
    body = api.get("/badges", {"status": "valid", "search": "é &", "per_page": "1"}).json()

    assert body["links"]["first"] == (
        "http://127.0.0.1:8000/api/v1/issuers/organization/badges?status=valid&search=%C3%A9%20%26&per_page=1&page=1"
    )


@pytest.mark.parametrize("query", [{}, {"status": "valid"}])
def test_list_takes_the_same_queries_for_any_number(
    api: Api, acme: Organization, query: dict[str, str], django_assert_num_queries: Any
) -> None:
    factories.badge(factories.template(acme))
    api.get("/badges", query)
    # The key, (what was found,) the badges, and versions: read once a process, but this is not committed.
    queries = 4 if query else 3
    with django_assert_num_queries(queries):
        assert len(api.get("/badges", query).json()["data"]) == 1
    for _number in range(2):
        factories.badge(factories.template(acme))

    with django_assert_num_queries(queries):
        assert len(api.get("/badges", query).json()["data"]) == 3


def test_public_filter(api: Api, template: BadgeTemplate) -> None:
    for visibility in Visibility:
        factories.badge(template, f"{visibility}@example.org", visibility=visibility)

    assert found(api, public="1") == found(api, public="true") == ["public"]
    assert found(api, public="0") == ["hidden", "unlisted"]


def test_recipient_email_filter_is_whole_and_knows_no_case(api: Api, badges: list[Badge]) -> None:
    assert found(api, recipient_email=" EARNER1@Example.org ") == ["earner1"]
    assert found(api, recipient_email="earner") == []


@pytest.mark.parametrize("name", ["email_id", "earner_id", "EMAIL_ID"])
def test_email_id_filter_is_of_the_earner(api: Api, badges: list[Badge], name: str) -> None:
    assert found(api, **{name: str(badges[0].earner.uuid)}) == ["earner0"]


def test_ids_of_others_find_nothing(api: Api, badges: list[Badge], globex: Organization) -> None:
    theirs = Badge.objects.get(organization=globex)

    for name, uuid in (
        ("email_id", theirs.earner.uuid),
        ("badge_template_id", theirs.template.uuid),
        ("badge_template_version_id", theirs.version.uuid),
        ("search", theirs.uuid),
        ("batch_id", uuid4()),
    ):
        assert found(api, **{name: str(uuid)}) == []
    assert (
        len(found(Api(factories.api_key(globex, *ApiScope)[1]), recipient_email="earner0@example.org")) == 1
    )


def test_template_and_version_filters(api: Api, acme: Organization, template: BadgeTemplate) -> None:
    old = factories.badge(template, "old@example.org")
    update_template(template=template, fields={"title": "Data literacy 2"}, by=None)
    new = factories.badge(template, "new@example.org")
    factories.badge(factories.template(acme), "other@example.org")

    assert found(api, badge_template_id=str(template.uuid)) == ["new", "old"]
    assert found(api, badge_template_version_id=str(old.version.uuid)) == ["old"]
    assert found(api, badge_template_version_id=f"{old.version.uuid},{new.version.uuid}") == ["new", "old"]
    assert found(api, **{"badge_template_version_id[]": [str(old.version.uuid), str(new.version.uuid)]}) == [
        "new",
        "old",
    ]


def test_status_filter(api: Api, template: BadgeTemplate, badges: list[Badge]) -> None:
    now = timezone.now()
    Badge.objects.filter(pk=badges[0].pk).update(
        issued_at=now - timedelta(days=2), expires_at=now - timedelta(days=1)
    )
    revoke_badge(badge=badges[1], reason="x", by=None)

    assert found(api, status="valid") == ["earner2"]
    assert found(api, status="invalid") == ["earner0"]
    assert found(api, status="revoked") == ["earner1"]
    assert found(api, status="valid,revoked") == ["earner2", "earner1"]


@pytest.mark.parametrize("name", ["imported", "import"])
def test_imported_filter(api: Api, badges: list[Badge], name: str) -> None:
    Badge.objects.filter(pk=badges[0].pk).update(is_imported=True)

    assert found(api, **{name: "1"}) == ["earner0"]
    assert found(api, **{name: "0"}) == ["earner2", "earner1"]


@pytest.mark.parametrize(
    ("after", "before", "column"),
    [
        ("created_at_after", "created_at_before", "created_at"),
        ("Created_at_after", "Created_at_before", "created_at"),
        ("emitted_at_after", "emitted_at_before", "issued_at"),
        ("expires_at_after", "expires_at_before", "expires_at"),
        ("expired_at_after", "expired_at_before", "expires_at"),
    ],
)
def test_days_belong_to_the_range_in_the_organization_s_time_zone(
    api: Api, acme: Organization, badges: list[Badge], after: str, before: str, column: str
) -> None:
    update_organization(organization=acme, fields={"time_zone": "America/New_York"}, by=None)
    # The first and the last instant of 5 March there, and the instants beside them.
    for badge, moment in zip(
        badges,
        [
            datetime(2024, 3, 5, 4, 59, 59, 999_999, UTC),
            datetime(2024, 3, 5, 5, tzinfo=UTC),
            datetime(2024, 3, 6, 4, 59, 59, 999_999, UTC),
        ],
        strict=True,
    ):
        values = {"issued_at": datetime(2024, 1, 1, tzinfo=UTC)} | {column: moment}
        Badge.objects.filter(pk=badge.pk).update(**values)

    assert found(api, **{after: "2024-03-05"}) == ["earner2", "earner1"]
    assert found(api, **{before: "2024-03-04"}) == ["earner0"]
    assert found(api, **{before: "2024-03-05"}) == ["earner2", "earner1", "earner0"]
    assert found(api, **{after: "2024-03-05", before: "2024-03-05"}) == ["earner2", "earner1"]
    assert found(api, **{after: "2024-03-05 23:59:59"}) == ["earner2"]
    assert found(api, **{before: "2024-03-04 23:59:59"}) == ["earner0"]


def test_search_finds_names_addresses_and_ids(api: Api, template: BadgeTemplate) -> None:
    ada = factories.badge(template)
    Badge.objects.filter(pk=factories.badge(template, "zoe@example.com").pk).update(
        recipient_first_name="Zoë Éloïse", recipient_last_name="O'Hara_%"
    )

    assert found(api, search="love") == found(api, search="ADA") == ["ada"]
    assert found(api, search="lovelace ada") == ["ada"]
    assert found(api, search="ada o'hara") == []
    assert found(api, search="zoë ÉLOÏSE") == ["zoe"]
    assert found(api, search="_%") == ["zoe"]
    assert found(api, search="@example.com") == ["zoe"]
    assert found(api, search=str(ada.uuid)) == found(api, search=str(ada.uuid).upper()) == ["ada"]
    assert found(api, search=str(ada.uuid)[:13]) == ["ada"]
    assert found(api, search=str(ada.uuid)[9:23]) == []
    assert found(api, search="(.*") == []
    assert found(api, search="-") == []


def test_filters_hold_together(api: Api, badges: list[Badge]) -> None:
    assert found(api, search="earner", recipient_email="earner2@example.org", status="valid") == ["earner2"]
    assert found(api, search="earner1", recipient_email="earner2@example.org") == []


def test_empty_and_unknown_filters_are_none(api: Api, badges: list[Badge]) -> None:
    assert found(api, search=" ", status="", colour="red") == ["earner2", "earner1", "earner0"]


def test_bad_values_are_told_by_the_name_that_was_sent(api: Api, badges: list[Badge]) -> None:
    response = api.get(
        "/badges",
        {
            "public": "2",
            "recipient_email": "x" * 256,
            "email_id[]": "7",
            "status": "expired",
            "Created_at_after": "soon",
            "expired_at_after": "2024-02-30",
            "emitted_at_before": "0001-01-01",
            "search": "a\x00",
            "created_at_before[]": "2024-01-01",
            "badge_template_id": ",".join(str(uuid4()) for _number in range(101)),
        },
    )

    assert response.status_code == 422
    assert response.json()["errors"] == {
        "public": ["The public field must be true or false."],
        "recipient_email": ["The recipient email field must not be greater than 255 characters."],
        "email_id": ["The email id field must be a valid UUID."],
        "status": ["The selected status is invalid."],
        "Created_at_after": ["The Created at after field must be a valid date."],
        "expired_at_after": ["The expired at after field must be a valid date."],
        "emitted_at_before": ["The emitted at before field must be a valid date."],
        "search": ["The search field format is invalid."],
        "created_at_before": ["The created at before field must be a string."],
        "badge_template_id": ["The badge template id field must not have more than 100 items."],
    }
