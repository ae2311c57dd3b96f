"""Examples for the OpenAPI document: those of seed 002, with example addresses."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

LIST: dict[str, Any] = {
    "id": "73cc02f1-3173-4e49-b4ba-a6e76bda108f",
    "name": "Students Culinary 2024",
    "description": "Facilitated in Paris",
    "status": "enabled",
    "type": "list",
    "earners": [
        {
            "id": "097311b3-64b8-474a-a54a-785e2c4fa576",
            "recipient_email": "john.smith@example.org",
            "recipient_first_name": "John",
            "recipient_last_name": "Smith",
            "metadata": {"Mark": 4},
            "created_at": "2024-09-16T15:22:00.000000Z",
            "updated_at": "2024-09-16T15:22:00.000000Z",
            "email_verified_at": None,
        }
    ],
    "created_at": "2024-09-16T15:22:00.000000Z",
    "updated_at": "2024-09-16T15:29:21.000000Z",
}
_ADDRESS = "https://badges.example.org/api/v1/issuers/organization/earners_lists"
LIST_REQUEST = OpenApiExample(
    "Earners list",
    {
        "name": "S Courses Students",
        "description": "This is a new earners list",
        "status": "enabled",
        "type": "list",
        "earners": [
            {
                "recipient_first_name": "Mary",
                "recipient_last_name": "Bary",
                "recipient_email": "mary.bary@example.org",
            }
        ],
    },
    request_only=True,
)
LIST_ANSWER = OpenApiExample("Earners list", {"data": LIST}, response_only=True)
LISTS_ANSWER = OpenApiExample(
    "Earners lists",
    {
        "data": [
            {
                ("earners_count" if key == "earners" else key): 5 if key == "earners" else value
                for key, value in LIST.items()
            }
        ],
        "links": {"first": f"{_ADDRESS}?page=1", "last": f"{_ADDRESS}?page=1", "prev": None, "next": None},
        "meta": {
            "current_page": 1,
            "from": 1,
            "last_page": 1,
            "links": [
                {"url": None, "label": "« Previous", "active": False},
                {"url": f"{_ADDRESS}?page=1", "label": "1", "active": True},
                {"url": None, "label": "Next »", "active": False},
            ],
            "path": _ADDRESS,
            "per_page": 25,
            "to": 1,
            "total": 1,
        },
    },
    response_only=True,
)
LISTED_EARNER: dict[str, Any] = LIST["earners"][0]
LIST_CHANGE = {"name": "Students Culinary 2024", "description": "Facilitated in Paris"}
EARNERS_REQUEST = {
    "earners": [
        {
            "recipient_email": "john.smith@example.org",
            "recipient_first_name": "John",
            "recipient_last_name": "Smith",
            "metadata": {"Mark": 4},
        },
        {"recipient_email": "mary.bary@example.org"},
    ]
}
EARNER_CHANGE = {"recipient_last_name": "Smith", "metadata": {"Mark": 5}}
EARNER = {name: value for name, value in LISTED_EARNER.items() if name != "metadata"}
LISTS_OF_EARNER = [{"id": LIST["id"], "name": LIST["name"], "metadata": {"Mark": 4}}]
LIST_ROW: dict[str, Any] = LISTS_ANSWER.value["data"][0]
IMPORT = {
    "dry_run": 1,
    "earners_list": LIST_ROW,
    "counts": {"added": 1, "listed": 0, "updated": 0, "unchanged": 0, "problem": 1},
    "warnings": [],
    "rows": [
        {
            "number": 2,
            "email": "john.smith@example.org",
            "result": "added",
            "message": "New earner, put on the list.",
        },
        {"number": 3, "email": None, "result": "problem", "message": "There is no e-mail address."},
    ],
}
