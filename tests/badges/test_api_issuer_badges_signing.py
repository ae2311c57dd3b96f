"""Badges in the issuer API while nothing can be signed: refused in a documented way, and nothing is changed."""

import pytest

from badges.models import Badge, BadgeTemplate
from config.api import openapi
from organizations.enums import KeyStatus
from organizations.models import Organization
from tests.api import Api

BADGES = "/api/v1/issuers/organization/badges"


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


def test_without_a_usable_key_nothing_is_issued_or_corrected(
    api: Api, acme: Organization, template: BadgeTemplate
) -> None:
    body = {"badge_template_id": str(template.uuid), "recipient_email": "ada@example.org"}
    badge = api.post(BADGES, body).json()["data"]["id"]
    acme.signing_keys.update(status=KeyStatus.REVOKED)

    issued = api.post(BADGES, body)
    corrected = api.patch(f"{BADGES}/{badge}", {"recipient_email": "alan@example.org"})

    assert (issued.status_code, corrected.status_code) == (503, 503)
    assert list(Badge.objects.values_list("recipient_email", flat=True)) == ["ada@example.org"]
    paths = openapi.document()["paths"]
    assert "503" in paths[BADGES]["post"]["responses"]
    assert {"503"} <= set(paths[f"{BADGES}/{{uuid}}"]["patch"]["responses"])
    assert {"503"} <= set(paths[f"{BADGES}/{{uuid}}"]["put"]["responses"])
