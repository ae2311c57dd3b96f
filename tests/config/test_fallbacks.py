"""What is answered where no view answers."""

import json

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse
from django.test import Client, RequestFactory

from config import fallbacks


def test_unknown_route_of_the_issuer_api_is_laravels_404(client: Client, db: None) -> None:
    response = client.get("/api/v1/nothing")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
    assert response.json() == {"message": "The route api/v1/nothing could not be found."}


def test_unknown_page_is_a_page(client: Client, db: None) -> None:
    response = client.get("/nothing")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/issuers/organization", {"message": "Server Error"}),
        ("/systems/main", {"code": "InternalError", "message": "Internal Server Error"}),
    ],
)
def test_server_error_tells_programs_nothing_of_the_inside(
    rf: RequestFactory, path: str, expected: dict[str, str]
) -> None:
    response = fallbacks.server_error(rf.get(path))

    assert (response.status_code, json.loads(response.content)) == (500, expected)


def test_what_django_refuses_is_told_in_the_dialect(rf: RequestFactory) -> None:
    request = rf.get("/api/v1/issuers/organization")

    def told(response: HttpResponse) -> tuple[int, dict[str, str]]:
        return response.status_code, json.loads(response.content)

    assert told(fallbacks.bad_request(request, SuspiciousOperation())) == (400, {"message": "Bad Request"})
    assert told(fallbacks.permission_denied(request, PermissionDenied())) == (403, {"message": "Forbidden"})
