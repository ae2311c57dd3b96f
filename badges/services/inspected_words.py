"""What is said of an inspected badge in whichever standard it is: times, recipients, and keys that cannot be had."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from badges.services.foreign_documents import CLOCK_TOLERANCE
from badges.services.inspections import Inspection
from badges.services.verifying import Finding


def do_not_rely() -> str:
    """Return what to do with a badge that is not sound."""
    return _("Do not rely on it. Ask its issuer, at an address that you know yourself.")


def ask_later() -> str:
    """Return what to do when something could not be had."""
    return _("Try again later. If it stays so, ask its issuer.")


def missing_key(inspection: Inspection, reason: str, *, is_unreached: bool) -> None:
    """Say that the key that signed a badge could not be had, or is not its issuer's."""
    inspection.signature(
        Finding.UNKNOWN, _("Without the issuer's key it cannot be told whether something was changed.")
    )
    if is_unreached:
        inspection.issuer(Finding.UNKNOWN, reason, ask_later())
    else:
        inspection.issuer(Finding.FAILED, reason, do_not_rely())


def say_times(inspection: Inspection, issued_at: datetime | None, expires_at: datetime | None) -> None:
    """Note when a badge was issued and when it expires, and say whether it is valid now."""
    inspection.issued_at, inspection.expires_at = issued_at, expires_at
    now = timezone.now()
    if issued_at is not None and issued_at > now + CLOCK_TOLERANCE:
        inspection.times(
            Finding.FAILED, _("It is dated in the future: %(date)s.") % {"date": _day(issued_at)}
        )
    elif expires_at is None:
        inspection.times(Finding.PASSED, _("It does not expire."))
    elif expires_at <= now:
        inspection.times(
            Finding.FAILED,
            _("It expired on %(date)s.") % {"date": _day(expires_at)},
            _("It was good until then. Its issuer can tell whether there is a newer one."),
        )
    else:
        inspection.times(Finding.PASSED, _("Valid until %(date)s.") % {"date": _day(expires_at)})


def recipient_is_right(inspection: Inspection, email: str) -> None:
    """Say that a badge was issued to an address."""
    inspection.recipient(Finding.PASSED, _("It was issued to %(email)s.") % {"email": email})


def recipient_is_another(inspection: Inspection, email: str) -> None:
    """Say that a badge was issued to another address."""
    inspection.recipient(
        Finding.FAILED,
        _("It was issued to another address than %(email)s.") % {"email": email},
        _("People have several addresses. Ask for the one that they earned it with."),
    )


def _day(moment: datetime) -> str:
    return date_format(moment, "DATE_FORMAT")
