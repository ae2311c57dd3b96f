"""The page that verifies anybody's badge: by its address, as a file, or as text. Keeps nothing."""

import math
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from badges.services.inspecting import MAX_INSPECTED, inspect_badge, shown_picture
from badges.views import answers
from badges.views.own_answers import answer_own
from config.clients import client_of
from config.exceptions import RuleBroken
from organizations.exceptions import TooManyTries

MAX_TEXT = 1024 * 1024  # characters


class VerifyForm(forms.Form):
    """The address of a badge, its file, or its text; and whose it should be."""

    url = forms.URLField(
        label=gettext_lazy("Its address"),
        help_text=gettext_lazy("Of the badge's page, or of its file."),
        assume_scheme="https",
        max_length=2000,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url", "spellcheck": "false"}),
        error_messages={"invalid": gettext_lazy("This is not a web address. One looks like https://…")},
    )
    file = forms.FileField(
        label=gettext_lazy("Or its file"),
        help_text=gettext_lazy("PNG, SVG, JSON or JWT."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".png,.svg,.json,.jsonld,.jwt,.jws,.txt"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or its text"),
        help_text=gettext_lazy("The whole JSON, or a token of three parts with dots between them."),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address of whoever shows it to you"),
        help_text=gettext_lazy("Then you are told whether the badge was issued to it. It is not kept."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of address, file and text, and not too large."""
        given = [name for name in ("url", "file", "text") if self.cleaned_data.get(name)]
        if not self.errors and len(given) != 1:
            if given:
                raise forms.ValidationError(_("Give the address, the file or the text: one of them."))
            raise forms.ValidationError(_("Give the badge's address, its file or its text."))
        if (file := self.cleaned_data.get("file")) and file.size > MAX_INSPECTED:
            self.add_error("file", _("This file is too large for a badge."))
        return self.cleaned_data

    def given(self) -> tuple[str, bytes]:
        """Return address and content; one of them is empty."""
        values = self.cleaned_data
        content = (
            values["file"].read() if values["file"] else values["text"].strip().encode("utf-8", "replace")
        )
        return values["url"], content


# The form changes nothing and needs no session: without a token, the page sets no cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify_page(request: HttpRequest) -> HttpResponse:
    """Show the form, filled with `?url=`; or verify, and show each check with what it found."""
    if request.method != "POST":
        return _page(request, VerifyForm(initial={"url": request.GET.get("url", "")[:2000]}))
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=400)
    url, content = form.given()
    try:
        inspection = inspect_badge(
            url=url,
            content=content,
            email=form.cleaned_data["email"],
            client=client_of(request),
            answer_own=answer_own,
        )
    except TooManyTries as refusal:
        minutes = math.ceil(refusal.retry_after / 60)
        form.add_error(
            None,
            ngettext(
                "Many badges were verified from your network. What you typed is still here; try again in %(count)d minute.",
                "Many badges were verified from your network. What you typed is still here; try again in %(count)d minutes.",
                minutes,
            )
            % {"count": minutes},
        )
        response = _page(request, form, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    except RuleBroken as refusal:
        form.add_error("url" if url else "file" if form.cleaned_data["file"] else "text", refusal.message)
        return _page(request, form, status=400)
    return _page(request, form, inspection=inspection, picture=shown_picture(inspection))


def _page(request: HttpRequest, form: VerifyForm, *, status: int = 200, **more: Any) -> HttpResponse:
    is_empty = request.method != "POST"  # what was found of somebody's badge is kept by nobody
    context = {"form": form, **more}
    response = answers.page(
        request, "public/verify.html", context, is_indexed=is_empty, is_private=not is_empty
    )
    response.status_code = status
    return response
