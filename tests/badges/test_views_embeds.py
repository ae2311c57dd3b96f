"""A badge in other people's pages: the card for an iframe, and oEmbed."""

from xml.etree import ElementTree

import pytest
from django.test import Client

from badges.enums import Visibility
from badges.models import Badge, BadgeDocument, BadgeTemplate
from badges.services.revoking import revoke_badge
from tests import factories

pytestmark = pytest.mark.django_db


def test_card_may_be_framed_by_anybody_and_nothing_else_may(client: Client, badge: Badge) -> None:
    card = client.get(f"{badge.public_path}/card")
    assert "frame-ancestors *" in card["Content-Security-Policy"]
    assert "script-src 'self'" in card["Content-Security-Policy"]
    assert "X-Frame-Options" not in card
    assert (card.cookies, card["Cache-Control"], card["X-Robots-Tag"]) == ({}, "no-cache", "noindex")
    for path in (badge.public_path, "/verify", "/"):
        other = client.get(path)
        assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
        assert other["X-Frame-Options"] == "DENY"


def test_card_says_what_holds_now(client: Client, badge: Badge) -> None:
    path = f"{badge.public_path}/card"
    page = client.get(path).content.decode()
    for words in (
        "Data literacy",
        "Ada Lovelace",
        "Acme Academy",
        "status-valid",
        f'href="{badge.public_url}"',
    ):
        assert words in page
    assert 'data-bs-theme="dark"' in client.get(f"{path}?theme=dark").content.decode()
    assert 'data-bs-theme="light"' in client.get(f"{path}?theme=%22x").content.decode()
    revoke_badge(badge=badge, reason="By mistake", by=None)
    assert "status-revoked" in client.get(path).content.decode()


def test_card_of_a_changed_badge_says_so(client: Client, badge: Badge) -> None:
    document = BadgeDocument.objects.get(badge=badge)
    document.body = document.body.replace("Data literacy", "Data mastery")
    document.save()
    assert "Not genuine" in client.get(f"{badge.public_path}/card").content.decode()


def test_oembed_answers_as_its_page_says(client: Client, badge: Badge) -> None:
    page = client.get(badge.public_path).content.decode()
    discovered = page.partition('type="application/json+oembed" href="')[2].partition('"')[0]
    response = client.get(discovered.removeprefix("http://127.0.0.1:8000"))
    assert response.json() == {
        "version": "1.0",
        "type": "rich",
        "title": "Data literacy",
        "author_name": "Acme Academy",
        "author_url": badge.organization.public_url,
        "provider_name": "Laurel",
        "provider_url": "http://127.0.0.1:8000",
        "cache_age": 300,
        "thumbnail_url": f"{badge.public_url}/card.png",
        "thumbnail_width": 1200,
        "thumbnail_height": 630,
        "html": f'<iframe src="{badge.public_url}/card" title="Data literacy" width="480" height="168" loading="lazy"'
        ' style="border:0;max-width:100%"></iframe>',
        "width": 480,
        "height": 168,
    }
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("asked", "width"), [("300", 300), ("9999", 480), ("1", 240), ("-5", 480), ("x", 480), ("", 480)]
)
def test_oembed_is_no_wider_than_asked(client: Client, badge: Badge, asked: str, width: int) -> None:
    body = client.get("/oembed", {"url": badge.public_url, "maxwidth": asked}).json()
    assert (body["width"], f'width="{width}"' in body["html"]) == (width, True)


def test_oembed_in_xml_and_in_no_other_format(client: Client, template: BadgeTemplate) -> None:
    badge = factories.badge(factories.template(template.organization, title="Fish & <chips>"))
    response = client.get("/oembed", {"url": badge.public_url, "format": "xml"})
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)  # noqa: S314 - our own
    assert (root.tag, root.findtext("title"), root.findtext("type")) == ("oembed", "Fish & <chips>", "rich")
    assert 'title="Fish &amp; &lt;chips&gt;"' in str(root.findtext("html"))
    assert client.get("/oembed", {"url": badge.public_url, "format": "yaml"}).status_code == 501


def test_oembed_knows_no_other_addresses_and_no_hidden_badge(client: Client, badge: Badge) -> None:
    for url in (
        "",
        "https://elsewhere.example/",
        badge.organization.public_url,
        f"{badge.public_url}/ob2.json",
    ):
        assert client.get("/oembed", {"url": url}).status_code == 404
    asked = {"url": badge.public_url}
    assert client.get("/oembed", asked).status_code == 200
    Badge.objects.update(visibility=Visibility.HIDDEN)
    assert client.get("/oembed", asked).status_code == 404
    assert client.get(f"{badge.public_path}/card").status_code == 404
