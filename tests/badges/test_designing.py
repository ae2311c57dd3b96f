"""Badges drawn in the designer: what is drawn, what is refused, and what becomes of a drawing that is kept."""

import hashlib
import io
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.design import NAMES, Design, read_design
from badges.services.design_choices import Border, Centre, Fill, Pattern, Ribbon, Shape
from badges.services.design_colours import contrast, palettes_of
from badges.services.design_drawing import draw_design
from badges.services.design_emblems import EMBLEMS, emblem_drawing
from badges.services.design_samples import SAMPLES, first_design, in_look_of, varied
from badges.services.drawing import draw
from badges.services.outlines import straight, unwritable, width_in_em
from badges.services.pictures import svg_of
from badges.services.template_pictures import design_of, keep_design, keep_picture, remove_picture
from badges.services.templates import duplicate_template, update_template
from config.env import BASE_DIR
from config.exceptions import InvalidInput
from organizations.models import Organization
from organizations.pictures import prepare_picture, rendition_names, store_picture
from organizations.svg import sanitise_svg
from tests import factories
from tests.pictures import png

WORDS: dict[str, Any] = {
    "top": "Bay Tree Academy",
    "bottom": "Data literacy",
    "ribbon_text": "2026",
    "text": "B2",
}
# What the ready-made designs look like with WORDS: look at them again before writing new ones here.
DRAWN = {
    "medal": "bb49dc63aaea9cc351566dbc7c8643b14c66c3456148357066daf6be4c239ba1",
    "hexagon": "995570b6d8efa24d109f85a38937ca74c8e9aca2e3f7bdc0bf42e419908e527f",
    "laurels": "398f50aef889e4eff1909f43c198e0819c2c82d1dfbe840d4c3cb3d74c13e05b",
    "shield": "0e5916898d581c452f3fec11972e3251f8ebdbc1d86a68f865b1f33fd2262432",
    "rosette": "53371c8d98a40d27ef56dfd9b50ea2a8724513290407b6fe099a86d18a5cb7f5",
    "sunburst": "d7ab0695618989700e42a46126a120cb2e7268820ff5fd689cecf976ba0d7424",
    "star": "e188ae5f7a7fdc048b4730d4fdf293cb1f69f501e72078ca6b6f4fb5f91c62ac",
    "pennant": "c9c61b091cdc0d6b4c92f30f426184f562900d9a5bfc99b96125585158686064",
}


def current(template: BadgeTemplate) -> BadgeTemplateVersion:
    """Return the template's version as the database has it."""
    version = BadgeTemplate.objects.get(pk=template.pk).current_version
    assert version is not None
    return version


def elements(svg: bytes) -> list[str]:
    """Return the names of all elements in order."""
    return [element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()]  # noqa: S314 - our own


def edge_of(svg: bytes) -> int:
    """Return how opaque the outermost pixels of a drawing are, at most."""
    content = draw(svg.decode(), width=200, height=200, texts=[])
    alpha = Image.open(io.BytesIO(content)).convert("RGBA").getchannel("A")
    sides = [(0, 0, 200, 1), (0, 199, 200, 200), (0, 0, 1, 200), (199, 0, 200, 200)]
    return max(max(alpha.crop(side).tobytes()) for side in sides)


@pytest.mark.parametrize("name", DRAWN)
def test_ready_made_design_is_drawn_the_same_everywhere(name: str) -> None:
    design = next(one.design for one in SAMPLES if one.name == name)

    drawn = draw_design(read_design(design.kept() | WORDS))

    assert hashlib.sha256(drawn).hexdigest() == DRAWN[name]


@pytest.mark.parametrize("shape", Shape)
def test_every_shape_stays_inside_of_the_drawing(shape: Shape) -> None:
    for ribbon in Ribbon:
        assert edge_of(draw_design(Design(shape=shape, ribbon=ribbon, **WORDS))) == 0


@pytest.mark.parametrize(
    "changes",
    [
        *({"shape": shape} for shape in Shape),
        *({"fill": fill} for fill in Fill),
        *({"pattern": pattern, "has_band": False} for pattern in Pattern),
        *({"border": border, "bottom": ""} for border in Border),
        *({"ribbon": ribbon} for ribbon in Ribbon),
    ],
    ids=str,
)
def test_drawing_has_only_shapes_that_uploads_may_have(changes: dict[str, Any]) -> None:
    drawn = draw_design(Design(**{**WORDS, "stars": 3, **changes}))

    assert elements(sanitise_svg(drawn)) == elements(drawn)
    assert not {"text", "image", "script", "style", "filter"} & set(elements(drawn))
    assert b"style=" not in drawn


def test_words_become_outlines() -> None:
    hostile = "<script>alert('&')</script>"

    drawn = draw_design(read_design({"top": hostile, "is_capitals": False}))

    assert not [word for word in (b"script", b"alert", b"&") if word in drawn]
    assert drawn != draw_design(Design())


def test_capitals_are_only_those_that_there_are() -> None:
    design = Design(is_capitals=True)

    assert [design.shown(text) for text in ("straße", "ქართული", "aǰ")] == ["STRASSE", "ᲥᲐᲠᲗᲣᲚᲘ", "aǰ"]


def test_letters_stand_side_by_side() -> None:
    path = straight("II", x=100, y=50, size=10)
    numbers = [float(number) for number in re.findall(r"[A-Z ](\d+(?:\.\d)?) \d", path)]

    assert min(numbers) > 100 - width_in_em("II") * 5
    assert max(numbers) < 100 + width_in_em("II") * 5
    assert path.count("M") == 2
    assert [width_in_em("É") == width_in_em("E"), width_in_em("證") > width_in_em("I")] == [True, True]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Ätna Ωδή Ночь ქართული 証明書 한국", ""),
        ("مرحبا", "مرحبا"),
        ("नम", "नम"),
        ("a🎓b🎓", "🎓"),
        ("e\u0323\u0301", "\u0301"),
    ],
)
def test_what_cannot_be_written_is_named(text: str, missing: str) -> None:
    assert unwritable(text) == missing


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ([], None),
        ({"shape": "cloud"}, "shape"),
        ({"emblem": "../../etc/passwd"}, "emblem"),
        ({"ground": "url(#x)"}, "ground"),
        ({"ground": "red"}, "ground"),
        ({"ink": '#ffffff" onload="alert(1)'}, "ink"),
        ({"ink": "#fff"}, "ink"),
        ({"top": "x" * 41}, "top"),
        ({"text": "x" * 1_000_000}, "text"),
        ({"bottom": 7}, "bottom"),
        ({"ribbon_text": "🎓"}, "ribbon_text"),
        ({"stars": 6}, "stars"),
        ({"stars": True}, "stars"),
        ({"has_band": "yes"}, "has_band"),
        ({"onload": "alert(1)"}, "onload"),
        ({"edition": 99}, "edition"),
    ],
    ids=str,
)
def test_what_is_no_design_is_refused(values: Any, field: str | None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_design(values)

    assert refusal.value.field == field


def test_design_is_read_as_it_was_kept() -> None:
    design = Design(shape=Shape.STAR, top="  Zwei   Wörter ", stars=4, ink="#ffffff")

    read = read_design(design.kept())

    assert read == replace(design, top="Zwei Wörter")
    assert read_design({"ink": "#ABCDEF"}).ink == "#abcdef"
    assert set(design.kept()) == {"edition", *NAMES}


def test_words_that_would_be_too_small_are_refused() -> None:
    design = Design(shape=Shape.DIAMOND, ribbon=Ribbon.CURVED, bottom="W" * 40)
    assert draw_design(replace(design, bottom="W" * 8))

    with pytest.raises(InvalidInput) as refusal:
        draw_design(design)

    assert refusal.value.field == "bottom"


def test_words_that_are_hard_to_read_are_told() -> None:
    design = Design(ground="#ffffff", second="#222222", ink="#eeeeee", fill=Fill.PLAIN, has_band=False)

    assert design.hard_to_read == ["ground"]
    assert replace(design, has_band=True).hard_to_read == ["ground"]
    assert replace(design, ink="#444444", has_band=True).hard_to_read == ["second"]
    assert replace(design, ink="#444444").hard_to_read == []
    assert replace(design, accent="#f0f0f0").ribbon_ink == "#17211d"


def test_all_palettes_and_ready_made_designs_can_be_read() -> None:
    for colour in ("", "#1d6b50", "#ffe000", "#ffffff", "#000000", "#777777"):
        for palette in palettes_of(colour):
            assert contrast(palette.ink, palette.ground) >= 3, (colour, palette.name)
    assert [one.name for one in SAMPLES if one.design.hard_to_read] == []


def test_variation_keeps_the_words_and_fits() -> None:
    design = Design(top="A rather long title of a badge", bottom="An organization", ribbon=Ribbon.CURVED)
    design = replace(design, ribbon_text="First responder 2026", emblem="heart-fill", text="II")

    variations = [varied(design, colour="#7a1f5c", seed=seed) for seed in range(20)]

    assert variations[3] == varied(design, colour="#7a1f5c", seed=3)
    assert len(set(variations)) == 20
    for one in variations:
        assert (one.words, one.emblem) == (design.words, "heart-fill")
        assert draw_design(one)


def test_look_of_another_design_leaves_the_words() -> None:
    design = Design(**WORDS)
    sample = SAMPLES[3].design

    taken = in_look_of(design, sample)
    without_ribbon = in_look_of(replace(design, ribbon=Ribbon.CURVED), SAMPLES[1].design)

    assert taken == replace(sample, **WORDS)
    assert without_ribbon == replace(SAMPLES[1].design, **WORDS, ribbon=Ribbon.CURVED)


def test_first_design_says_what_fits() -> None:
    short = first_design(title="Data literacy", organization="Bay Tree Academy", colour="#7a1f5c")
    long = first_design(title="A badge for whoever reads data", organization="🎓", colour="")

    assert (short.top, short.ribbon_text, short.ground) == ("Bay Tree Academy", "Data literacy", "#7a1f5c")
    assert (long.words, long.ribbon) == (("A badge for whoever reads data",), Ribbon.NONE)


def test_every_emblem_has_a_drawing_and_is_vendored() -> None:
    script = (BASE_DIR / "static/vendor/refresh.mjs").read_text()
    listed = re.findall(r'"([^"]+)"', script.partition("const EMBLEMS = [")[2].partition("];")[0])

    assert sorted(EMBLEMS) == listed
    assert all(emblem_drawing(name).startswith("<path") for name in EMBLEMS)
    assert len(EMBLEMS) >= 40


def test_kept_design_becomes_the_picture(template: BadgeTemplate) -> None:
    design = replace(SAMPLES[0].design, top="Acme", ribbon_text="2026")

    keep_design(template=template, design=design, by=None)

    version = current(template)
    names = rendition_names(str(version.image))
    sizes = {
        name: Image.open(default_storage.open(name)).size
        for name in (names.regular, names.high, names.thumbnail)
    }
    assert list(sizes.values()) == [(600, 600), (1200, 1200), (150, 150)]
    assert svg_of(version) == draw_design(design)
    assert version.design == design.kept()
    assert design_of(template=BadgeTemplate.objects.get(pk=template.pk)) == design


def test_design_again_replaces_the_picture_until_a_badge_was_issued(
    template: BadgeTemplate, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = SAMPLES[0].design, SAMPLES[1].design
    keep_design(template=template, design=first, by=None)
    replaced = str(current(template).image)
    with django_capture_on_commit_callbacks(execute=True):
        template = keep_design(template=template, design=second, by=None)
    sealed = current(template)
    assert (sealed.number, default_storage.exists(replaced)) == (1, False)
    factories.badge(template)

    template.refresh_from_db()
    keep_design(template=template, design=second, by=None)
    assert current(template) == sealed  # nothing is new, so no version is
    with django_capture_on_commit_callbacks(execute=True):
        keep_design(template=template, design=first, by=None)

    version = current(template)
    sealed.refresh_from_db()
    assert (version.number, version.design, sealed.design) == (2, first.kept(), second.kept())
    assert default_storage.exists(str(sealed.image))


def test_upload_ends_the_design_and_a_copy_has_it(template: BadgeTemplate) -> None:
    template = keep_design(template=template, design=SAMPLES[0].design, by=None)
    copy = duplicate_template(template=template, by=None)
    update_template(template=template, fields={"title": "Other"}, by=None)
    assert current(template).design == current(copy).design == SAMPLES[0].design.kept()

    keep_picture(template=template, kind="image", content=png(), by=None)

    assert (current(template).design, current(copy).design) == (None, SAMPLES[0].design.kept())
    remove_picture(template=copy, kind="image", by=None)
    assert (current(copy).design, str(current(copy).image)) == (None, "")


def test_logo_is_drawn_in_the_middle(acme: Organization, template: BadgeTemplate) -> None:
    design = replace(SAMPLES[0].design, centre=Centre.LOGO)
    with pytest.raises(InvalidInput) as refusal:
        keep_design(template=template, design=design, by=None)
    assert (refusal.value.field, str(current(template).image)) == ("centre", "")
    acme.logo = store_picture(prepare_picture(png(color="#ff0000"), allow_svg=False), folder="logos")
    acme.save()

    keep_design(template=BadgeTemplate.objects.get(pk=template.pk), design=design, by=None)

    version = current(template)
    middle = Image.open(default_storage.open(str(version.image))).convert("RGB").getpixel((300, 250))
    assert middle == (255, 0, 0)
    assert b"data:image/png;base64," in svg_of(version)


def test_design_of_an_older_designer_begins_anew(template: BadgeTemplate) -> None:
    version = current(template)
    version.design = {"shape": "cloud"}
    version.save()

    assert design_of(BadgeTemplate.objects.get(pk=template.pk)).ribbon_text == "Data literacy"
