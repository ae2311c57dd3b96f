"""The public claim page: a code, an address, and the badge is there."""

import base64
import math
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from badges.exceptions import BadgeAlreadyHeld
from badges.models import Badge, BadgeTemplateVersion
from badges.services.pictures import png_of
from badges.views import answers
from badges.views.templates import sentence_of
from claimcodes.forms import ClaimForm
from claimcodes.guesses import TooManyGuesses, check_guesses, client_of, count_guess
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code
from config.exceptions import RuleBroken


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
        form.refuse(BadgeAlreadyHeld(badge_url=_reachable(refusal.badge_url)))
        return None
    except RuleBroken as refusal:
        form.refuse(refusal)
        return None
    badge = _badge_to_show(claim)
    if badge is None:
        form.refuse(BadgeAlreadyHeld())
        return None
    # The badge is celebrated when it is new, not when somebody comes back for it.
    return HttpResponseRedirect(
        f"{badge.public_path}{'?claimed=1' if claim.created_at >= started_at else ''}"
    )


def _badge_to_show(claim: Claim) -> Badge | None:
    """Return the badge of a claim unless its earner has hidden it since."""
    return Badge.objects.reachable().filter(claim=claim).first()


def _reachable(badge_url: str | None) -> str | None:
    """Return the address of a badge unless its earner has hidden it."""
    uuid = (badge_url or "").rpartition("/")[2]
    return badge_url if uuid and Badge.objects.reachable().filter(uuid=uuid).exists() else None


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
