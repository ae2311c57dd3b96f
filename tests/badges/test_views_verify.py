"""The page that verifies anybody's badge, and the check of a recipient on a badge's own page."""

import html
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate
from badges.services import documents, inspecting, recipient_checks
from badges.services.revoking import revoke_badge
from tests import factories

pytestmark = pytest.mark.django_db


def text(response: object, status: int = 200) -> str:
    """Return the text of a page that was answered."""
    assert isinstance(response, HttpResponse)
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    return html.unescape(response.content.decode())


def states(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('class="check" data-state="')[1:]]


def test_verify_page_is_open_to_all_and_sets_no_cookie(client: Client) -> None:
    response = client.get("/verify", {"url": "https://badges.other.example/1"})
    assert 'value="https://badges.other.example/1"' in text(response)
    assert "Verify a badge" in text(response)
    assert (response.cookies, "Cookie" in response["Vary"]) == ({}, False)
    assert client.head("/verify").content == b""
    assert client.put("/verify").status_code == 405


def test_own_badge_verifies_by_address_text_and_file(client: Client, badge: Badge) -> None:
    picture = SimpleUploadedFile("badge.png", documents.baked_png(badge, version=3), "image/png")
    for given in ({"url": badge.public_url}, {"text": documents.credential(badge)}, {"file": picture}):
        response = client.post("/verify", {**given, "email": badge.recipient_email})
        page = text(response)
        assert states(page) == ["passed"] * 5
        for words in (
            "This badge is good",
            "Data literacy",
            f'href="{badge.public_path}"',
            "data:image/png;base64,",
        ):
            assert words in page
        assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("private, no-store", "noindex")
        assert response.cookies == {}


def test_tampered_and_revoked_badges_say_what_to_do(client: Client, badge: Badge) -> None:
    credential = documents.credential(badge)
    tampered = text(client.post("/verify", {"text": credential.replace("Data literacy", "Data mastery")}))
    assert "Do not rely on this badge" in tampered
    assert "Ask its issuer, at an address that you know yourself." in tampered
    assert states(tampered) == ["failed", "unknown", "passed", "passed"]
    revoke_badge(badge=badge, reason="By mistake", by=None)
    revoked = text(client.post("/verify", {"text": credential}))
    assert states(revoked) == ["passed", "passed", "failed", "passed"]
    assert "Its issuer has taken it back." in revoked


def test_words_of_a_badge_cannot_become_markup(client: Client, acme: object, template: BadgeTemplate) -> None:
    attack = "<script>alert(1)</script>"
    credential = json.loads(documents.credential(factories.badge(template)))
    credential["credentialSubject"]["achievement"] |= {"name": attack, "description": attack}
    credential["issuer"]["name"] = attack
    content = client.post("/verify", {"text": json.dumps(credential)}).content.decode()
    assert "<script>alert" not in content
    assert content.count("&lt;script&gt;alert") >= 3


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "Give the badge's address, its file or its text."),
        (
            {"url": "https://a.example/1", "text": "{}"},
            "Give the address, the file or the text: one of them.",
        ),
        ({"text": "hello <b>"}, "This is no badge"),
        ({"url": "nonsense"}, "This is not a web address."),
        ({"url": "http://127.0.0.1:9/badge"}, "cannot be fetched"),
        ({"text": "{}", "email": "ada"}, "Enter a valid email address."),
    ],
)
def test_what_cannot_be_verified_is_refused_beside_its_field_and_kept(
    client: Client, given: dict[str, str], reason: str
) -> None:
    page = text(client.post("/verify", given), 400)
    assert reason in page
    for typed in given.values():
        assert typed in page


def test_too_many_verifications_are_refused_with_what_was_typed(
    client: Client, badge: Badge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspecting, "TRIES", 1)
    given = {"url": badge.public_url}
    assert client.post("/verify", given).status_code == 200
    refused = client.post("/verify", given)
    page = text(refused, 429)
    assert "Many badges were verified from your network." in page
    assert badge.public_url in page
    assert 0 < int(refused["Retry-After"]) <= 600


def test_recipient_is_told_on_the_badges_page(client: Client, badge: Badge) -> None:
    path = f"{badge.public_path}/recipient"
    response = client.post(path, {"email": " ADA@example.org"})
    page = text(response)
    assert states(page) == ["passed"] * 5
    assert "It was issued to ADA@example.org." in page
    assert (response["Cache-Control"], response.cookies) == ("private, no-store", {})
    page = text(client.post(path, {"email": "eve@example.org"}))
    assert states(page) == [*["passed"] * 4, "failed"]
    assert "It was issued to another address than eve@example.org." in page
    assert "ada@example.org" not in page
    assert client.get(path).headers["Location"] == f"{badge.public_path}#recipient"
    assert "Enter a valid email address." in text(client.post(path, {"email": "eve"}), 400)


def test_recipient_of_a_hidden_badge_is_not_told(client: Client, template: BadgeTemplate) -> None:
    badge = factories.badge(template)
    path, typed = f"{badge.public_path}/recipient", {"email": "ada@example.org"}
    assert client.post(path, typed).status_code == 200
    Badge.objects.update(visibility=Visibility.HIDDEN)
    assert client.post(path, typed).status_code == 404


def test_recipients_cannot_be_guessed(client: Client, badge: Badge) -> None:
    path = f"{badge.public_path}/recipient"
    limit = recipient_checks._clients.limit
    guesser = Client(REMOTE_ADDR="203.0.113.6")
    codes = [
        guesser.post(path, {"email": f"guess{number}@example.org"}).status_code for number in range(limit)
    ]
    assert codes == [200] * limit
    refused = guesser.post(path, {"email": "ada@example.org"})
    assert "Too many addresses were tried." in text(refused, 429)
    assert "It was issued to" not in text(refused, 429)
    elsewhere = client.post(path, {"email": "ada@example.org"}, REMOTE_ADDR="203.0.113.7")
    assert "It was issued to ada@example.org." in text(elsewhere)
