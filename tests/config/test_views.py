"""What the server says of itself."""

import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from badges.models import Badge
from organizations.models import User

UUID = "0a2b4c6d-1111-4222-8333-944455556666"


@pytest.mark.parametrize(
    "address",
    [
        UUID,
        UUID.upper(),
        f"  http://127.0.0.1:8000/public/badges/{UUID}\n",
        f"http://127.0.0.1:8000/public/badges/{UUID}/",
        f"http://127.0.0.1:8000/public/badges/{UUID}/ob2.json?download=1",
        f"http://127.0.0.1:8000/public/badges/{UUID}.json",
        f"/public/badges/{UUID}#elsewhere",
    ],
)
def test_home_opens_a_badge_by_its_address(client: Client, address: str) -> None:
    response = client.get("/", {"address": address})
    assert (response.status_code, response["Location"]) == (302, f"/public/badges/{UUID}")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere/",
        "elsewhere.example",
        f"http://127.0.0.1:8000.elsewhere.example/public/badges/{UUID}",
        f"http://127.0.0.1:8000/public/issuers/{UUID}",
        f"{UUID}//elsewhere.example\\",
        "<script>alert(1)</script>",
        "x" * 2001,
    ],
)
def test_home_refuses_other_addresses_beside_the_field(client: Client, address: str) -> None:
    response = client.get("/", {"address": address})
    assert response.status_code == 200
    assert b'aria-invalid="true"' in response.content
    assert b"<script>alert" not in response.content


def test_home_leads_to_where_badges_of_others_are_verified(client: Client) -> None:
    response = client.get("/", {"address": "https://elsewhere.example/badges/1?a=b"})
    assert (response.status_code, response["Location"]) == (
        302,
        "/verify?url=https%3A%2F%2Felsewhere.example%2Fbadges%2F1%3Fa%3Db",
    )


@pytest.mark.django_db
def test_home_without_an_address_says_what_is_missing(client: Client) -> None:
    assert b"Paste the address of a badge." in client.get("/", {"address": ""}).content
    assert b"Paste the address of a badge." not in client.get("/").content


def test_home_shows_nothing_of_anybodys_and_reads_no_session(
    client: Client, badge: Badge, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(alice)
    with django_assert_num_queries(1):  # whether there is an organization yet
        response = client.get("/")
    assert response.status_code == 200
    for words in (b"Acme", b"Ada", b"literacy", b"alice"):
        assert words not in response.content
    assert "Cookie" not in response["Vary"]
    assert b'href="/accounts/login/"' in response.content


@pytest.mark.parametrize("path", ["/", "/health", "/robots.txt"])
@pytest.mark.django_db
def test_head_answers_the_headers_alone(client: Client, path: str) -> None:
    full = client.get(path)
    response = client.head(path)
    assert (response.status_code, response.content, response.headers) == (200, b"", full.headers)
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_health_tells_whether_the_database_answers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    response = client.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"

    def unreachable() -> None:
        raise DatabaseError("connection refused to db.internal")

    monkeypatch.setattr(connection, "cursor", unreachable)
    response = client.get("/health")
    assert (response.status_code, response.json()) == (
        503,
        {"status": "failing", "message": "The database does not answer."},
    )


def test_health_is_answered_without_https(client: Client, secure: Settings, db: None) -> None:
    secure.SECURE_SSL_REDIRECT = True
    host = {"host": "badges.example.org"}
    assert client.get("/health", headers=host).status_code == 200
    assert client.get("/robots.txt", headers=host).status_code == 301


def test_icon_is_found_where_browsers_guess_it(client: Client) -> None:
    response = client.get("/favicon.ico")

    assert response.status_code == 302
    assert re.fullmatch(r"/static/favicon(\.\w+)?\.ico", response["Location"])


def test_robots_may_read_public_pages_alone(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /accounts/",
        "Disallow: /admin/",
        "Disallow: /api/",
        "Disallow: /me/",
        "Disallow: /systems/",
    ]


@pytest.fixture
def local_storage(settings: Settings, tmp_path: Path) -> Path:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "base_url": "/media/"},
        }
    }
    return tmp_path


@pytest.mark.parametrize(("name", "content_type"), [("a.png", "image/png"), ("a.svg", "image/svg+xml")])
def test_local_picture_is_answered(client: Client, local_storage: Path, name: str, content_type: str) -> None:
    default_storage.save(f"templates/{name}", ContentFile(b"a picture"))
    response = client.get(f"/media/templates/{name}")
    assert (response.status_code, response["Content-Type"]) == (200, content_type)
    assert b"".join(response) == b"a picture"
    assert response["Content-Security-Policy"].endswith("sandbox")
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "name", ["../secret.png", "%2e%2e/secret.png", "/etc/passwd.png", "absent.png", "folder.png"]
)
def test_nothing_else_of_the_disk_is_answered(client: Client, local_storage: Path, name: str) -> None:
    (local_storage / "secret.png").write_bytes(b"secret")
    (local_storage / "media" / "folder.png").mkdir(parents=True)
    assert client.get(f"/media/{name}").status_code == 404


def test_other_kinds_of_files_are_not_answered(client: Client, local_storage: Path) -> None:
    default_storage.save("laurel.sqlite3", ContentFile(b"secret"))
    default_storage.save("page.html", ContentFile(b"secret"))
    for name in ("laurel.sqlite3", "page.html"):
        assert client.get(f"/media/{name}").status_code == 404


def test_pictures_kept_elsewhere_are_not_answered_here(client: Client) -> None:
    default_storage.save("templates/a.png", ContentFile(b"a picture"))
    assert client.get("/media/templates/a.png").status_code == 404
