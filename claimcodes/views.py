"""The public claim page: a code, an address, and the badge is there."""

import base64
import math
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from badges.exceptions import BadgeAlreadyHeld
from badges.models import Badge, BadgeTemplateVersion
from badges.services.pictures import png_of
from badges.views import answers
from badges.views.templates import sentence_of
from claimcodes.forms import ClaimForm
from claimcodes.guesses import TooManyGuesses, check_guesses, count_guess
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code
from config.clients import client_of
from config.exceptions import RuleBroken
from config.text import folded
from organizations.services.rates import count_act

# In ten minutes from one address, behind which a whole hall may sit that scans one poster: who would use up a code for many
# with made-up addresses, and have mails sent there, comes no further.
MAX_CLAIMS = 200


@require_http_methods(["GET", "HEAD", "POST"])
def claim_page(request: HttpRequest) -> HttpResponse:
    """Show the form, with the badge when `?code=` is usable; or claim, and lead to the badge's page.

    Needs no account and no session. Of a code that was used it tells that alone, never by whom.
    """
    is_claim = request.method == "POST"
    typed = request.POST if is_claim else request.GET
    if not is_claim and "code" not in typed:
        return _page(request, ClaimForm())
    client = client_of(request)
    try:
        check_guesses(client)
    except TooManyGuesses as refusal:
        return _waiting_page(request, ClaimForm(initial=typed.dict()), refusal)
    form = ClaimForm(typed, is_claim=is_claim)
    is_complete = form.is_valid()
    if form.is_unknown:
        count_guess(client, typed["code"])
    if is_claim and is_complete and form.claim_code is not None:
        seconds = count_act(f"claims:{client}"[:100], limit=MAX_CLAIMS)
        if seconds is not None:
            return _busy_page(request, form, seconds)
        response = _claim(form, form.claim_code)
        if response is not None:
            return response
    return _page(request, form)


def _claim(form: ClaimForm, code: ClaimCode) -> HttpResponse | None:
    """Claim with what was typed and lead to the badge; None when it was refused, and then the form says why."""
    started_at = timezone.now()
    try:
        claim = claim_code(
            claim_code=code,
            email=form.cleaned_data["email"],
            first_name=form.cleaned_data["first_name"],
            last_name=form.cleaned_data["last_name"],
        )
    except BadgeAlreadyHeld as refusal:
        held = Badge.objects.reachable().filter(uuid=(refusal.badge_url or "").rpartition("/")[2]).first()
        is_shown = held is not None and _is_named(held, form)
        form.refuse(BadgeAlreadyHeld(badge_url=refusal.badge_url if is_shown else None))
        return None
    except RuleBroken as refusal:
        form.refuse(refusal)
        return None
    badge, is_new = _badge_to_show(claim), claim.created_at >= started_at
    if badge is None or not (is_new or _is_named(badge, form)):
        form.refuse(BadgeAlreadyHeld())
        return None
    # The badge is celebrated when it is new, not when somebody comes back for it.
    return HttpResponseRedirect(f"{badge.public_path}{'?claimed=1' if is_new else ''}")


def _badge_to_show(claim: Claim) -> Badge | None:
    """Return the badge of a claim unless its earner has hidden it since."""
    return Badge.objects.reachable().filter(claim=claim).first()


def _is_named(badge: Badge, form: ClaimForm) -> bool:
    """Whether the name on a badge that was there before was typed too.

    Who clicks twice or comes back types it; a stranger with a code from a poster and somebody's address learns neither the
    name nor where the badge is. Everybody has the way by the mail.
    """
    typed = f"{form.cleaned_data['first_name']} {form.cleaned_data['last_name']}"
    return folded(" ".join(typed.split())) == folded(" ".join(badge.recipient_name.split()))


def _page(request: HttpRequest, form: ClaimForm, **more: Any) -> HttpResponse:
    """Answer the form, kept by no cache and found by no search engine; with the badge when its code can be used."""
    context: dict[str, Any] = {"form": form, **more}
    if form.is_bound and form.is_usable and form.claim_code is not None:
        template = form.claim_code.template
        version = template.current_version
        if version is not None:
            context |= {
                "version": version,
                "organization": template.organization,
                "sentence": sentence_of(version),
                "image_url": _picture(version),
            }
    return answers.page(request, "public/claim.html", context, is_indexed=False, is_private=True)


def _busy_page(request: HttpRequest, form: ClaimForm, seconds: int) -> HttpResponse:
    """Answer 429: so many badges were claimed from there that somebody may be using a code up."""
    minutes = math.ceil(seconds / 60)
    sentence = ngettext(
        "Very many badges were claimed from your network just now. Nothing is lost: try again in %(minutes)d minute.",
        "Very many badges were claimed from your network just now. Nothing is lost: try again in %(minutes)d minutes.",
        minutes,
    )
    form.add_error(None, sentence % {"minutes": minutes})
    response = _page(request, form)
    response.status_code = 429
    response["Retry-After"] = str(seconds)
    return response


def _waiting_page(request: HttpRequest, form: ClaimForm, refusal: TooManyGuesses) -> HttpResponse:
    """Answer 429 with the form as it was typed, and when to send it again."""
    seconds = max(1, math.ceil((refusal.retry_at - timezone.now()).total_seconds()))
    response = _page(request, form, minutes=math.ceil(seconds / 60))
    response.status_code = 429
    response["Retry-After"] = str(seconds)
    return response


def _picture(version: BadgeTemplateVersion) -> str:
    """Return the picture in the page itself: before the first badge it may have no address that others can ask."""
    return f"data:image/png;base64,{base64.b64encode(png_of(version)).decode()}"
