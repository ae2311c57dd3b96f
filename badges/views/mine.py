"""The pages of who earned badges: all of theirs, one with its settings, and the page on which they show them."""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from badges.enums import Visibility
from badges.exceptions import BadgeUnknown
from badges.models import Badge, ImportedBadge
from badges.services.accepting import note_opened
from badges.services.my_badges import (
    MyPath,
    State,
    collection_of,
    find_mine,
    is_waiting,
    list_mine,
    narrowed,
    paths_of,
    show_badge,
    show_imported,
    shown_picture,
    states_of,
    status_word,
)
from badges.services.pictures import png_at
from badges.services.sharing import MAX_NOTE
from badges.views import answers
from badges.views.badges import downloads_of, iframe_of, linkedin_url
from earners.models import AccountEmail, EarnerAccount
from earners.views import visitors
from organizations.pictures import rendition_names

ON_A_PAGE = 48


class VisibilityForm(forms.Form):
    """Who may see a badge."""

    visibility = forms.ChoiceField(
        label=gettext_lazy("Who sees this badge?"),
        choices=[
            (Visibility.PUBLIC, gettext_lazy("Everybody: search engines, and your public page")),
            (Visibility.UNLISTED, gettext_lazy("Who has the link")),
            (Visibility.HIDDEN, gettext_lazy("Nobody: its page and files cannot be opened")),
        ],
        widget=forms.RadioSelect,
    )


class ImportedForm(forms.Form):
    """Whether a badge that was issued elsewhere is shown to others."""

    is_public = forms.BooleanField(
        label=gettext_lazy("Show it on my public page"),
        required=False,
        help_text=gettext_lazy(
            "With its name, issuer, day and picture, and a link to verify it. Your address is not shown."
        ),
    )


class ShareForm(forms.Form):
    """To whom a badge is mailed, and with which words."""

    email = forms.EmailField(
        label=gettext_lazy("To"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        error_messages={
            "required": gettext_lazy("Enter the e-mail address that it goes to."),
            "invalid": gettext_lazy("This is not an e-mail address. It looks like name@example.org."),
        },
    )
    note = forms.CharField(
        label=gettext_lazy("A few words"),
        max_length=MAX_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Plain text, without links. The mail says that it is from you, with your address."
        ),
    )


@dataclass(frozen=True, slots=True)
class PathWords:
    """A learning path as it is shown: how far, and what the next step takes (titles of badges, of which so many)."""

    title: str
    issuer: str
    done: int
    steps: int
    next_title: str
    missing: int
    choices: tuple[str, ...]


@require_safe
@visitors.for_account
def badges(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Show all badges of who is signed in, newest first; narrowed by `q`, `issuer`, `year` and `state`."""
    everything = list_mine(account)
    asked = {name: request.GET.get(name, "").strip()[:200] for name in ("q", "issuer", "year", "state")}
    found = narrowed(
        everything,
        search=asked["q"],
        issuer=asked["issuer"],
        year=asked["year"],
        state=asked["state"] if asked["state"] in State else "",
    )
    there = set().union(*(states_of(badge) for badge in everything))
    return visitors.page(
        request,
        "earner/badges.html",
        {
            "account": account,
            "addresses": AccountEmail.objects.filter(account=account, verified_at__isnull=False),
            "asked": asked,
            "can_bring": bool(settings.FOREIGN_BADGE_HOSTS),
            "is_narrowed": any(asked.values()),
            "has_any": bool(everything),
            "waiting_count": sum(badge.is_waiting for badge in everything),
            "states": [state for state in State if state in there or state == asked["state"]],
            "issuers": sorted({badge.issuer for badge in everything if badge.issuer}),
            "years": sorted({str(badge.issued_on.year) for badge in everything}, reverse=True),
            "page": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
            "paths": [_words(path) for path in paths_of(account)],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@visitors.for_account
def badge(request: HttpRequest, account: EarnerAccount, uuid: UUID) -> HttpResponse:
    """Show one badge of who is signed in, with who may see it; or settle that. Another's answers 404, as none does."""
    try:
        found = find_mine(account, uuid)
    except BadgeUnknown as error:
        raise Http404 from error
    if isinstance(found, ImportedBadge):
        return _imported(request, account, found)
    form = VisibilityForm(
        request.POST if request.method == "POST" else None, initial={"visibility": found.visibility}
    )
    if form.is_valid():
        show_badge(account=account, badge_id=uuid, visibility=Visibility(form.cleaned_data["visibility"]))
        messages.success(request, _("Saved."))
        return visitors.private(HttpResponseRedirect(reverse("my_badge", args=[uuid])))
    if request.method == "GET" and found.opened_at is None:
        note_opened(badge=found)
    return own_page(request, account, found, form=form)


@require_safe
@visitors.for_account
def picture(request: HttpRequest, account: EarnerAccount, uuid: UUID) -> HttpResponse:  # noqa: ARG001
    """Answer the picture of a badge that was issued elsewhere, as it is kept here."""
    row = ImportedBadge.objects.filter(account=account, uuid=uuid).exclude(image="").first()
    if row is None:
        raise Http404
    return visitors.private(_kept_picture(row.image))


@require_safe
@visitors.for_account
def document(request: HttpRequest, account: EarnerAccount, uuid: UUID) -> HttpResponse:  # noqa: ARG001
    """Answer a badge that was issued elsewhere as a file, as it was verified."""
    row = ImportedBadge.objects.filter(account=account, uuid=uuid).first()
    if row is None:
        raise Http404
    name = f"{slugify(row.name)[:60].strip('-') or 'badge'}.{row.suffix}"
    response = HttpResponse(
        row.document, content_type="application/json" if row.suffix == "json" else "text/plain"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return visitors.private(response)


@require_safe
def collection(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the public badges of somebody who has such a page, to whoever has its address."""
    found = collection_of(uuid)
    if found is None:
        raise Http404
    account, shown = found
    page = Paginator(shown, ON_A_PAGE).get_page(request.GET.get("page"))
    return answers.page(
        request,
        "earner/collection.html",
        {
            "name": account.name,
            "page": page,
            "has_imported": any(badge.is_imported for badge in shown),
        },
        is_indexed=False,
    )


@require_safe
def collection_picture(request: HttpRequest, collection: UUID, uuid: UUID) -> HttpResponse:  # noqa: ARG001
    """Answer the picture of a badge that was issued elsewhere and stands on somebody's public page."""
    name = shown_picture(collection, uuid)
    if name is None:
        raise Http404
    response = _kept_picture(name)
    response["Cache-Control"] = "private, max-age=300"  # it goes when its earner takes it off
    response["X-Robots-Tag"] = "noindex"
    return response


def own_page(
    request: HttpRequest,
    account: EarnerAccount,
    badge: Badge,
    *,
    form: VisibilityForm | None = None,
    share_form: ShareForm | None = None,
) -> HttpResponse:
    """Answer the page of a badge that was issued here, to its earner; with a form that was refused, as it was typed."""
    share_form = share_form or ShareForm()
    form = form or VisibilityForm(initial={"visibility": badge.visibility})
    return visitors.page(
        request,
        "earner/badge.html",
        {
            "account": account,
            "badge": badge,
            "version": badge.version,
            "organization": badge.organization,
            "form": form,
            "share_form": share_form,
            "status": status_word(badge, timezone.now()),
            "is_waiting": is_waiting(badge),
            "is_hidden": badge.visibility == Visibility.HIDDEN,
            "downloads": downloads_of(badge),
            "linkedin_url": linkedin_url(badge),
            "iframe": iframe_of(badge),
            "image_url": f"{badge.version.public_url}/image.png",
        },
        status=400 if form.errors or share_form.errors else 200,
    )


def _kept_picture(name: str) -> HttpResponse:
    try:
        content = png_at(rendition_names(name).regular)
    except FileNotFoundError as error:
        raise Http404 from error
    response = HttpResponse(content, content_type="image/png")
    response["Content-Security-Policy"] = answers.PICTURE_POLICY
    return response


def _imported(request: HttpRequest, account: EarnerAccount, badge: ImportedBadge) -> HttpResponse:
    form = ImportedForm(
        request.POST if request.method == "POST" else None, initial={"is_public": badge.is_public}
    )
    if form.is_valid():
        show_imported(account=account, badge_id=badge.uuid, is_public=form.cleaned_data["is_public"])
        messages.success(request, _("Saved."))
        return visitors.private(HttpResponseRedirect(reverse("my_badge", args=[badge.uuid])))
    status = status_word(badge, timezone.now())
    context = {"account": account, "badge": badge, "form": form, "status": status}
    return visitors.page(request, "earner/imported.html", context)


def _words(mine: MyPath) -> PathWords:
    standing, version = mine.standing, mine.path.current_version
    step = standing.next_step
    choices = [] if step is None else [one for one in step.step.templates.all() if one.pk not in step.earned]
    return PathWords(
        title=version.title if version else "",
        issuer=mine.path.organization.name,
        done=standing.steps_done,
        steps=len(standing.steps),
        next_title=step.step.title if step else "",
        missing=step.missing if step else 0,
        choices=tuple(one.current_version.title for one in choices if one.current_version),
    )
