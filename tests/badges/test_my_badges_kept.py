"""A person brings badges of others, takes all of theirs along, and deletes their account; nobody does so in their place."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from badges.enums import DocumentKind, Visibility
from badges.models import Badge, BadgeDocument, BadgeTemplate, ImportedBadge
from badges.services.template_pictures import keep_picture
from badges.views.bringing import EXPORTS, TRIES
from earners.models import AccountEmail, EarnerAccount, LoginToken, SignIn
from earners.services import create_login_token
from earners.services.accounts import show_collection
from organizations.models import RequestCount
from tests import factories
from tests.conformance.authority import Authority, make_authority
from tests.elsewhere import ASSERTION, HOST, Elsewhere
from tests.foreign import Site, foreign_site
from tests.mailbox import sign_in_mails
from tests.pictures import png

pytestmark = pytest.mark.django_db
ADA, CHARLES = "ada@example.org", "charles@example.org"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who vouches for the hosts of this file."""
    folder: Path = tmp_path_factory.mktemp("authority")
    return make_authority(folder, HOST)


@pytest.fixture
def elsewhere(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, settings: Settings
) -> Iterator[Elsewhere]:
    """An issuer elsewhere, whose badges are taken."""
    settings.FOREIGN_BADGE_HOSTS = [HOST]
    site: Site
    with foreign_site(monkeypatch, authority) as site:
        yield Elsewhere(site)


@pytest.fixture
def ada() -> Client:
    """A browser in which Ada is signed in."""
    return signed_in(ADA)


def signed_in(email: str) -> Client:
    """Return a browser in which an address is signed in."""
    cache.clear()
    client = Client()
    client.post("/me/sign-in", {"email": email})
    client.get(sign_in_mails()[-1].path)
    return client


def test_badge_is_brought_by_its_address_and_taken_out_again(elsewhere: Elsewhere, ada: Client) -> None:
    assert b"Bring a badge" in ada.get("/me").content

    response = ada.post("/me/badges/bring", {"url": ASSERTION})

    row = ImportedBadge.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/me/badges/{row.uuid}")
    assert b"First aid" in ada.get("/me").content
    picture = row.image
    assert default_storage.exists(picture)
    assert signed_in(CHARLES).post(f"/me/badges/{row.uuid}/remove").status_code == 404
    assert ImportedBadge.objects.exists()
    assert ada.post(f"/me/badges/{row.uuid}/remove")["Location"] == "/me"
    assert not ImportedBadge.objects.exists()


def test_brought_badge_is_on_the_public_page_while_its_earner_shows_it(
    elsewhere: Elsewhere, ada: Client
) -> None:
    ada.post("/me/badges/bring", {"url": ASSERTION})
    row = ImportedBadge.objects.select_related("account").get()
    place = f"/collections/{show_collection(account=row.account, is_shown=True, name='Ada').collection_uuid}"
    picture = f"{place}/badges/{row.uuid}/picture"

    def shown() -> tuple[bool, int]:
        return b"First aid" in Client().get(place).content, Client().get(picture).status_code

    assert shown() == (False, 404)

    assert ada.post(f"/me/badges/{row.uuid}", {"is_public": "on"}).status_code == 302

    page = Client().get(place).content.decode()
    assert f'href="/verify?url={quote(ASSERTION, safe="")}"' in page
    assert f'src="{picture}"' in page
    assert ADA not in page
    assert shown() == (True, 200)
    assert Client().get(f"/me/badges/{row.uuid}/picture").status_code == 302
    assert b"Public" in ada.get("/me?state=imported").content
    ImportedBadge.objects.update(revoked_at=row.verified_at)
    assert shown() == (False, 404)
    ImportedBadge.objects.update(revoked_at=None)
    ada.post(f"/me/badges/{row.uuid}", {})
    assert shown() == (False, 404)


@pytest.mark.parametrize("way", ["file", "text"])
def test_badge_is_brought_as_file_and_as_text(elsewhere: Elsewhere, ada: Client, way: str) -> None:
    document = json.dumps(elsewhere.proved())
    sent: Any = SimpleUploadedFile("badge.json", document.encode()) if way == "file" else document

    assert ada.post("/me/badges/bring", {way: sent}).status_code == 302

    assert ImportedBadge.objects.get().account == EarnerAccount.objects.get()


def test_badge_of_another_person_or_none_is_refused_with_the_reason(elsewhere: Elsewhere) -> None:
    charles = signed_in(CHARLES)

    refused = charles.post("/me/badges/bring", {"url": ASSERTION})
    nothing = charles.post("/me/badges/bring", {})
    both = charles.post("/me/badges/bring", {"url": ASSERTION, "text": "{}"})
    odd = [
        charles.post("/me/badges/bring", {"text": text})
        for text in ("{", "null", "http://127.0.0.1/", "\x00")
    ]

    assert refused.status_code == 400
    assert b"was issued to another e-mail address" in refused.content
    assert b"one of them" in nothing.content
    assert b"one of them" in both.content
    assert [one.status_code for one in odd] == [400] * 4
    assert not ImportedBadge.objects.exists()


def test_badges_are_brought_so_often_only(elsewhere: Elsewhere, ada: Client) -> None:
    ada.post("/me/badges/bring", {"text": "{"})
    RequestCount.objects.filter(client__startswith="brought").update(requests=TRIES)

    response = ada.post("/me/badges/bring", {"url": ASSERTION})

    assert b"Too many" in response.content
    assert not elsewhere.site.asked


def test_no_badge_is_brought_where_none_is_taken(ada: Client) -> None:
    assert b"Bring a badge" not in ada.get("/me").content
    assert ada.get("/me/badges/bring").status_code == 404
    assert ada.post("/me/badges/bring", {"text": "{}"}).status_code == 404


def test_export_has_all_of_the_account_and_nothing_of_others(
    elsewhere: Elsewhere, ada: Client, template: BadgeTemplate
) -> None:
    mine = factories.badge(template)
    hidden = factories.badge(template, visibility=Visibility.HIDDEN)
    factories.badge(template, CHARLES)
    ada.post("/me/badges/bring", {"url": ASSERTION})
    brought = ImportedBadge.objects.get()

    response: Any = ada.get("/me/export.zip")

    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert response["Content-Disposition"] == 'attachment; filename="badges.zip"'
    assert response["Cache-Control"] == "private, no-store"
    assert sorted(archive.namelist()) == sorted(
        [
            "account.json",
            *(
                f"badges/data-literacy-{badge.uuid}{form}"
                for badge in (mine, hidden)
                for form in (".json", ".jwt", ".pdf", ".png", ".svg", "-ob2.json")
            ),
            f"imported/first-aid-{brought.uuid}.json",
            f"imported/first-aid-{brought.uuid}.png",
        ]
    )
    signed = BadgeDocument.objects.get(badge=hidden, kind=DocumentKind.OB3).body
    assert archive.read(f"badges/data-literacy-{hidden.uuid}.json").decode() == signed
    assert (
        json.loads(archive.read(f"imported/first-aid-{brought.uuid}.json")) == elsewhere.documents[ASSERTION]
    )
    assert archive.read(f"badges/data-literacy-{mine.uuid}.pdf").startswith(b"%PDF-")
    about = json.loads(archive.read("account.json"))
    assert [row["id"] for row in about["badges"]] == [str(hidden.uuid), str(mine.uuid)]
    assert [row["email"] for row in about["addresses"]] == [ADA]
    assert [row["url"] for row in about["imported"]] == [ASSERTION]


@pytest.mark.parametrize("content", [None, b"\x89PNG\r\n\x1a\nnot any more"], ids=["lost", "broken"])
def test_export_leaves_out_what_cannot_be_made(
    ada: Client, template: BadgeTemplate, badge: Badge, content: bytes | None
) -> None:
    keep_picture(template=template, kind="image", content=png(), by=None)
    other = factories.badge(template)
    name = str(other.version.image)
    default_storage.delete(name)
    if content is not None:
        default_storage.save(name, ContentFile(content))

    response: Any = ada.get("/me/export.zip")

    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    rows = json.loads(archive.read("account.json"))["badges"]
    files = [{file.rpartition(str(row["id"]))[2] for file in row["files"]} for row in rows]
    assert [row["id"] for row in rows] == [str(other.uuid), str(badge.uuid)]
    assert {".pdf", ".png", ".json", ".jwt"} <= files[1]
    assert {".json", ".jwt", "-ob2.json"} <= files[0]
    assert ".pdf" not in files[0]


def test_export_is_made_so_often_only(ada: Client, badge: Badge) -> None:
    ada.get("/me/export.zip")
    RequestCount.objects.filter(client__startswith="exported").update(requests=EXPORTS)

    refused = ada.get("/me/export.zip")

    assert refused.headers["Location"] == "/me/account"
    assert b"several times" in ada.get("/me/account").content
    assert ada.head("/me/export.zip").status_code == 200


def test_account_is_deleted_and_the_badges_stay(elsewhere: Elsewhere, ada: Client, badge: Badge) -> None:
    charles = signed_in(CHARLES)
    ada.post("/me/badges/bring", {"url": ASSERTION})
    assert ImportedBadge.objects.exists()
    token = create_login_token(email=ADA)[1]
    assert b"Delete the account?" in ada.get("/me/account/delete").content
    assert EarnerAccount.objects.count() == 2

    response = ada.post("/me/account/delete")

    assert b"The account is deleted" in response.content
    assert ada.get("/me").status_code == 302
    assert charles.get("/me").status_code == 200
    assert Client().get(f"/api/v2/Badges/{token}").json()["resultCode"] == -101
    assert list(AccountEmail.objects.values_list("email", flat=True)) == [CHARLES]
    assert not LoginToken.objects.exists()
    assert not ImportedBadge.objects.exists()
    assert list(SignIn.objects.values_list("email", flat=True)) == [CHARLES]
    assert Client().get(badge.public_path).status_code == 200
    assert b"Data literacy" in signed_in(ADA).get("/me").content
