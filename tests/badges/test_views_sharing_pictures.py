"""What is drawn of badges: cards of shared links, certificates, and the words on both in any script."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate
from badges.services.cards import card_of_badge
from badges.services.certificates import certificate_of
from badges.services.lettering import drawable, fit, is_plain, width_of
from badges.services.revoking import revoke_badge
from badges.services.templates import publish_template
from organizations.models import Organization
from tests import factories
from tests.pictures import png

NAMES = (
    *(
        "Ada Lovelace",
        "Žofia Łukasiewicz",
        "Дмитрий",
        "Ελένη",
        "ليلى بنت محمد",
        "שרה כהן",
        "प्रिया शर्मा",
        "王小明",
    ),
    *("山田 太郎", "김민수", "สมชาย ใจดี", "தமிழ் செல்வி", "রবীন্দ্রনাথ", "Արամ", "ნინო", "አበበ", "Nguyễn Văn Ân"),
)


@pytest.mark.django_db
def test_cards_are_drawn_for_badges_templates_and_organizations(client: Client, badge: Badge) -> None:
    publish_template(template=badge.template, by=None)
    for path in (badge.public_path, badge.version.public_path, badge.organization.public_path):
        response = client.get(f"{path}/card.png")
        with Image.open(io.BytesIO(response.content)) as picture:
            assert (response["Content-Type"], picture.format, picture.size) == (
                "image/png",
                "PNG",
                (1200, 630),
            )
        assert response["Cache-Control"] == "public, max-age=300"
        again = client.get(f"{path}/card.png", headers={"If-None-Match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.django_db
def test_pages_name_their_cards(client: Client, badge: Badge) -> None:
    publish_template(template=badge.template, by=None)
    cards = {
        badge.public_path: f"{badge.public_url}/card.png",
        badge.template.public_path: f"{badge.version.public_url}/card.png",
        badge.organization.public_path: f"{badge.organization.public_url}/card.png",
    }
    for path, card in cards.items():
        page = client.get(path).content.decode()
        assert f'<meta property="og:image" content="{card}">' in page
        assert '<meta name="twitter:card" content="summary_large_image">' in page


@pytest.mark.django_db
def test_nothing_is_drawn_of_what_is_not_shown(client: Client, template: BadgeTemplate) -> None:
    badge = factories.badge(template)
    draft = factories.template(template.organization).current_version
    assert draft is not None
    paths = [f"{badge.public_path}/card.png", f"{badge.public_path}/certificate.pdf"]
    paths.append(f"{template.organization.public_path}/card.png")
    assert [client.get(path).status_code for path in paths] == [200, 200, 200]
    Badge.objects.update(visibility=Visibility.HIDDEN)
    Organization.objects.update(public_profile=False)
    paths.append(f"{draft.public_path}/card.png")
    assert [client.get(path).status_code for path in paths] == [404, 404, 404, 404]


@pytest.mark.django_db
@pytest.mark.parametrize("file", ["card.png", "certificate.pdf"])
def test_search_engines_keep_no_names(client: Client, badge: Badge, file: str) -> None:
    Badge.objects.update(visibility=Visibility.PUBLIC)

    assert client.get(f"{badge.public_path}/{file}")["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in client.get(f"{badge.version.public_path}/card.png")
    assert "X-Robots-Tag" not in client.get(badge.public_path, headers={"Accept": "text/html"})


@pytest.mark.django_db
def test_card_names_no_earner_whose_name_no_font_draws(badge: Badge) -> None:
    badge.recipient_first_name, badge.recipient_last_name = "\U00012000", ""

    assert card_of_badge(badge).above == ""


@pytest.mark.django_db
def test_card_changes_with_what_is_on_it(badge: Badge) -> None:
    before = card_of_badge(badge)
    assert (before.above, before.below, before.is_warning) == ("Earned by", "Ada Lovelace", False)
    revoked = card_of_badge(revoke_badge(badge=badge, reason="By mistake", by=None))
    assert (revoked.above, revoked.is_warning) == ("Revoked", True)
    assert before.digest != revoked.digest


@pytest.mark.django_db
def test_certificate_is_one_sheet_in_the_badges_language(client: Client, acme: Organization) -> None:
    logo = default_storage.save("logos/certificate.png", ContentFile(png(60, 40)))
    Organization.objects.filter(pk=acme.pk).update(logo=logo, color_primary="#7722aa")
    acme.refresh_from_db()
    badge = factories.badge(factories.template(acme, language="it"))
    response = client.get(f"{badge.public_path}/certificate.pdf")
    assert (response["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")
    assert response["Content-Disposition"] == 'inline; filename="data-literacy-certificate.pdf"'
    assert response.content.count(b"/Type /Page\n") == 1
    assert b"/Lang (it)" in response.content
    download = client.get(f"{badge.public_path}/certificate.pdf?download=1")
    assert download.content == response.content
    assert download["Content-Disposition"].startswith("attachment")
    known = {"If-None-Match": response["ETag"]}
    assert client.get(f"{badge.public_path}/certificate.pdf", headers=known).status_code == 304


@pytest.mark.django_db
def test_certificate_says_what_it_certifies(badge: Badge) -> None:
    words = certificate_of(badge)
    assert (words.earner, words.title, words.issuer, words.address) == (
        "Ada Lovelace",
        "Data literacy",
        "Acme Academy",
        badge.public_url,
    )
    assert words.criteria == "Finish the course and the project."
    assert words.notice == ""
    revoked = certificate_of(revoke_badge(badge=badge, reason="By mistake", by=None))
    assert revoked.notice.startswith("Revoked on ")
    badge.recipient_first_name, badge.recipient_last_name = "ꆈꌠ", ""  # Yi, which no font here has
    assert certificate_of(badge).earner == "The name stands on the badge's page"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ليلى بنت محمد", "王小明 🎉", "x" * 200, "ꆈꌠ"])
def test_every_name_comes_out_on_card_and_certificate(
    client: Client, template: BadgeTemplate, name: str
) -> None:
    badge = factories.badge(template)
    Badge.objects.update(recipient_first_name=name, recipient_last_name="")
    assert client.get(f"{badge.public_path}/card.png").status_code == 200
    assert client.get(f"{badge.public_path}/certificate.pdf").status_code == 200


@pytest.mark.django_db
def test_picture_that_is_gone_is_no_error_of_the_server(client: Client, badge: Badge) -> None:
    Organization.objects.update(logo="logos/gone.png")
    for file in ("card.png", "certificate.pdf"):
        assert client.get(f"{badge.public_path}/{file}").status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_name_is_drawn_as_it_is_written(name: str) -> None:
    assert drawable(name) == name


def test_what_no_font_draws_is_left_out_and_never_half_a_word() -> None:
    assert drawable("  Ada \n 🎉  Lovelace ") == "Ada Lovelace"
    assert drawable("Ada ꆈꌠ") == ""
    assert [is_plain(text) for text in ("Ada Łukasiewicz", "王", "ليلى")] == [True, False, False]


def test_text_is_made_smaller_then_broken_then_cut() -> None:
    assert fit("Data literacy", width=250, sizes=(64, 32), max_lines=1).size == 32
    long = fit("word " * 100, width=300, sizes=(30, 20), max_lines=2)
    assert (len(long.lines), long.size, long.lines[1].endswith("…")) == (2, 20, True)
    for line in (*long.lines, *fit("x" * 300, width=300, sizes=(20,), max_lines=3).lines):
        assert width_of(line, 20) <= 300
    balanced = fit("one two three four five", width=190, sizes=(20,), max_lines=2, is_balanced=True)
    assert balanced.lines == ("one two three", "four five")
    assert fit("", width=10, sizes=(20,), max_lines=1).lines == ()
