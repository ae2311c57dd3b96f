"""Examples for the OpenAPI document: a claim code of the issuer API, and who claimed with it."""

CLAIM = {
    "email": "ada@example.org",
    "badge_id": "8f3f1a52-3c0b-4a3e-9a7d-0f5c1f3f0a11",
    "claimed_at": "2024-06-20T14:00:03.000000Z",
}
CODE = {
    "id": "3f1a4a5b-2eb5-4c53-8557-d78500561991",
    "code": "SPRING-1bdad18448",
    "claimed": 0,
    "multiuse": 0,
    "max_uses": None,
    "uses": 0,
    "email": None,
    "expires_at": "2024-12-31 23:59:59",
    "claim_url": "https://badges.example.org/claim?code=SPRING-1bdad18448",
    "created_at": "2024-06-17T06:37:33.000000Z",
    "updated_at": "2024-06-17T06:37:33.000000Z",
}
CLAIMED = {**CODE, "claimed": 1, "uses": 1, "email": "ada@example.org", "claims": [CLAIM]}
