"""The certificate of a badge: one sheet of paper (PDF, A4 landscape) that leads back to the badge by its QR code.

Text that Inter can write stays text. Other scripts, whose letters join or change their places, are drawn as pictures
with the fonts that have them, so that every name comes out right and no empty boxes are printed.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import segno
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from PIL import Image
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from badges.models import Badge
from badges.services.drawing import colour_of, draw
from badges.services.lettering import (
    BOLD,
    FONTS,
    REGULAR,
    Fitted,
    drawable,
    fit,
    is_plain,
    svg_lines,
    width_of,
)
from badges.services.pictures import default_png, png_at
from organizations.richtext import plain_text

EDITION = 1  # part of the digest: raise it when certificates are drawn in another way
PAGE_WIDTH, PAGE_HEIGHT = landscape(A4)
MARGIN = 16 * mm
MIDDLE = PAGE_WIDTH / 2
TEXT_WIDTH = 200 * mm
INK, SLATE, LINE, DANGER = HexColor("#17211d"), HexColor("#4b5a54"), HexColor("#dfe5e2"), HexColor("#b42318")
PIXELS_PER_POINT = 300 / 72
MAX_CRITERIA = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is on the sheet, in words as they are printed. `picture` and `logo` are names in the storage, or empty."""

    language: str
    issuer: str
    colour: str
    title: str
    certifies: str
    earner: str
    has_earned: str
    dates: str
    criteria: str
    scan: str
    address: str
    notice: str = ""
    picture: str = ""
    logo: str = ""
    subject: str = ""

    @property
    def digest(self) -> str:
        """What changes when the sheet does."""
        return hashlib.sha256(f"{EDITION}{self!r}".encode()).hexdigest()[:32]


def certificate_of(badge: Badge) -> Certificate:
    """Return what the certificate of a badge says, in the badge's language and the organization's days."""
    version, organization = badge.version, badge.organization
    with translation.override(version.language):
        dates = [_("Issued on %(date)s") % {"date": _day(badge, badge.issued_at)}]
        if badge.expires_at is not None:
            dates.append(_("Valid until %(date)s") % {"date": _day(badge, badge.expires_at)})
        notice = ""
        if badge.revoked_at is not None:
            notice = _("Revoked on %(date)s") % {"date": _day(badge, badge.revoked_at)}
        elif badge.expires_at is not None and badge.expires_at <= timezone.now():
            notice = _("Expired on %(date)s") % {"date": _day(badge, badge.expires_at)}
        earner = drawable(badge.recipient_name)
        if badge.recipient_name and not earner:
            earner = _("The name stands on the badge's page")
        return Certificate(
            language=version.language,
            issuer=organization.name,
            colour=colour_of(organization.color_primary),
            title=version.title,
            certifies=_("This certifies that") if earner else "",
            earner=earner,
            has_earned=_("has earned the badge") if earner else _("The badge"),
            dates="  ·  ".join(dates),
            criteria=_criteria(badge),
            scan=_("Scan the code, or open this address, to see whether the badge still holds."),
            address=badge.public_url,
            notice=notice,
            picture=str(version.image),
            logo=str(organization.logo),
            subject=_("Certificate of an Open Badge"),
        )


def _day(badge: Badge, moment: datetime) -> str:
    return date_format(timezone.localtime(moment, ZoneInfo(badge.organization.time_zone)), "j F Y")


def _criteria(badge: Badge) -> str:
    """Return what it took, in short."""
    version = badge.version
    listed = "; ".join(str(criterion["description"]) for criterion in version.criteria)
    text = (
        plain_text(version.assignment_criteria)
        or listed
        or version.strapline
        or plain_text(version.description)
    )
    return text if len(text) <= MAX_CRITERIA else text[:MAX_CRITERIA].rsplit(" ", 1)[0] + "…"


@lru_cache(maxsize=32)
def draw_certificate(certificate: Certificate) -> bytes:
    """Return the sheet as PDF, the same bytes for the same words. Raises FileNotFoundError when a picture is not there."""
    _register_fonts()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, lang=certificate.language)
    canvas.setTitle(
        f"{certificate.title} · {certificate.earner}" if certificate.earner else certificate.title
    )
    canvas.setAuthor(certificate.issuer)
    canvas.setSubject(certificate.subject)
    canvas.setCreator("Laurel")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    _Sheet(canvas, certificate).draw()
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _register_fonts() -> None:
    for name in (REGULAR, BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))


class _Sheet:
    """One sheet while it is drawn, from the top down. Lengths are in points, from the lower left corner."""

    def __init__(self, canvas: Canvas, certificate: Certificate) -> None:
        self.canvas, self.certificate = canvas, certificate
        self.colour = HexColor(certificate.colour)

    def draw(self) -> None:
        """Draw all of it."""
        words = self.certificate
        self._frame()
        self._issuer()
        y = self._centred_picture(PAGE_HEIGHT - 20 * mm, 48 * mm) - 8 * mm
        if words.certifies:
            y = self._centred(words.certifies, y, sizes=(13,), colour=SLATE) - 3 * mm
            y = (
                self._centred(words.earner, y, sizes=(36, 30, 25, 20), font=BOLD, colour=INK, max_lines=2)
                - 3 * mm
            )
        y = self._centred(words.has_earned, y, sizes=(13,), colour=SLATE) - 3 * mm
        y = self._centred(
            words.title, y, sizes=(30, 26, 22, 18), font=BOLD, colour=self.colour_of_text(), max_lines=2
        )
        if words.notice:
            y -= 2 * mm
            y = self._centred(words.notice, y, sizes=(13,), font=BOLD, colour=DANGER)
        if words.criteria:
            self._centred(words.criteria, y - 3 * mm, sizes=(11, 10), colour=SLATE, max_lines=2)
        self._foot()

    def colour_of_text(self) -> Color:
        """Return the organization's colour where it can be read on white, else ink."""
        red, green, blue = (
            channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
            for channel in self.colour.rgb()
        )
        luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue  # WCAG 2.2, relative luminance
        return self.colour if 1.05 / (luminance + 0.05) >= 4.5 else INK

    def _frame(self) -> None:
        canvas = self.canvas
        canvas.setFillColor(self.colour)
        canvas.rect(0, PAGE_HEIGHT - 5 * mm, PAGE_WIDTH, 5 * mm, stroke=0, fill=1)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.6)
        canvas.roundRect(9 * mm, 9 * mm, PAGE_WIDTH - 18 * mm, PAGE_HEIGHT - 23 * mm, 3 * mm)

    def _issuer(self) -> None:
        left, baseline = MARGIN, PAGE_HEIGHT - 28 * mm
        if self.certificate.logo:
            self._picture(png_at(self.certificate.logo), left, baseline - 5 * mm, 14 * mm)
            left += 18 * mm
        name = fit(self.certificate.issuer, width=84 * mm, sizes=(14, 12, 10), max_lines=2, font=BOLD)
        top = baseline + (len(name.lines) - 1) * name.size * 0.6
        for number, line in enumerate(name.lines):
            self._line(line, left, top - number * name.size * 1.2, name.size, BOLD, INK)

    def _centred_picture(self, top: float, size: float) -> float:
        """Draw the badge's picture in the middle; return where it ends."""
        picture = png_at(self.certificate.picture) if self.certificate.picture else default_png()
        self._picture(picture, MIDDLE - size / 2, top - size, size)
        return top - size

    def _picture(self, png: bytes, x: float, y: float, size: float) -> None:
        with Image.open(io.BytesIO(png)) as opened:
            self.canvas.drawImage(
                ImageReader(opened.convert("RGBA")), x, y, size, size, mask="auto", preserveAspectRatio=True
            )

    def _centred(
        self,
        text: str,
        y: float,
        *,
        sizes: tuple[float, ...],
        colour: Color,
        font: str = REGULAR,
        max_lines: int = 1,
    ) -> float:
        """Write a text in the middle, its top at `y`; return where it ends."""
        fitted = fit(text, width=TEXT_WIDTH, sizes=sizes, max_lines=max_lines, font=font, is_balanced=True)
        for line in fitted.lines:
            self._line(line, MIDDLE, y - fitted.size * 0.8, fitted.size, font, colour, is_centred=True)
            y -= fitted.size * 1.25
        return y

    def _line(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        font: str,
        colour: Color,
        *,
        is_centred: bool = False,
    ) -> None:
        """Write a line, its base at `y`: as text, or where Inter does not do, as a picture of it."""
        if not is_plain(text):
            self._drawn_line(text, x, y, size, font, colour, is_centred=is_centred)
            return
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(colour)
        if is_centred:
            self.canvas.drawCentredString(x, y, text)
        else:
            self.canvas.drawString(x, y, text)

    def _drawn_line(
        self, text: str, x: float, y: float, size: float, font: str, colour: Color, *, is_centred: bool
    ) -> None:
        width, height = width_of(text, size, font) * 1.15 + size, size * 2
        line = svg_lines(
            Fitted(lines=(text,), size=size),
            x=width / 2 if is_centred else 0,
            y=size * 1.4,
            leading=1,
            fill=f"#{colour.hexval()[2:]}",
            weight=600 if font == BOLD else 400,
            anchor="middle" if is_centred else "start",
        )
        view = f'viewBox="0 0 {width:.2f} {height:.2f}" font-family="Inter"'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" {view}>{line}</svg>'
        pixels = (round(width * PIXELS_PER_POINT), round(height * PIXELS_PER_POINT))
        with Image.open(io.BytesIO(draw(svg, width=pixels[0], height=pixels[1], texts=[text]))) as opened:
            self.canvas.drawImage(
                ImageReader(opened.convert("RGBA")),
                x - width / 2 if is_centred else x,
                y - (height - size * 1.4),
                width,
                height,
                mask="auto",
            )

    def _foot(self) -> None:
        words, canvas = self.certificate, self.canvas
        side, bottom = 26 * mm, 14 * mm
        self._qr_code(PAGE_WIDTH - MARGIN - side, bottom, side)
        width = PAGE_WIDTH - 2 * MARGIN - side - 8 * mm
        self._line(words.dates, MARGIN, bottom + 20 * mm, 12, BOLD, INK)
        scan = fit(words.scan, width=width, sizes=(9,), max_lines=2)
        for number, line in enumerate(scan.lines):
            self._line(line, MARGIN, bottom + 9 * mm - number * 11, 9, REGULAR, SLATE)
        address = fit(words.address, width=width, sizes=(9, 8, 7), max_lines=2)
        for number, line in enumerate(address.lines):
            self._line(
                line, MARGIN, bottom + 9 * mm - (len(scan.lines) + number) * 12, address.size, REGULAR, INK
            )
        canvas.linkURL(words.address, (MARGIN, bottom, PAGE_WIDTH - MARGIN, bottom + side))

    def _qr_code(self, x: float, y: float, side: float) -> None:
        rows = [list(row) for row in segno.make(self.certificate.address, error="m", micro=False).matrix]
        module = side / len(rows)
        self.canvas.setFillColor(INK)
        for number, row in enumerate(rows):
            column = 0
            while column < len(row):
                end = column
                while end < len(row) and row[end]:
                    end += 1
                if end > column:
                    top = y + side - (number + 1) * module
                    self.canvas.rect(
                        x + column * module, top, (end - column) * module, module, stroke=0, fill=1
                    )
                column = end + 1
