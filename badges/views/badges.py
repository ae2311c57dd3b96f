"""The badge's page: what was earned, by whom, from whom, and whether it holds, verified while it is read."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from badges.enums import BadgeStatus, Visibility
from badges.models import Badge
from badges.services.recipient_checks import was_issued_to
from badges.services.verifying import Finding, Verdict, verify_badge
from badges.views import answers, structured_data
from badges.views.templates import has_more, learned_of, sentence_of
from config.clients import client_of
from organizations.exceptions import TooManyTries

EXPIRES_SOON = timedelta(days=30)
LINKEDIN = "https://www.linkedin.com/profile/add"
EMBED_WIDTH, EMBED_HEIGHT = 480, 168  # pixels, of the card in others' pages
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


class RecipientForm(forms.Form):
    """The address to which a badge may have been issued."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Type the address that you want to know about.")},
    )


def badge_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the page of a badge that is not hidden. Found by search engines only when its earner made it public."""
    return _page(request, _reachable(uuid), RecipientForm())


# It changes nothing and needs no session: without a token, the badge's page sets no cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def recipient_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the badge's page with one more check: whether it was issued to the address that was typed."""
    badge = _reachable(uuid)
    if request.method != "POST":
        return HttpResponseRedirect(f"{badge.public_path}#recipient")
    form = RecipientForm(request.POST)
    if not form.is_valid():
        return _page(request, badge, form, status=400)
    email = form.cleaned_data["email"]
    try:
        is_theirs = was_issued_to(badge=badge, email=email, client=client_of(request))
    except TooManyTries as refusal:
        form.add_error("email", _waiting_words(refusal))
        response = _page(request, badge, form, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    words = (
        _("It was issued to %(email)s.")
        if is_theirs
        else _("It was issued to another address than %(email)s.")
    )
    check = Check(
        name=_("Recipient"),
        finding=Finding.PASSED if is_theirs else Finding.FAILED,
        words=words % {"email": email},
    )
    return _page(request, badge, form, recipient=check)


def _waiting_words(refusal: TooManyTries) -> str:
    minutes = math.ceil(refusal.retry_after / 60)
    return ngettext(
        "Too many addresses were tried. Nothing is locked; try again in %(count)d minute.",
        "Too many addresses were tried. Nothing is locked; try again in %(count)d minutes.",
        minutes,
    ) % {"count": minutes}


def _reachable(uuid: UUID) -> Badge:
    badges = Badge.objects.reachable().select_related("organization", "template", "version", "status_list")
    badge = badges.filter(uuid=uuid).first()
    if badge is None:
        raise Http404
    return badge


def _page(
    request: HttpRequest,
    badge: Badge,
    form: RecipientForm,
    *,
    recipient: Check | None = None,
    status: int = 200,
) -> HttpResponse:
    verdict = verify_badge(badge)
    response = answers.page(
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
            "recipient": recipient,
            "form": form,
            "checked_at": verdict.at,
            "learned": learned_of(badge.version),
            "results": results_of(badge),
            "card_words": card_words(badge),
            "image_url": f"{badge.version.public_url}/image.png",
            "card_url": f"{badge.public_url}/card.png",
            "iframe": iframe_of(badge),
            "oembed_url": f"{settings.PUBLIC_URL}{reverse('oembed')}?{urlencode({'url': badge.public_url})}",
            "structured_data": structured_data.of_badge(badge, sentence_of(badge.version)),
            "downloads": downloads_of(badge),
            "linkedin_url": linkedin_url(badge),
            "is_reachable_elsewhere": settings.IS_SECURE
            and urlsplit(settings.PUBLIC_URL).hostname not in LOCAL_HOSTS,
        },
        is_indexed=badge.visibility == Visibility.PUBLIC and not form.is_bound,
        is_private=form.is_bound,
    )
    response.status_code = status
    return response


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
    return date_format(timezone.localtime(moment, ZoneInfo(badge.organization.time_zone)), "DATE_FORMAT")


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
        ("PDF", "certificate.pdf", _("A certificate for paper, with a code that leads here")),
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


def iframe_of(badge: Badge, *, width: int = EMBED_WIDTH, height: int = EMBED_HEIGHT) -> str:
    """Return the HTML that shows the badge's card in another page."""
    return format_html(
        '<iframe src="{}/card" title="{}" width="{}" height="{}" loading="lazy"'
        ' style="border:0;max-width:100%"></iframe>',
        badge.public_url,
        badge.version.title,
        width,
        height,
    )


def linkedin_url(badge: Badge) -> str:
    """Return the link that adds the badge to the reader's LinkedIn profile."""
    zone = ZoneInfo(badge.organization.time_zone)
    issued_on = timezone.localdate(badge.issued_at, zone)
    query = {
        "startTask": "CERTIFICATION_NAME",
        "name": badge.version.title,
        "organizationName": badge.organization.name,
        "issueYear": issued_on.year,
        "issueMonth": issued_on.month,
        "certUrl": badge.public_url,
        "certId": str(badge.uuid),
    }
    if badge.expires_at is not None:
        expires_on = timezone.localdate(badge.expires_at, zone)
        query |= {"expirationYear": expires_on.year, "expirationMonth": expires_on.month}
    return f"{LINKEDIN}?{urlencode(query)}"
