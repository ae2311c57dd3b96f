"""Claim codes as files, to be printed or sent: CSV and plain text, written while they are sent."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import tzinfo

from claimcodes.models import ClaimCode
from claimcodes.querysets import ClaimCodeQuerySet
from config.api.issuer.fields import spaced
from organizations.services.workbooks import safe

CHUNK = 2_000
HEADINGS = (
    "code",
    "claim_url",
    "claimed",
    "multiuse",
    "max_uses",
    "uses",
    "email",
    "expires_at",
    "created_at",
)
BOM = b"\xef\xbb\xbf"  # without it some spreadsheets take UTF-8 for another encoding


def codes_as_csv(codes: ClaimCodeQuerySet, zone: tzinfo) -> Iterator[bytes]:
    """Yield the codes in the order in which they were made, with their addresses; times are those of the zone.

    Texts that a spreadsheet would take for a formula have an apostrophe before them.
    """
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(HEADINGS)
    yield BOM + page.getvalue().encode()
    for chunk in _chunks(codes):
        page.seek(0)
        page.truncate()
        writer.writerows(
            (
                safe(row.code),
                row.public_url,
                int(row.is_claimed),
                int(row.is_multiuse),
                row.max_uses,
                row.uses,
                safe(row.email or ""),
                spaced(row.expires_at, zone),
                spaced(row.created_at, zone),
            )
            for row in chunk
        )
        yield page.getvalue().encode("utf-8", "replace")


def codes_as_text(codes: ClaimCodeQuerySet) -> Iterator[bytes]:
    """Yield the codes as they are, one a line."""
    for chunk in _chunks(codes):
        yield "".join(f"{row.code}\n" for row in chunk).encode("utf-8", "replace")


def _chunks(codes: ClaimCodeQuerySet) -> Iterator[Sequence[ClaimCode]]:
    """Yield the rows in pieces; each is a query of its own, so that no connection is held by a slow reader's transaction."""
    last = 0
    while chunk := list(codes.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk
