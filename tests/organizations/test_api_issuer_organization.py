"""The organization in the issuer API, as seeds 000 and 001 show it."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from organizations.enums import OrganizationStatus
from organizations.models import Organization
from organizations.services.organizations import update_organization
from tests.api import Api
from tests.pictures import png


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


def test_get_answers_every_field_in_the_order_of_the_seed(api: Api, acme: Organization) -> None:
    response = api.get()

    assert response.status_code == 200
    assert list(json.loads(response.content)["data"]) == [
        "id", "type", "activity", "name", "description", "address_info", "billing_info", "language", "website",
        "status", "contact_info", "settings", "logo_path", "logo_high_path", "logo_thumbnail_path", "credits_left",
        "badge_templates_count", "badges_count", "created_at", "updated_at", "public_url", "imp_legacy_id",
        "stripe_customer_id", "subscription_id", "subscription_status", "current_period_start",
        "current_period_end", "max_users",
    ]  # fmt: skip


def test_put_changes_what_is_sent_and_nothing_else(api: Api, acme: Organization) -> None:
    before = api.get().json()["data"]

    response = api.put(
        "", {"name": "Acme School", "address_info": {"city": "Rome"}, "settings": {"public_profile": 0}}
    )

    assert response.status_code == 200
    after = response.json()["data"]
    expected = before | {"name": "Acme School", "public_url": None, "updated_at": after["updated_at"]}
    expected["address_info"] = before["address_info"] | {"city": "Rome"}
    expected["settings"] = before["settings"] | {"public_profile": 0}
    assert after == expected
    assert api.get().json()["data"] == after


@pytest.mark.parametrize("kind", ["form", "multipart", "override", "header"])
def test_put_means_the_same_in_every_encoding(api: Api, acme: Organization, kind: str) -> None:
    fields = {"name": "Acme School", "address_info[city]": "Rome", "settings[public_profile]": "0"}
    form = b"name=Acme+School&address_info[city]=Rome&settings%5Bpublic_profile%5D=0"
    urlencoded = "application/x-www-form-urlencoded"

    match kind:
        case "form":
            response = api.raw("PUT", "", form, urlencoded)
        case "multipart":
            response = api.form("PUT", "", fields)
        case "override":
            response = api.form("POST", "", fields | {"_method": "PUT"})
        case _:
            response = api.raw("POST", "", form, urlencoded, X_HTTP_Method_Override="PUT")

    assert response.status_code == 200
    data = response.json()["data"]
    assert (data["name"], data["address_info"]["city"], data["settings"]["public_profile"]) == (
        "Acme School",
        "Rome",
        0,
    )


def test_put_ignores_what_only_staff_set(api: Api, acme: Organization) -> None:
    before = api.get().json()["data"]

    response = api.put(
        "", {"id": "x", "status": "disabled", "credits_left": 9, "max_users": 99, "badges_count": 7}
    )

    assert response.status_code == 200
    assert response.json()["data"] | {"updated_at": before["updated_at"]} == before


def test_put_tells_every_error_at_once(api: Api, acme: Organization) -> None:
    response = api.put(
        "",
        {
            "type": "school",
            "name": "",
            "description": 5,
            "address_info": {"city": "x" * 256},
            "billing_info": {"email": "nobody"},
            "website": "nowhere",
            "settings": {"public_profile": "yes"},
        },
    )

    assert response.status_code == 422
    assert response.json() == {
        "message": "The selected type is invalid. (and 6 more errors)",
        "errors": {
            "type": ["The selected type is invalid."],
            "name": ["The name field is required."],
            "description": ["The description field must be a string."],
            "address_info.city": ["The address info.city field must not be greater than 255 characters."],
            "billing_info.email": ["The billing info.email field must be a valid email address."],
            "website": ["The website field must be a valid URL."],
            "settings.public_profile": ["The settings.public profile field must be true or false."],
        },
    }
    acme.refresh_from_db()
    assert acme.name == "Acme Academy"


def test_logo_is_answered_in_three_sizes(api: Api, acme: Organization) -> None:
    response = api.form("POST", "/logo", {"logo": SimpleUploadedFile("logo.png", png(), "image/png")})

    assert response.status_code == 200
    data = response.json()["data"]
    stem = data["logo_path"].removesuffix(".png")
    assert stem.startswith(f"http://127.0.0.1:8000/media/organizations/{acme.uuid}/organization-logos/")
    assert (data["logo_high_path"], data["logo_thumbnail_path"]) == (
        f"{stem}_high.png",
        f"{stem}_thumbnail.png",
    )


@pytest.mark.parametrize("body", [{}, {"logo": "text"}, {"logo": SimpleUploadedFile("x.png", b"no picture")}])
def test_logo_that_is_no_picture_is_refused(api: Api, acme: Organization, body: dict[str, Any]) -> None:
    response = api.form("POST", "/logo", body)

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["logo"]
    acme.refresh_from_db()
    assert not acme.logo


def test_disabled_organization_is_read_and_not_written(api: Api, acme: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)

    assert api.get().json()["data"]["status"] == "disabled"
    response = api.put("", {"name": "Other"})

    assert response.status_code == 403
    assert response.json()["message"].startswith("This organization is disabled.")
    acme.refresh_from_db()
    assert acme.name == "Acme Academy"


def test_get_is_one_query_beside_the_key(
    api: Api, acme: Organization, django_assert_num_queries: Any
) -> None:
    api.get()
    with django_assert_num_queries(1):
        api.get()


def test_period_is_spaced(api: Api, acme: Organization) -> None:
    update_organization(organization=acme, fields={"time_zone": "Europe/Rome"}, by=None)
    Organization.objects.filter(pk=acme.pk).update(current_period_start="2024-09-24 07:53:39Z")

    assert api.get().json()["data"]["current_period_start"] == "2024-09-24 07:53:39"
