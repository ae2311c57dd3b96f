"""Every example of seeds 000 and 001, the organization and its statistics, replayed on what the demo holds."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from organizations.enums import (
    Language,
    OrganizationActivity,
    OrganizationStatus,
    OrganizationType,
    SubscriptionStatus,
)
from tests.api import Api, seed
from tests.pictures import png
from tests.seeds.comparing import assert_same

ORGANIZATION = seed("organization")
# What the shorter examples leave out, and stands in the longest one and in seed 001.
LATER = frozenset(
    f"data.{name}"
    for name in (
        *("settings", "credits_left", "badge_templates_count", "badges_count", "public_url", "imp_legacy_id"),
        *("stripe_customer_id", "subscription_id", "subscription_status", "current_period_start"),
        *("current_period_end", "max_users", "billing_info.legal_name"),
    )
)
CHANGES = {
    "name": "LearnQuest Academy",
    "address_info": ORGANIZATION["retrieved"]["data"]["address_info"],
    "billing_info": ORGANIZATION["logo_uploaded"]["data"]["billing_info"],
    "contact_info": ORGANIZATION["retrieved"]["data"]["contact_info"],
    "website": "https://www.example.com",
    "language": "en",
    "settings": {"public_profile": 1, "public_badge_templates": 1},
}


def logo() -> SimpleUploadedFile:
    """Return a picture to upload."""
    return SimpleUploadedFile("logo.png", png(), "image/png")


def test_seed_organization_retrieved(issuer: Api) -> None:
    issuer.form("POST", "/logo", {"logo": logo()})
    issuer.put("", CHANGES)

    response = issuer.get()

    assert response.status_code == 200
    assert_same(response.json(), ORGANIZATION["retrieved"], more=LATER)
    assert {key: response.json()["data"][key] for key in ("address_info", "contact_info")} == {
        key: ORGANIZATION["retrieved"]["data"][key] for key in ("address_info", "contact_info")
    }


def test_seed_organization_logo_uploaded(issuer: Api) -> None:
    issuer.put("", CHANGES)

    response = issuer.form("POST", "/logo", {"logo": logo()})

    assert response.status_code == 200
    assert_same(response.json(), ORGANIZATION["logo_uploaded"], more=frozenset({"data.imp_legacy_id"}))


def test_seed_organization_updated(issuer: Api) -> None:
    issuer.form("POST", "/logo", {"logo": logo()})

    response = issuer.put("", CHANGES)

    assert response.status_code == 200
    more = frozenset({"data.imp_legacy_id", "data.max_users"})
    assert_same(response.json(), ORGANIZATION["updated"], more=more)
    assert response.json()["data"]["billing_info"] == CHANGES["billing_info"]


def test_seed_organization_updated_by_a_form(issuer: Api) -> None:
    form = {
        f"{name}[{key}]": value
        for name in ("address_info", "billing_info", "contact_info")
        for key, value in ORGANIZATION["updated"]["data"][name].items()
    }

    response = issuer.form("PUT", "", form | {"settings[public_profile]": "0", "activity": "university"})

    assert response.status_code == 200
    body = response.json()["data"]
    assert {name: body[name] for name in ("address_info", "billing_info", "contact_info")} == {
        name: ORGANIZATION["updated"]["data"][name]
        for name in ("address_info", "billing_info", "contact_info")
    }
    assert (body["activity"], body["settings"]["public_profile"]) == ("university", 0)


def test_seed_year_statistics(issuer: Api) -> None:
    response = issuer.get("/year-statistics")

    assert response.status_code == 200
    example = ORGANIZATION["year_statistics"]
    assert_same(response.json(), example)
    assert response.json()["labels"] == example["labels"]
    assert {key: len(value) for key, value in response.json().items()} == dict.fromkeys(example, 12)
    assert issuer.get("/year-statistics?year=1999").json() == example


def test_seed_statistics(issuer: Api) -> None:
    response = issuer.get("/statistics")

    assert response.status_code == 200
    body, example = response.json(), ORGANIZATION["statistics"]
    assert list(body) == list(example)
    for key in (
        "badges_count",
        "earners_count",
        "badges_expired_count",
        "credits_left",
        "badge_assignees_ratio",
    ):
        assert type(body[key]) is int, key
    assert list(body["badges_by_type"]) == list(example["badges_by_type"])
    for key in ("badges_by_type", "learning_paths_by_type", "top_5_badge_templates_assigned"):
        assert {type(value) for value in body[key].values()} == {int}, key
    tops = list(body["top_5_badge_templates_assigned"].values())
    assert (tops, len(tops) <= 5) == (sorted(tops, reverse=True), True)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("type", ["public_local_national", "private_non_profit", "private_profit", "private_other"]),
        (
            "activity",
            [
                *("school", "university", "professional_training", "volunteering", "civil_society"),
                *("orientation", "other"),
            ],
        ),
        ("language", ["it", "en"]),
    ],
)
def test_seed_001_values_are_taken_and_no_others(issuer: Api, name: str, values: list[str]) -> None:
    for value in values:
        assert issuer.put("", {name: value}).json()["data"][name] == value

    refused = issuer.put("", {name: "something else"})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [name])
    assert issuer.get().json()["data"][name] == values[-1]


def test_seed_001_enumerations_are_whole() -> None:
    assert (
        sorted(OrganizationType.values),
        sorted(OrganizationActivity.values),
        sorted(Language.values),
        sorted(OrganizationStatus.values),
        sorted(SubscriptionStatus.values),
    ) == (
        ["private_non_profit", "private_other", "private_profit", "public_local_national"],
        [
            *("civil_society", "orientation", "other", "professional_training", "school", "university"),
            "volunteering",
        ],
        ["en", "it"],
        ["disabled", "enabled"],
        ["active", "cancelled"],
    )
