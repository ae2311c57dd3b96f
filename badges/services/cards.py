"""The picture of a shared link (Open Graph), 1200 x 630: of a badge, of what can be earned, and of an organization."""

import base64
import hashlib
from dataclasses import astuple, dataclass
from functools import lru_cache
from xml.sax.saxutils import escape

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from badges.models import Badge, BadgeTemplateVersion
from badges.services.drawing import colour_of, draw
from badges.services.lettering import BOLD, Fitted, drawable, fit, svg_lines
from badges.services.pictures import default_png, png_at
from organizations.models import Organization

WIDTH, HEIGHT = 1200, 630
TEXT_LEFT, TEXT_WIDTH = 520, 620
INK, SLATE, DANGER = "#17211d", "#4b5a54", "#b42318"
# Part of the ETag: raise it when cards are drawn in another way.
EDITION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is on a card. `picture` and `logo` are names in the storage, empty for Laurel's own badge and for no logo."""

    title: str
    above: str = ""
    below: str = ""
    issuer: str = ""
    picture: str = ""
    logo: str = ""
    colour: str = ""
    is_warning: bool = False
    has_picture: bool = True

    @property
    def digest(self) -> str:
        """What changes when the card does."""
        return hashlib.sha256(repr((EDITION, *astuple(self))).encode()).hexdigest()[:32]


def card_of_badge(badge: Badge) -> Card:
    """Return the card of a badge, in the badge's language; of one that does not hold any more it says so."""
    version, organization = badge.version, badge.organization
    with translation.override(version.language):
        above = _("Earned by") if drawable(badge.recipient_name) else ""
        is_warning = True
        if badge.is_revoked:
            above = _("Revoked")
        elif badge.expires_at is not None and badge.expires_at <= timezone.now():
            above = _("Expired")
        else:
            is_warning = False
    return Card(
        title=version.title,
        above=above,
        below=badge.recipient_name,
        issuer=organization.name,
        picture=str(version.image),
        logo=str(organization.logo),
        colour=organization.color_primary,
        is_warning=is_warning,
    )


def card_of_version(version: BadgeTemplateVersion, organization: Organization, sentence: str) -> Card:
    """Return the card of what can be earned."""
    return Card(
        title=version.title,
        below=sentence,
        issuer=organization.name,
        picture=str(version.image),
        logo=str(organization.logo),
        colour=organization.color_primary,
    )


def card_of_organization(organization: Organization, sentence: str) -> Card:
    """Return the card of an organization: its logo in the place of a badge."""
    return Card(
        title=organization.name,
        below=sentence,
        logo=str(organization.logo),
        colour=organization.color_primary,
        has_picture=False,
    )


@lru_cache(maxsize=32)
def draw_card(card: Card) -> bytes:
    """Return a card as PNG. Raises FileNotFoundError when a picture is not there."""
    is_person = bool(card.above)
    name = fit(card.below, width=TEXT_WIDTH, sizes=(40, 34), max_lines=2) if is_person else None
    title = fit(card.title, width=TEXT_WIDTH, sizes=(64, 56, 48, 42, 36), max_lines=4, font=BOLD)
    words = None if is_person else fit(card.below, width=TEXT_WIDTH, sizes=(30, 26), max_lines=3)
    issuer = fit(card.issuer, width=TEXT_WIDTH - 80, sizes=(30, 24), max_lines=2)
    above = drawable(card.above)
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Inter">',
        '<defs><radialGradient id="ground" cx="250" cy="302" r="420" gradientUnits="userSpaceOnUse">'
        '<stop offset="0" stop-color="#fbf3e2"/><stop offset="0.55" stop-color="#e7f3ee"/>'
        '<stop offset="1" stop-color="#ffffff"/></radialGradient></defs>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#ground)"/>',
        f'<rect y="{HEIGHT - 14}" width="{WIDTH}" height="14" fill="{colour_of(card.colour)}"/>',
        _picture(card),
    ]
    top = _top_of(title, name, words, has_above=bool(above))
    if above:
        colour = DANGER if card.is_warning else SLATE
        svg.append(_lines(Fitted(lines=(above,), size=30), top + 30, colour, 600 if card.is_warning else 400))
        top += 46
        if name is not None and name.lines:
            svg.append(_lines(name, top + name.size, INK, 600))
            top += len(name.lines) * name.size * 1.2 + 26
    svg.append(_lines(title, top + title.size * 0.9, INK, 600))
    top += len(title.lines) * title.size * 1.15 + 22
    if words is not None and words.lines:
        svg.append(_lines(words, top + words.size * 0.9, SLATE, 400, leading=1.4))
    if issuer.lines:
        left = TEXT_LEFT
        if card.logo:
            svg.append(_image(png_at(card.logo), TEXT_LEFT, 512, 60))
            left += 78
        y = 552 - (len(issuer.lines) - 1) * issuer.size * 0.6
        svg.append(svg_lines(issuer, x=left, y=y, leading=1.2, fill=SLATE, weight=600))
    svg.append("</svg>")
    texts = [above, title.text, issuer.text, *(one.text for one in (name, words) if one is not None)]
    return draw("".join(svg), width=WIDTH, height=HEIGHT, texts=texts)


def _top_of(title: Fitted, name: Fitted | None, words: Fitted | None, *, has_above: bool) -> float:
    """Return where the words begin, so that they stand in the middle above the issuer."""
    height = len(title.lines) * title.size * 1.15
    if has_above:
        height += 46
    if name is not None and name.lines:
        height += len(name.lines) * name.size * 1.2 + 26
    if words is not None and words.lines:
        height += len(words.lines) * words.size * 1.4 + 22
    return max(56.0, (490 - height) / 2)


def _lines(fitted: Fitted, y: float, fill: str, weight: int, leading: float = 1.15) -> str:
    return svg_lines(fitted, x=TEXT_LEFT, y=y, leading=leading, fill=fill, weight=weight)


def _picture(card: Card) -> str:
    if card.has_picture:
        return _image(png_at(card.picture) if card.picture else default_png(), 70, 112, 380)
    if card.logo:
        return _image(png_at(card.logo), 110, 162, 280)
    # Without a logo its first letter stands for it.
    initial = drawable(card.title)[:1].upper()
    return (
        f'<circle cx="250" cy="302" r="140" fill="{colour_of(card.colour)}"/><text x="250" y="355" font-size="150"'
        f' font-weight="600" fill="#ffffff" text-anchor="middle">{escape(initial)}</text>'
    )


def _image(png: bytes, x: int, y: int, size: int) -> str:
    return (
        f'<image x="{x}" y="{y}" width="{size}" height="{size}" preserveAspectRatio="xMidYMid meet"'
        f' href="data:image/png;base64,{base64.b64encode(png).decode()}"/>'
    )
