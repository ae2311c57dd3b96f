"""Claim codes as BadgeKit's claimCode object, as text and as CSV; and the claims that were made with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from badges.api.badgekit_bodies import instant
from badges.services.documents import hosted_url
from claimcodes.models import Claim, ClaimCode

PLAIN = ("id", "code", "is_claimed", "email", "is_multiuse")
EXTENDED = (*PLAIN, "uses", "max_uses", "expires_at", "created_at")
CSV_HEAD = (
    *("code", "claimed", "multiuse", "email", "uses", "maxUses", "expires", "created"),
    "claimUrl",
)
# A spreadsheet takes what begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def code_body(code: ClaimCode, *, is_extended: bool = False) -> dict[str, Any]:
    """Return the claimCode object of seed 004; extended with what old clients do not know."""
    return row_body([getattr(code, name) for name in (EXTENDED if is_extended else PLAIN)])


def row_body(row: Sequence[Any]) -> dict[str, Any]:
    """Return the claimCode object of the values of PLAIN, or of EXTENDED."""
    pk, code, is_claimed, email, is_multiuse, *more = row
    body = {"id": pk, "code": code, "claimed": is_claimed, "email": email, "multiuse": is_multiuse}
    if more:
        uses, max_uses, expires_at, created_at = more
        body |= {
            "uses": uses,
            "maxUses": max_uses,
            "expires": instant(expires_at) if expires_at else None,
            "created": instant(created_at),
            "claimUrl": _claim_url(code),
        }
    return body


def created_body(code: ClaimCode, *, has_email: bool, is_extended: bool = False) -> dict[str, Any]:
    """Return a code that was just made: as in seed 004 without `email` where none was sent."""
    body = code_body(code, is_extended=is_extended)
    if not has_email:
        del body["email"]
    return body


def claim_body(claim: Claim) -> dict[str, Any]:
    """Return who used a code, when, and the badge that it gave; needs `badge`."""
    return {
        "id": claim.pk,
        "email": claim.email or None,
        "claimedOn": instant(claim.created_at),
        "assertionUrl": hosted_url(claim.badge) if claim.badge else None,
        "revoked": claim.badge.is_revoked if claim.badge else False,
    }


def as_text(codes: QuerySet[ClaimCode]) -> str:
    """Return the codes alone, one on a line, for printing."""
    return "".join(f"{code}\n" for code in codes.values_list("code", flat=True))


def as_csv(codes: QuerySet[ClaimCode]) -> str:
    """Return all about the codes as CSV (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(CSV_HEAD)
    for row in codes.values_list(*EXTENDED):
        writer.writerow(_cells(row))
    return output.getvalue()


def _cells(row: Sequence[Any]) -> Iterable[str]:
    values = list(row_body(row).values())[1:]
    for value in (values[0], values[1], values[3], values[2], *values[4:]):
        text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        yield f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _claim_url(code: str) -> str:
    return ClaimCode(code=code).public_url
