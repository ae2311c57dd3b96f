"""The badge's page: what was earned, by whom, from whom, and whether it holds, verified while it is read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from badges.enums import BadgeStatus, Visibility
from badges.models import Badge
from badges.services.verifying import Finding, Verdict, verify_badge
from badges.views import answers
from badges.views.templates import has_more, learned_of, sentence_of

EXPIRES_SOON = timedelta(days=30)
LINKEDIN = "https://www.linkedin.com/profile/add"
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of the strip: its name, what it found, and what that means in plain words."""

    name: str
    finding: Finding
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A form of the badge to take away."""

    name: str
    url: str
    words: str


def badge_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the page of a badge that is not hidden. Found by search engines only when its earner made it public."""
    badge = (
        Badge.objects.reachable()
        .select_related("organization", "template", "version", "status_list")
        .filter(uuid=uuid)
        .first()
    )
    if badge is None:
        raise Http404
    verdict = verify_badge(badge)
    return answers.page(
        request,
        "public/badge.html",
        {
            "badge": badge,
            "version": badge.version,
            "organization": badge.organization,
            "sentence": sentence_of(badge.version),
            "has_more": has_more(badge.version),
            "status": status_word(badge),
            "checks": checks_of(badge, verdict),
            "checked_at": verdict.at,
            "learned": learned_of(badge.version),
            "results": results_of(badge),
            "card_words": card_words(badge),
            "image_url": f"{badge.version.public_url}/image.png",
            "downloads": downloads_of(badge),
            "linkedin_url": linkedin_url(badge),
            "is_reachable_elsewhere": settings.IS_SECURE
            and urlsplit(settings.PUBLIC_URL).hostname not in LOCAL_HOSTS,
        },
        is_indexed=badge.visibility == Visibility.PUBLIC,
    )


def card_words(badge: Badge) -> str:
    """Return the sentence under a shared link."""
    names = {"name": badge.recipient_name, "title": badge.version.title, "issuer": badge.organization.name}
    if badge.recipient_name:
        return _("%(name)s earned “%(title)s” from %(issuer)s.") % names
    return _("“%(title)s”, issued by %(issuer)s.") % names


def status_word(badge: Badge) -> str:
    """Return the word for _status.html: valid, expires_soon (within 30 days), expired, or revoked."""
    status = badge.status
    if status == BadgeStatus.VALID and badge.expires_at is not None:
        return "expires_soon" if badge.expires_at - timezone.now() <= EXPIRES_SOON else "valid"
    return "expired" if status == BadgeStatus.INVALID else str(status)


def checks_of(badge: Badge, verdict: Verdict) -> list[Check]:
    """Return the strip of checks in the order in which a verifier makes them."""
    return [
        Check(name=_("Signature"), finding=verdict.signature, words=_signature_words(verdict.signature)),
        Check(name=_("Issuer"), finding=verdict.issuer, words=_issuer_words(badge, verdict.issuer)),
        Check(name=_("Not revoked"), finding=verdict.not_revoked, words=_revocation_words(badge, verdict)),
        Check(name=_("Not expired"), finding=verdict.not_expired, words=_expiry_words(badge, verdict)),
    ]


def _signature_words(finding: Finding) -> str:
    return {
        Finding.PASSED: _("Nothing was changed since it was signed."),
        Finding.FAILED: _("The content does not fit its signature. Do not rely on this badge."),
        Finding.UNKNOWN: _("There is no signed document of this badge here."),
    }[finding]


def _issuer_words(badge: Badge, finding: Finding) -> str:
    name = badge.organization.name
    return {
        Finding.PASSED: _("Signed with a key that %(name)s publishes.") % {"name": name},
        Finding.FAILED: _("%(name)s does not publish the key that signed it, or has withdrawn it.")
        % {"name": name},
        Finding.UNKNOWN: _("Without a signed document it cannot be told who signed."),
    }[finding]


def _revocation_words(badge: Badge, verdict: Verdict) -> str:
    if verdict.not_revoked == Finding.PASSED:
        return _("The issuer has not taken it back.")
    if verdict.not_revoked == Finding.UNKNOWN:
        return _("The issuer's list of revoked badges could not be read.")
    if badge.revoked_at is None:
        return _("The issuer's list says that it was taken back.")
    return _("Taken back by the issuer on %(date)s.") % {"date": _day(badge, badge.revoked_at)}


def _expiry_words(badge: Badge, verdict: Verdict) -> str:
    if badge.expires_at is None:
        return _("It does not expire.") if verdict.not_expired == Finding.PASSED else _("It has expired.")
    date = _day(badge, badge.expires_at)
    if verdict.not_expired == Finding.PASSED:
        return _("Valid until %(date)s.") % {"date": date}
    return _("It expired on %(date)s.") % {"date": date}


def _day(badge: Badge, moment: datetime) -> str:
    """Return the day of an instant where the organization is."""
    return date_format(timezone.localtime(moment, ZoneInfo(badge.organization.time_zone)), "j M Y")


def results_of(badge: Badge) -> list[dict[str, Any]]:
    """Return the badge's results with the names that its version gives them: {name, value, max, status}."""
    described = {description["id"]: description for description in badge.version.result_descriptions}
    results = []
    for result in badge.results:
        description = described.get(result.get("result_description"), {})
        results.append(
            {
                "name": description.get("name") or _("Result"),
                "value": result.get("value"),
                "status": result.get("status"),
                "max": description.get("value_max"),
            }
        )
    return results


def downloads_of(badge: Badge) -> list[Download]:
    """Return the forms in which the badge can be taken away."""
    forms = [
        ("PNG", "ob3.png", _("A picture with the badge inside, for any wallet")),
        ("SVG", "ob3.svg", _("The same as a drawing")),
        ("JSON", "ob3.json", _("Open Badges 3.0, as signed")),
        ("JWT", "ob3.jwt", _("Open Badges 3.0 as a token")),
    ]
    if not badge.is_revoked:
        forms.append(("JSON 2.0", "ob2.json", _("Open Badges 2.0, for older software")))
    return [
        Download(name=name, url=f"{badge.public_path}/{file}?download=1", words=words)
        for name, file, words in forms
    ]


def linkedin_url(badge: Badge) -> str:
    """Return the link that adds the badge to the reader's LinkedIn profile."""
    query = {
        "startTask": "CERTIFICATION_NAME",
        "name": badge.version.title,
        "organizationName": badge.organization.name,
        "issueYear": badge.issued_at.year,
        "issueMonth": badge.issued_at.month,
        "certUrl": badge.public_url,
        "certId": str(badge.uuid),
    }
    if badge.expires_at is not None:
        query |= {"expirationYear": badge.expires_at.year, "expirationMonth": badge.expires_at.month}
    return f"{LINKEDIN}?{urlencode(query)}"
