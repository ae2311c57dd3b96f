"""Examples for the OpenAPI document: a badge that is assigned, as programs send it and as it is answered."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_VERSION = {
    "id": "5d0c2e76-1d44-4d57-8f5e-5d3c7d1f7b22",
    "organization_id": "0f11feda-07f8-4202-9133-4a4e780e857d",
    "title": "Data literacy",
    "assignment_criteria": "<p>Finish the <strong>course</strong> and the project.</p>",
    "image_path": "https://badges.example.org/static/badges/default_badge.png",
    "image_high_path": "https://badges.example.org/static/badges/default_badge.png",
    "image_thumbnail_path": "https://badges.example.org/static/badges/default_badge.png",
    "background_image_path": None,
    "color_primary": None,
    "code": None,
    "type": "participation",
    "type_data": {
        "acquired_knowledge": None,
        "acquired_skills": None,
        "acquired_attitudes": None,
        "application_scope": None,
    },
    "background_image_high_path": None,
    "background_image_thumbnail_path": None,
    "description": "<p>Reads and questions data.</p>",
    "other_org": None,
    "other_org_info": None,
    "language": "en",
    "application_scope": None,
    "version_code": "1",
    "created_at": "2024-06-17T06:37:33.000000Z",
    "updated_at": "2024-06-17T06:37:33.000000Z",
    "badge_template_id": "b3a1c0de-6f2b-4a8e-9c3d-2e7f5a9b4c33",
    "sealed_at": "2024-06-20T14:00:03.000000Z",
    "achievement_type": "Badge",
    "criteria_url": None,
    "criteria": [],
    "tags": ["data"],
    "alignments": [],
    "result_descriptions": [],
    "public_url": "https://badges.example.org/public/versions/5d0c2e76-1d44-4d57-8f5e-5d3c7d1f7b22",
}
# What a template says beside its title, and what of it the original does not have.
_CONTENT = (
    "assignment_criteria",
    "image_path",
    "image_high_path",
    "image_thumbnail_path",
    "background_image_path",
    "color_primary",
    "code",
    "type",
    "type_data",
    "background_image_high_path",
    "background_image_thumbnail_path",
    "description",
    "other_org",
    "other_org_info",
    "language",
)
_FURTHER = ("achievement_type", "criteria_url", "criteria", "tags", "alignments", "result_descriptions")
_BADGE = {
    "id": "8f3f1a52-3c0b-4a3e-9a7d-0f5c1f3f0a11",
    "imported": 0,
    "status": "valid",
    "image_path": "https://badges.example.org/static/badges/default_badge.png",
    "image_high_path": "https://badges.example.org/static/badges/default_badge.png",
    "image_thumbnail_path": "https://badges.example.org/static/badges/default_badge.png",
    "badge_template_version_id": "5d0c2e76-1d44-4d57-8f5e-5d3c7d1f7b22",
    "badge_template_version": _VERSION,
    "organization_id": "0f11feda-07f8-4202-9133-4a4e780e857d",
    "activity_title": "Spring course",
    "activity_started_at": "2024-01-10 00:00:00",
    "activity_ended_at": "2024-06-01 00:00:00",
    "recipient_email": "mark.br@example.org",
    "recipient_first_name": "Mark",
    "recipient_last_name": "Brown",
    "notes": "Came early",
    "additional_details": None,
    "url": "https://badges.example.org/public/badges/8f3f1a52-3c0b-4a3e-9a7d-0f5c1f3f0a11",
    "emitted_at": "2024-06-20 16:00:00",
    "expires_at": "2026-07-06 20:00:00",
    "created_at": "2024-06-20T14:00:03.000000Z",
    "updated_at": "2024-06-20T14:00:03.000000Z",
    "revoked_at": None,
    "revocation_reason": None,
    "badge_template_id": "b3a1c0de-6f2b-4a8e-9c3d-2e7f5a9b4c33",
    "email_id": "c0b0d809-0a6f-462a-877d-d378feef92bd",
    "narrative": None,
    "evidence": [],
    "results": [],
    "public": 0,
}

ASSIGNMENT = OpenApiExample(
    "Assign a badge",
    {
        "badge_template_id": _VERSION["badge_template_id"],
        "recipient_email": "mark.br@example.org",
        "recipient_first_name": "Mark",
        "recipient_last_name": "Brown",
        "emitted_at": "2024-06-20 16:00:00",
        "expires_at": "2026-07-06 20:00:00",
        "activity_title": "Spring course",
        "activity_started_at": "2024-01-10",
        "activity_ended_at": "2024-06-01",
        "notes": "Came early",
    },
    request_only=True,
)
BADGE = OpenApiExample("A badge", {"data": _BADGE}, response_only=True, status_codes=["200", "201"])
REVOCATION = OpenApiExample("Revoke a badge", {"reason": "Issued by mistake."}, request_only=True)
REVOKED = OpenApiExample(
    "A revoked badge",
    {
        "data": _BADGE
        | {
            "status": "revoked",
            "revoked_at": "2024-07-01 09:12:40",
            "revocation_reason": "Issued by mistake.",
            "updated_at": "2024-07-01T07:12:40.000000Z",
        }
    },
    response_only=True,
    status_codes=["200"],
)
CHANGE = OpenApiExample("Show a badge to everybody", {"public": 1}, request_only=True)
_URL = "https://badges.example.org/api/v1/issuers/organization/badges"
BADGES = OpenApiExample(
    "A page of badges",
    {
        "data": [_BADGE],
        "links": {"first": f"{_URL}?page=1", "last": f"{_URL}?page=1", "prev": None, "next": None},
        "meta": {
            "current_page": 1,
            "from": 1,
            "last_page": 1,
            "links": [
                {"url": None, "label": "« Previous", "active": False},
                {"url": f"{_URL}?page=1", "label": "1", "active": True},
                {"url": None, "label": "Next »", "active": False},
            ],
            "path": _URL,
            "per_page": 25,
            "to": 1,
            "total": 1,
        },
    },
    response_only=True,
)

VERSION = _VERSION
ISSUED = _BADGE
TEMPLATE: dict[str, Any] = {
    "id": "b3a1c0de-6f2b-4a8e-9c3d-2e7f5a9b4c33",
    "organization_id": "0f11feda-07f8-4202-9133-4a4e780e857d",
    "title": "Data literacy",
    "application_scope": None,
    **{key: _VERSION[key] for key in _CONTENT},
    "is_learning_path": 0,
    "version_code": "1",
    "status": "active",
    "is_published": 1,
    "badges_count": 167,
    "created_at": "2024-06-17T06:37:33.000000Z",
    "updated_at": "2024-06-17T06:37:33.000000Z",
    "badge_template_version_id": "5d0c2e76-1d44-4d57-8f5e-5d3c7d1f7b22",
    "limit": None,
    "unique": 1,
    "validity_days": 730,
    **{key: _VERSION[key] for key in _FURTHER},
    "public_url": "https://badges.example.org/public/templates/b3a1c0de-6f2b-4a8e-9c3d-2e7f5a9b4c33",
    "archived_at": None,
}
TEMPLATE_CHANGE = {
    "description": "<p>Reads, questions and shows data.</p>",
    "type_data": {"acquired_skills": "Showing data"},
    "tags": ["data", "charts"],
}
COPY = {"title": "Data literacy, spring"}

BATCH = {
    "id": "c77c3bac-a4ae-4a05-8d1a-03e53f63d2ad",
    "badge_template_id": "b3a1c0de-6f2b-4a8e-9c3d-2e7f5a9b4c33",
    "earners_list_id": None,
    "state": "running",
    "pause_reason": None,
    "progress": 42,
    "counts": {"total": 600, "issued": 250, "failed": 2, "stopped": 0, "pending": 348},
    "credits": 600,
    "created_by": "API key Learning platform (880173edbd04)",
    "starts_at": None,
    "created_at": "2024-06-20T14:00:03.000000Z",
    "finished_at": None,
}
BATCH_ROW = {
    "number": 4,
    "recipient_email": "ada@example.org",
    "recipient_first_name": "Ada",
    "recipient_last_name": "Lovelace",
    "state": "failed",
    "reason_code": "badge_already_held",
    "reason": "This earner has this badge already, and the template gives it only once.",
    "badge_id": None,
}

_STEPS = [
    {
        "title": "Work with data",
        "needed": 1,
        "badge_template_ids": ["b3a1c0de-6f2b-4a8e-9c3d-2e7f5a9b4c33"],
    },
    {
        "title": "Put it to use",
        "needed": 1,
        "badge_template_ids": [
            "65b3f472-2dc9-40b1-9546-5b5d35d50a55",
            "065b6b0d-bc9e-4951-a24d-d12c520fedc6",
        ],
    },
]
STEPS = {"in_order": 1, "steps": _STEPS}
PATH = {
    "id": "2432a6e6-444d-45ff-b298-56a3db5a0a70",
    "title": "Active digital citizen",
    "code": "CITIZEN",
    "type": "participation",
    "status": "active",
    "is_published": 1,
    "is_learning_path": 1,
    "badges_count": 13,
    "in_order": 1,
    "steps": [{"position": number, **step} for number, step in enumerate(_STEPS, 1)],
    "created_at": "2024-06-17T06:37:33.000000Z",
    "updated_at": "2024-06-17T06:37:33.000000Z",
}
PROGRESS = {
    "earner_id": "c0b0d809-0a6f-462a-877d-d378feef92bd",
    "recipient_email": "ada@example.org",
    "recipient_first_name": "Ada",
    "recipient_last_name": "Lovelace",
    "steps_done": 2,
    "steps_total": 2,
    "completed_at": "2024-06-20T14:00:03.000000Z",
    "badge_id": "8f3f1a52-3c0b-4a3e-9a7d-0f5c1f3f0a11",
    "problem": None,
    "pending": 0,
    "updated_at": "2024-06-20T14:00:03.000000Z",
}

OUTCOME_REQUEST = {
    "code": "course-7",
    "name": "Course 7 completed",
    "badge_template_id": "b3a1c0de-6f2b-4a8e-9c3d-2e7f5a9b4c33",
    "is_active": 1,
}
OUTCOME = {
    "id": "7b5a8f0e-51c4-4e0c-9d25-5f1f0c6f7a10",
    "code": "course-7",
    "name": "Course 7 completed",
    "badge_template_id": "b3a1c0de-6f2b-4a8e-9c3d-2e7f5a9b4c33",
    "call_url": None,
    "is_active": 1,
    "records_count": 31,
    "created_at": "2024-06-17T06:37:33.000000Z",
    "updated_at": "2024-06-17T06:37:33.000000Z",
}
SECRETS = {"signing_secret": "lrl_sign_…", "callback_token": "lrl_call_…"}
RECORD: dict[str, Any] = {
    "id": "1f0c6f7a-4e0c-4d25-8f0e-7b5a51c45f10",
    "outcome_id": "7b5a8f0e-51c4-4e0c-9d25-5f1f0c6f7a10",
    "outcome_code": "course-7",
    "recipient_email": "ada@example.org",
    "state": "issued",
    "badge_id": "8f3f1a52-3c0b-4a3e-9a7d-0f5c1f3f0a11",
    "badge_url": "https://badges.example.org/public/badges/8f3f1a52-3c0b-4a3e-9a7d-0f5c1f3f0a11",
    "ref_id": None,
    "ref_expires_at": None,
    "reported_at": None,
    "problem": None,
    "created_at": "2024-06-20T14:00:03.000000Z",
    "updated_at": "2024-06-20T14:00:03.000000Z",
}
HISTORY = [{"at": "2024-06-20T14:00:03.000000Z", "event": "recorded", "detail": None, "by": None}]
