"""Examples for the OpenAPI document: the longest ones of seed 000, their texts shortened."""

FOLDER = (
    "https://badges.example.org/media/organizations/0f11feda-07f8-4202-9133-4a4e780e857d/organization-logos"
)

ORGANIZATION = {
    "id": "0f11feda-07f8-4202-9133-4a4e780e857d",
    "type": "public_local_national",
    "activity": "school",
    "name": "LearnQuest Academy",
    "description": "<p><strong>LearnQuest Academy</strong></p>",
    "address_info": {
        "city": "Example City",
        "state": "Example State",
        "region": "Example Region",
        "street": "123 Example Street",
        "country": "Example Country",
        "postcode": "12345",
    },
    "billing_info": {
        "vat": "VAT123456",
        "email": "billing@open-badge.eu",
        "code_dest": "CODE123",
        "fiscal_code": "FISCAL123",
        "certified_email": "certified@open-badge.eu",
        "legal_name": "LearnQuest Academy s.r.l.",
    },
    "language": "it",
    "website": "https://www.example.com",
    "status": "enabled",
    "contact_info": {
        "name": "John",
        "email": "contact@open-badge.eu",
        "mobile": "+001234567890",
        "last_name": "Doe",
        "tech_email": "tech@open-badge.eu",
        "legal_email": "legal@open-badge.eu",
    },
    "settings": {
        "public_profile": 1,
        "public_badge_types": 1,
        "public_learning_paths": 0,
        "public_badge_templates": 1,
    },
    "logo_path": f"{FOLDER}/9hpYVtMrcEa2sSXAy20KQxGESXQBdAp5pKlRdjx6.png",
    "logo_high_path": f"{FOLDER}/9hpYVtMrcEa2sSXAy20KQxGESXQBdAp5pKlRdjx6_high.png",
    "logo_thumbnail_path": f"{FOLDER}/9hpYVtMrcEa2sSXAy20KQxGESXQBdAp5pKlRdjx6_thumbnail.png",
    "credits_left": 39806,
    "badge_templates_count": 28,
    "badges_count": 755,
    "created_at": "2024-07-03T15:02:45.000000Z",
    "updated_at": "2024-09-27T15:26:27.000000Z",
    "public_url": "https://badges.example.org/public/issuers/0f11feda-07f8-4202-9133-4a4e780e857d",
    "imp_legacy_id": None,
    "stripe_customer_id": "cus_QpT1CW2JIJb9fL",
    "subscription_id": None,
    "subscription_status": "active",
    "current_period_start": "2024-09-24 07:53:39",
    "current_period_end": "2024-10-24 07:53:39",
    "max_users": 1,
}

CREDIT_REQUEST = {"credits": 50, "description": "For the spring courses", "amount": "100.00"}
CREDIT_TRANSACTION = {
    "id": "a3119251-291c-4917-9ad6-43bc6a8143d1",
    "organization_id": "0f11feda-07f8-4202-9133-4a4e780e857d",
    "user_id": 11,
    "description": "For the spring courses",
    "credits": 50,
    "currency": "EUR",
    "amount": "100.00",
    "status": "request",
    "created_at": "2024-06-17T06:37:33.000000Z",
    "updated_at": "2024-06-17T06:37:33.000000Z",
}
API_KEY_REQUEST = {
    "name": "Learning platform",
    "scopes": ["read", "issue"],
    "expires_at": "2026-01-01 00:00:00",
}
API_KEY = {
    "id": "6e9165cc-ca81-4d12-a04f-a17bfe10763d",
    "name": "Learning platform",
    "prefix": "880173edbd04",
    "scopes": ["read", "issue"],
    "expires_at": "2025-12-31T23:00:00.000000Z",
    "last_used_at": None,
    "revoked_at": None,
    "created_at": "2024-06-17T06:37:33.000000Z",
}
MEMBER_REQUEST = {"email": "mary.bary@example.org", "role": "issuer", "first_name": "Mary"}
MEMBER = {
    "id": "dacc7e57-0ca8-4d12-8192-37357b73bfe8",
    "email": "mary.bary@example.org",
    "first_name": "Mary",
    "last_name": None,
    "role": "issuer",
    "created_at": "2024-06-17T06:37:33.000000Z",
}
USER = {
    "uuid": "6e9165cc-ca81-4d12-a04f-a17bfe10763d",
    "username": "Learning platform",
    "email": "contact@open-badge.eu",
    "email_verified_at": None,
    "created_at": "2024-06-17T06:37:33.000000Z",
    "updated_at": "2024-06-17T06:37:33.000000Z",
    "role": {
        "slug": "issuer",
        "name": "Issuer",
        "description": "A program that acts for the organization.",
        "scopes": '["issuer","read","issue"]',
    },
    "profile": {
        "name": "Learning platform",
        "last_name": None,
        "profile_picture_path": None,
        "profile_picture_high_path": None,
        "profile_picture_thumbnail_path": None,
        "settings": {"public_profile": "0", "public_badges": "0"},
        "language": "it",
        "created_at": "2024-06-17T06:37:33.000000Z",
        "updated_at": "2024-06-17T06:37:33.000000Z",
        "t_c_accepted_at": None,
    },
    "organization": ORGANIZATION,
}
