"""Issuers give a template its picture: drawn in the designer, or uploaded and cut to a square."""

import io
import re
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.design import Design
from badges.services.design_samples import SAMPLES
from badges.services.pictures import svg_of
from badges.services.template_pictures import keep_design, keep_picture
from badges.services.templates import archive_template
from organizations.enums import AuditAct
from organizations.models import AuditEntry, Organization, User
from tests import factories
from tests.at_work import Member
from tests.pictures import png

QUERIES = 4


@pytest.fixture
def member(acme: Organization, alice: User) -> Member:
    return Member(alice, acme)


def current(template: BadgeTemplate) -> BadgeTemplateVersion:
    """Return the template's version as the database has it."""
    version = BadgeTemplate.objects.get(pk=template.pk).current_version
    assert version is not None
    return version


def typed(**changes: Any) -> dict[str, Any]:
    """Return the fields of the designer's form as a browser sends them."""
    values = {
        name: value for name, value in Design().kept().items() if name != "edition" and value is not False
    }
    return {**values, **changes}


def upload(content: bytes, name: str = "badge.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def photo(width: int = 90, height: int = 30, **options: Any) -> bytes:
    """A picture in three colours from left to right: red, green, blue."""
    image = Image.new("RGB", (width, height), "#00ff00")
    image.paste("#ff0000", (0, 0, width // 3, height))
    image.paste("#0000ff", (2 * width // 3, 0, width, height))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def stored(version: BadgeTemplateVersion) -> Image.Image:
    return Image.open(default_storage.open(str(version.image)))


def chosen(page: str, name: str) -> str | None:
    """Return what is chosen among the radio buttons of a field."""
    buttons = [button for button in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in button]
    values = [re.findall(r'value="([^"]*)"', button)[0] for button in buttons if " checked" in button]
    return values[0] if values else None


def test_designer_begins_with_title_and_name(
    member: Member, template: BadgeTemplate, django_assert_num_queries: Any
) -> None:
    member.get("design_badge", template.uuid)

    with django_assert_num_queries(QUERIES):
        page = member.get("design_badge", template.uuid).content.decode()

    assert 'value="Acme Academy"' in page
    assert 'value="Data literacy"' in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert (chosen(page, "shape"), chosen(page, "emblem")) == ("circle", "mortarboard-fill")
    assert [one.name for one in SAMPLES if f'name="start" value="{one.name}"' not in page] == []


def test_drawing_is_kept_and_gone_on_with(member: Member, template: BadgeTemplate) -> None:
    response = member.post(
        "design_badge", template.uuid, follow=True, **typed(shape="star", top="Bees & hives", stars="2")
    )

    version = current(template)
    assert response.redirect_chain == [(member.url("template_picture", template.uuid), 302)]
    assert "The picture is drawn." in response.content.decode()
    assert version.design == Design(shape="star", top="Bees & hives", stars=2).kept()
    assert (stored(version).size, svg_of(version)[:4]) == ((600, 600), b"<svg")
    entry = AuditEntry.objects.get(act=AuditAct.TEMPLATE_CHANGED)
    assert (entry.actor, entry.details) == (
        "alice@acme.example",
        {"content": ["image", "design"], "version": 1},
    )
    page = member.get("design_badge", template.uuid).content.decode()
    assert chosen(page, "shape") == "star"
    assert 'value="Bees &amp; hives"' in page


def test_preview_draws_what_is_typed_and_keeps_nothing(member: Member, template: BadgeTemplate) -> None:
    preview = member.post(
        "design_preview", template.uuid, **typed(ink="#1d6b50", top="<b>Bees</b>")
    ).content.decode()

    assert 'src="data:image/svg+xml;base64,' in preview
    assert "“&lt;b&gt;Bees&lt;/b&gt;”" in preview
    assert "Words and emblem are hard to read" in preview
    hidden = member.post("design_preview", template.uuid, **typed(ribbon_text="2026")).content.decode()
    assert "The text on the ribbon is not shown: choose a ribbon." in hidden
    assert "hard to read" not in member.post("design_preview", template.uuid, **typed()).content.decode()
    assert (str(current(template).image), current(template).design) == ("", None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"top": "x" * 41}, "Take at most 40 letters"),
        ({"top": "Bees 🎓"}, "“🎓” cannot be written on a drawn badge."),
        ({"ground": "url(http://evil.example/)"}, "Ensure this value has at most 7 characters"),
        ({"ground": "url(#a)"}, "Use the form #1D6B50."),
        ({"shape": "cloud"}, "Select a valid choice."),
        ({"emblem": "skull"}, "Select a valid choice."),
        ({"centre": "logo"}, "Select a valid choice."),  # there is none
        ({"stars": "99"}, "Select a valid choice."),
        ({"shape": "diamond", "ribbon": "curved", "bottom": "W" * 40}, "This is too long for its place"),
    ],
    ids=str,
)
def test_what_cannot_be_drawn_is_said_and_kept_in_the_form(
    member: Member, template: BadgeTemplate, changes: dict[str, str], said: str
) -> None:
    fields = typed(bottom="Kept", text="K1") | changes

    response = member.post("design_badge", template.uuid, **fields)
    preview = member.post("design_preview", template.uuid, **fields)

    page = response.content.decode()
    assert response.status_code == 400
    assert said in page
    assert 'value="K1"' in page
    assert preview.status_code == 200
    assert said in preview.content.decode()
    assert str(current(template).image) == ""
    assert b"data:image/svg+xml" in member.post("design_preview", template.uuid, **typed()).content


def test_buttons_change_the_design_without_keeping_it(member: Member, template: BadgeTemplate) -> None:
    fields = typed(top="My words", emblem="heart-fill")

    started = member.post("design_badge", template.uuid, start="rosette", **fields).content.decode()
    coloured = member.post("design_badge", template.uuid, palette="night", **fields).content.decode()
    varied = member.post("design_badge", template.uuid, vary="1", **fields).content.decode()
    shown = member.post("design_badge", template.uuid, show="1", **fields).content.decode()

    assert (chosen(started, "shape"), chosen(started, "emblem")) == ("rosette", "trophy-fill")
    assert 'value="#1f3a8a"' in coloured
    assert chosen(varied, "shape") != "circle"
    assert chosen(varied, "emblem") == chosen(shown, "emblem") == "heart-fill"
    assert all('value="My words"' in page for page in (started, coloured, varied, shown))
    assert str(current(template).image) == ""
    assert member.post("design_badge", template.uuid, start="nothing", **fields).status_code == 200


def test_new_drawing_of_an_issued_badge_makes_a_version(member: Member, template: BadgeTemplate) -> None:
    keep_design(template=template, design=SAMPLES[0].design, by=None)
    factories.badge(BadgeTemplate.objects.get(pk=template.pk))

    response = member.post("design_badge", template.uuid, follow=True, **typed())

    assert "The picture is drawn, in version 2." in response.content.decode()
    assert [one.design for one in template.versions.order_by("number")] == [
        SAMPLES[0].design.kept(),
        Design().kept(),
    ]


def test_picture_of_a_ready_made_design_is_an_svg(member: Member) -> None:
    response = member.get("design_sample", "medal")

    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response.content.startswith(b"<svg")
    assert member.get("design_sample", "none").status_code == 404


@pytest.mark.parametrize(
    ("fields", "size", "colours"),
    [
        ({}, (30, 30), {(0, 255, 0)}),
        ({"square": "cut", "left": "0", "top": "0.5", "size": "1"}, (30, 30), {(255, 0, 0)}),
        ({"square": "cut", "left": "1", "top": "0", "size": "0.5"}, (15, 15), {(0, 0, 255)}),
        ({"square": "whole", "left": "0"}, (90, 90), {(255, 0, 0), (0, 255, 0), (0, 0, 255)}),
    ],
    ids=str,
)
def test_upload_is_cut_to_a_square(
    member: Member, template: BadgeTemplate, fields: dict[str, Any], size: tuple[int, int], colours: set[Any]
) -> None:
    response = member.post("template_picture", template.uuid, image=upload(photo()), **fields)

    assert response.status_code == 302
    image = stored(current(template))
    assert image.size == size
    found: Any = image.convert("RGBA").getcolors()
    pixels = {pixel[:3] for _count, pixel in found if pixel[3] == 255}
    assert pixels == colours


def test_upload_is_cut_as_it_is_seen(member: Member, template: BadgeTemplate) -> None:
    """The camera lay on its side: red is at the top for whoever looks at it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it clockwise

    member.post(
        "template_picture", template.uuid, image=upload(photo(exif=exif)), left="0.5", top="0", size="1"
    )

    assert stored(current(template)).convert("RGB").getcolors() == [(900, (255, 0, 0))]


def test_small_part_of_a_large_photo_stays_sharp(member: Member, template: BadgeTemplate) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (3200, 2400), "#123456").save(buffer, "JPEG")

    member.post(
        "template_picture", template.uuid, image=upload(buffer.getvalue()), left="0", top="0", size="0.25"
    )

    assert stored(current(template)).size == (600, 600)


@pytest.mark.parametrize(
    ("content", "fields", "said"),
    [
        (b"no picture", {}, "The file is not a PNG, JPEG, WebP or SVG picture"),
        (png()[:60], {}, "The file is damaged or incomplete."),
        (b"", {}, "The file is empty."),
        (png(), {"size": "0"}, "greater than or equal to 0.05"),
        (png(), {"left": "nan"}, "Enter a number."),
        (png(), {"top": "7"}, "less than or equal to 1"),
    ],
    ids=["text", "damaged", "empty", "no size", "no number", "outside"],
)
def test_upload_that_cannot_be_taken_is_refused(
    member: Member, template: BadgeTemplate, content: bytes, fields: dict[str, Any], said: str
) -> None:
    response = member.post("template_picture", template.uuid, image=upload(content), **fields)

    assert response.status_code == 400
    assert said in response.content.decode()
    assert str(current(template).image) == ""


def test_upload_without_a_file_is_refused(member: Member, template: BadgeTemplate) -> None:
    for name in ("template_picture", "template_background"):
        response = member.post(name, template.uuid)
        assert (response.status_code, "Choose a file." in response.content.decode()) == (400, True)


def test_uploaded_svg_is_cleaned_and_stays_whole(member: Member, template: BadgeTemplate) -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60"><script>bad()</script>'
        b'<circle cx="45" cy="30" r="20" fill="red" onclick="bad()"/></svg>'
    )

    member.post("template_picture", template.uuid, image=upload(svg, "a.svg"), left="0", top="0", size="0.5")

    kept = svg_of(current(template))
    assert b'viewBox="0 0 90 60"' in kept
    assert b"bad()" not in kept


def test_background_is_taken_shown_and_removed(member: Member, template: BadgeTemplate) -> None:
    response = member.post("template_background", template.uuid, background_image=upload(photo()))

    version = current(template)
    assert response.status_code == 302
    assert Image.open(default_storage.open(str(version.background_image))).size == (90, 30)
    assert (
        f"/versions/{version.uuid}/background.png?file="
        in member.get("template_picture", template.uuid).content.decode()
    )
    assert member.get("version_background", template.uuid, version.uuid)["Content-Type"] == "image/png"
    assert (
        "Remove the background of" in member.get("remove_template_background", template.uuid).content.decode()
    )
    member.post("remove_template_background", template.uuid)
    assert str(current(template).background_image) == ""
    refused = member.post("template_background", template.uuid, background_image=upload(b"<svg/>"))
    assert refused.status_code == 400


def test_picture_is_removed_after_asking(member: Member, template: BadgeTemplate) -> None:
    keep_picture(template=template, kind="image", content=png(), by=None)
    factories.badge(BadgeTemplate.objects.get(pk=template.pk))

    asked = member.get("remove_template_picture", template.uuid).content.decode()
    answer = member.post("remove_template_picture", template.uuid, follow=True)

    assert "Badges of version 1 keep theirs: this makes the next version." in asked
    assert "The picture is gone: Laurel&#x27;s own is shown." in answer.content.decode()
    pictures = [str(one.image) for one in template.versions.order_by("number")]
    assert (bool(pictures[0]), pictures[1:]) == (True, [""])
    assert member.get("remove_template_picture", template.uuid).status_code == 302


def test_archived_template_keeps_its_picture(member: Member, template: BadgeTemplate) -> None:
    archive_template(template=template, by=None)

    for name in ("template_picture", "template_background", "remove_template_picture", "design_badge"):
        response = member.post(name, template.uuid, follow=True, image=upload(png()), **typed())
        assert "This template is archived. Restore it before changing it." in response.content.decode()

    assert str(current(template).image) == ""
