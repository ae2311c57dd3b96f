"""Claim codes on paper and on screens: QR codes, sheets of labels, posters."""

import io
from dataclasses import dataclass

import segno
from django.utils.translation import gettext_lazy as _

MAX_ON_SHEETS = 480  # codes of one print: twenty sheets of labels


@dataclass(frozen=True, slots=True)
class Layout:
    """How codes stand on a sheet of A4."""

    name: str
    label: object
    on_a_sheet: int


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("labels24", _("Labels, 24 on a sheet (70 × 37 mm)"), 24),
        Layout("labels10", _("Labels, 10 on a sheet (105 × 57 mm)"), 10),
        Layout("cards", _("Cards to cut, 8 on a sheet"), 8),
        Layout("poster", _("Posters, one code on a sheet"), 1),
    )
}


def qr_svg(address: str) -> bytes:
    """Return the QR code of an address as SVG that fills whatever it is put in; readable with 15 % of it damaged."""
    output = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        output, kind="svg", border=2, scale=8, xmldecl=False, omitsize=False
    )
    return output.getvalue()


def qr_png(address: str) -> bytes:
    """Return it as PNG, large enough for a poster."""
    output = io.BytesIO()
    segno.make(address, error="m", micro=False).save(output, kind="png", border=4, scale=24)
    return output.getvalue()


def qr_uri(address: str) -> str:
    """Return it as an address that has all of it in itself, for the pages that are printed."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=2))
