"""An earner brings a badge of another issuer, takes it out again, and takes everything along."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from badges.models import ImportedBadge
from badges.services.imported import MAX_BADGE, import_badge, remove_imported
from badges.services.my_export import export_account
from config.exceptions import RuleBroken
from earners.models import EarnerAccount
from earners.views import visitors
from organizations.exceptions import TooManyTries
from organizations.services.rates import count_act

# In ten minutes
TRIES = 20  # each has this server ask others
EXPORTS = 5  # each draws all certificates


class BringForm(forms.Form):
    """The address of a badge, or a file, or its text."""

    url = forms.URLField(
        label=gettext_lazy("Its address"),
        assume_scheme="https",
        max_length=2000,
        required=False,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    file = forms.FileField(
        label=gettext_lazy("Or the file: PNG, SVG, JSON or JWT"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".png,.svg,.json,.jsonld,.jwt,.jws,.txt"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or its text"),
        max_length=MAX_BADGE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of them, and not too large."""
        given = [name for name in ("url", "file", "text") if self.cleaned_data.get(name)]
        if not self.errors and len(given) != 1:
            raise forms.ValidationError(_("Give the address, the file or the text: one of them."))
        if (file := self.cleaned_data.get("file")) and file.size > MAX_BADGE:
            self.add_error("file", _("This file is too large for a badge."))
        return self.cleaned_data


@require_http_methods(["GET", "HEAD", "POST"])
@visitors.for_account
def bring(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Show the form; or verify the badge and keep it."""
    if not settings.FOREIGN_BADGE_HOSTS:
        raise Http404
    form = BringForm(request.POST, request.FILES) if request.method == "POST" else BringForm()
    if form.is_valid():
        values = form.cleaned_data
        content = values["file"].read() if values["file"] else values["text"].strip().encode()
        try:
            if (seconds := count_act(f"brought:{account.pk}", limit=TRIES)) is not None:
                raise TooManyTries(retry_after=seconds)
            badge = import_badge(account=account, url=values["url"], content=content)
        except RuleBroken as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("It is verified and stands among your badges."))
            return visitors.private(HttpResponseRedirect(reverse("my_badge", args=[badge.uuid])))
    context = {"account": account, "form": form}
    return visitors.page(request, "earner/bring.html", context, status=400 if form.errors else 200)


@require_POST
@visitors.for_account
def remove(request: HttpRequest, account: EarnerAccount, uuid: UUID) -> HttpResponse:
    """Take out a badge that was brought; another's answers 404, as none does."""
    badge = ImportedBadge.objects.filter(account=account, uuid=uuid).first()
    if badge is None:
        raise Http404
    remove_imported(badge=badge)
    messages.success(request, _("It is no longer among your badges. Its issuer still has it."))
    return HttpResponseRedirect(reverse("my_badges"))


@require_safe
@visitors.for_account
def export(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Answer a ZIP with all badges and what the account holds, made while it is sent."""
    if (
        request.method == "GET"
        and (seconds := count_act(f"exported:{account.pk}", limit=EXPORTS)) is not None
    ):
        messages.error(
            request, _("You downloaded everything several times just now. Try again in a few minutes.")
        )
        response = HttpResponseRedirect(reverse("my_account"))
        response["Retry-After"] = str(seconds)
        return response
    answer: Any = StreamingHttpResponse(
        export_account(account) if request.method == "GET" else (),
        content_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="badges.zip"'},
    )
    return visitors.private(answer)
