"""What operations are called in the OpenAPI document."""

import pytest

from config.api.operation_names import operation_id

ISSUER = "/api/v1/issuers/organization"
BADGES = "/systems/{system_slug}/issuers/{issuer_slug}/programs/{program_slug}/badges"


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", ISSUER, "getOrganization"),
        ("PUT", ISSUER, "updateOrganization"),
        ("GET", f"{ISSUER}/badges", "listBadges"),
        ("POST", f"{ISSUER}/badges", "assignBadge"),
        ("GET", f"{ISSUER}/badges/{{uuid}}", "getBadge"),
        ("PATCH", f"{ISSUER}/badges/{{uuid}}", "patchBadge"),
        ("POST", f"{ISSUER}/badges/{{uuid}}/revoke", "revokeBadge"),
        ("POST", "/api/v1/issuers/badges/{uuid}/revoke", "revokeBadgeShortPath"),
        ("GET", f"{ISSUER}/badges/export.csv", "exportBadgesCsv"),
        ("POST", f"{ISSUER}/batches/{{batch_id}}/pause", "pauseBatch"),
        ("DELETE", f"{ISSUER}/badge_templates/{{template_id}}/image", "deleteBadgeTemplateImage"),
        ("GET", f"{ISSUER}/badge_templates/{{template_id}}/claim_codes", "listBadgeTemplateClaimCodes"),
        ("GET", f"{ISSUER}/year-statistics", "getYearStatistics"),
        ("GET", "/api/v1/auth/user", "getUser"),
        ("GET", "/systems", "listSystems"),
        ("POST", "/systems/{system_slug}/issuers", "createIssuer"),
        ("GET", "/systems/{system_slug}/issuers/{issuer_slug}", "getIssuer"),
        ("DELETE", "/systems/{system_slug}/issuers/{issuer_slug}/programs/{program_slug}", "deleteProgram"),
        ("GET", "/systems/{system_slug}/badges", "listBadgesInSystem"),
        ("GET", "/systems/{system_slug}/issuers/{issuer_slug}/badges/{badge_slug}", "getBadgeInIssuer"),
        ("POST", f"{BADGES}/{{badge_slug}}/codes/random", "createRandomBadgeCodeInProgram"),
        ("POST", f"{BADGES}/{{badge_slug}}/codes/{{code}}/claim", "claimBadgeCodeInProgram"),
        ("DELETE", f"{BADGES}/{{badge_slug}}/instances/{{email}}", "revokeBadgeInstanceInProgram"),
    ],
)
def test_operation_is_named_after_its_path(method: str, path: str, name: str) -> None:
    assert operation_id(method, path) == name
