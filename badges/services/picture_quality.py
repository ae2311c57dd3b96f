"""Whether a picture serves as that of a badge elsewhere: a PNG of fitting size, about square."""

import struct

from django.utils.translation import gettext as _

from badges.services.findings import Finding, Reporter

MAX_BYTES = 1024 * 1024  # larger ones are refused by some backpacks
MIN_PIXELS = 90  # Open Badges 2.0, section Implementation of images
MAX_RATIO = 1.25
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def check_picture(report: Reporter, what: str, content: bytes, *, is_square: bool) -> list[Finding]:
    """Return what is wrong with a picture; `is_square` for those that others show in a square."""
    if not content.startswith(SIGNATURE) or content[12:16] != b"IHDR" or len(content) < 24:
        return [
            report.error(
                _("%(what)s is not a PNG file, so no badge can be woven into it.") % {"what": what},
                _("Upload the picture again."),
            )
        ]
    width, height = struct.unpack(">II", content[16:24])  # PNG section 11.2.2
    found = []
    if len(content) > MAX_BYTES:
        found.append(
            report.warning(
                _("%(what)s has %(size).1f MB: some software refuses badges of more than 1 MB.")
                % {"what": what, "size": len(content) / MAX_BYTES},
                _("Upload a picture with fewer details or colours."),
            )
        )
    if min(width, height) < MIN_PIXELS:
        found.append(
            report.warning(
                _("%(what)s has only %(width)d × %(height)d pixels: it looks blurred, or is refused.")
                % {"what": what, "width": width, "height": height},
                _("Upload one of at least 400 × 400 pixels."),
            )
        )
    if is_square and max(width, height) > MAX_RATIO * min(width, height):
        found.append(
            report.warning(
                _("%(what)s has %(width)d × %(height)d pixels: others show badges in a square.")
                % {"what": what, "width": width, "height": height},
                _("Upload one that is as wide as high."),
            )
        )
    return found
