"""The picture of a badge: that of its template as it was uploaded, or Laurel's own."""

import base64
import io
import re

from django.core.files.storage import default_storage
from PIL import Image

from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.pictures import png_of, svg_of
from organizations.models import Organization
from organizations.pictures import prepare_picture, rendition_names, store_picture
from tests import factories

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60"><circle cx="45" cy="30" r="20" fill="#1d6b50"/></svg>'


def version_with(organization: Organization, content: bytes) -> BadgeTemplateVersion:
    """Return the version of a template with this picture."""
    name = store_picture(prepare_picture(content, allow_svg=True), folder="pictures")
    version = factories.template(organization, image=name).current_version
    assert version is not None
    return version


def photograph() -> bytes:
    """A JPEG of 90 by 60 pixels."""
    content = io.BytesIO()
    Image.new("RGB", (90, 60), "#1d6b50").save(content, "JPEG")
    return content.getvalue()


def test_template_without_a_picture_has_that_of_laurel(template: BadgeTemplate) -> None:
    version = template.current_version
    assert version is not None

    assert Image.open(io.BytesIO(png_of(version))).size == (600, 600)
    assert svg_of(version).lstrip().startswith(b"<svg")


def test_uploaded_svg_is_given_as_svg_and_drawn_as_png(acme: Organization) -> None:
    version = version_with(acme, SVG)

    svg = svg_of(version)

    assert b"<circle" in svg
    with default_storage.open(rendition_names(str(version.image)).svg, "rb") as file:
        file.seek(0)
        assert file.read() == svg
    assert Image.open(io.BytesIO(png_of(version))).format == "PNG"


def test_uploaded_photograph_is_given_as_svg_that_holds_the_png(acme: Organization) -> None:
    version = version_with(acme, photograph())

    svg = svg_of(version).decode()

    width, height = Image.open(io.BytesIO(png_of(version))).size
    assert (width, height) == (90, 60)
    assert f'viewBox="0 0 {width} {height}"' in svg
    held = re.search(r"data:image/png;base64,([^\"]+)", svg)
    assert held is not None
    assert base64.b64decode(held[1]) == png_of(version)
