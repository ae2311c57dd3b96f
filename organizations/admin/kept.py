"""What all pages of the staff have in common: nothing is deleted, ids are found, acts call services."""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import quote
from django.contrib.auth import get_permission_codename
from django.db import models, transaction
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.exceptions import RuleBroken
from organizations.models import User

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    InlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    ModelAdmin, TabularInline, InlineFormSet = admin.ModelAdmin, admin.TabularInline, BaseInlineFormSet

MAX_AT_ONCE = (
    200  # rows per act: what a person can still read on the page that asks, and a request can do in its time
)
MAX_REFUSALS_SHOWN = 10
FIRST_ROWS = 20
UUID_IN_TEXT = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b[0-9a-f]{32}\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """The page that asks before an act: what will happen, and what else must be known."""

    title: str
    consequences: Iterable[str]
    button: str
    form: type[forms.Form] = forms.Form


def page_link(url: str) -> SafeString:
    """Return a link that opens a public page in a new tab."""
    return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', url, url)


def acting_user(request: HttpRequest) -> User:
    """Return the member of staff who asks; the admin lets nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


class KeptAdmin(ModelAdmin):
    """Rows that staff find and act on, and that are never deleted.

    A search for an id, also inside a pasted address, finds by `uuid_lookup`. Acts are admin actions with the
    permission "act" (the model's change permission); each is offered in the list and as a button on the row's
    own page.
    """

    change_form_template = "admin/acts_change_form.html"
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_per_page = 50
    empty_value_display = "–"
    uuid_lookup = "uuid"
    list_select_related: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Read what rows are called by with them: in lists, on their pages, and where one is chosen."""
        rows = super().get_queryset(request)
        # Without any name select_related would join everything.
        return rows.select_related(*self.list_select_related) if self.list_select_related else rows

    def get_inline_instances(self, request: HttpRequest, obj: Any | None = None) -> list[Any]:
        """Return the tables below a row; a new one has none."""
        return super().get_inline_instances(request, obj) if obj is not None else []

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:  # noqa: ARG002
        """Nobody: what was issued refers to it, or it is part of the story."""
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether the user may act on rows, also where no form changes them."""
        codename = get_permission_codename("change", self.opts)
        return acting_user(request).has_perm(f"{self.opts.app_label}.{codename}")

    def offers(self, act: str, row: Any) -> bool:  # noqa: ARG002
        """Whether the page of a row has a button for this act."""
        return True

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Find by id where the term has one, so that a pasted link works; else by `search_fields`."""
        found = UUID_IN_TEXT.search(search_term)
        if found and self.uuid_lookup:
            return queryset.filter(**{self.uuid_lookup: uuid.UUID(found[0])}), False
        return super().get_search_results(request, queryset, search_term)

    def carry_out(
        self,
        request: HttpRequest,
        queryset: models.QuerySet[Any],
        act: Callable[[Any, Mapping[str, Any]], object],
        *,
        record: str,
        done: str,
        confirmation: Confirmation | None = None,
    ) -> HttpResponse | None:
        """Do `act(row, values)` for each chosen row, after a page that asks where there is a `confirmation`.

        `values` is what its form was given. Each row is a transaction of its own, with its line in the
        history (`record`). A refusal is shown in its own words, in the form where it speaks of a field of it;
        `done` has %(count)d.
        """
        rows = list(queryset[: MAX_AT_ONCE + 1])
        if len(rows) > MAX_AT_ONCE:
            sentence = _("Choose at most %(limit)d rows at once. Nothing was changed.") % {
                "limit": MAX_AT_ONCE
            }
            self.message_user(request, sentence, messages.ERROR)
            return None
        values: Mapping[str, Any] = {}
        form = None
        if confirmation is not None:
            is_confirmed = "confirmed" in request.POST
            form = confirmation.form(request.POST if is_confirmed else None)
            if not is_confirmed or not form.is_valid():
                return self._ask(request, rows, form, confirmation)
            values = form.cleaned_data
        count, refusals = 0, []
        for row in rows:
            try:
                with transaction.atomic():
                    act(row, values)
                    self.log_change(request, row, record)
            except RuleBroken as refusal:
                if (
                    confirmation is not None
                    and form is not None
                    and not count
                    and refusal.field in form.fields
                ):
                    form.add_error(refusal.field, refusal.message)
                    return self._ask(request, rows, form, confirmation)
                refusals.append(f"{row}: {refusal.message}")
            else:
                count += 1
        self._tell(request, count, done, refusals)
        return None

    def _tell(self, request: HttpRequest, count: int, done: str, refusals: list[str]) -> None:
        if count:
            self.message_user(request, done % {"count": count}, messages.SUCCESS)
        for sentence in refusals[:MAX_REFUSALS_SHOWN]:
            self.message_user(request, sentence, messages.ERROR)
        left = len(refusals) - MAX_REFUSALS_SHOWN
        if left > 0:
            sentence = ngettext("%(count)d more was refused.", "%(count)d more were refused.", left) % {
                "count": left
            }
            self.message_user(request, sentence, messages.ERROR)

    def _ask(
        self, request: HttpRequest, rows: list[Any], form: forms.Form, confirmation: Confirmation
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": confirmation.title,
            "confirmation": confirmation,
            "form": form,
            "rows": rows,
            "act": request.POST["action"],
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "from_row": request.POST.get("_from_row", ""),
            "media": self.media + form.media,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/confirm_act.html", context)

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Go back to the page of the row where the act was started there."""
        response = super().response_action(request, queryset, *args, **kwargs)
        if isinstance(response, HttpResponseRedirect) and "_from_row" in request.POST:
            row = self.get_object(request, request.POST.get(ACTION_CHECKBOX_NAME, ""))
            if row is not None:
                return HttpResponseRedirect(self.row_url(row))
        return response

    def row_url(self, row: models.Model) -> str:
        """Return the address of the row's page in the admin."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(row.pk)])

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Any | None = None,
    ) -> HttpResponse:
        """Add a button for each act that the user may do and that fits the row."""
        actions: Mapping[str, Any] = self.get_actions(request)  # none in a pop-up window
        if obj is not None:
            context["acts"] = [
                (name, description)
                for name, (_function, _name, description) in actions.items()
                if self.offers(name, obj)
            ]
            context["checkbox_name"] = ACTION_CHECKBOX_NAME
        return super().render_change_form(request, context, add, change, form_url, obj)


class ReadOnlyAdmin(KeptAdmin):
    """Rows that are history: they are read, and at most acted on."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody: they come to be by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False


class FirstRowsFormSet(InlineFormSet):
    """The first rows of an inline: an organization may have more than a page can take."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return the first FIRST_ROWS, read once."""
        if not hasattr(self, "_first_rows"):
            self._first_rows = super().get_queryset()[:FIRST_ROWS]
        return self._first_rows


class ReadOnlyInline(TabularInline):
    """Rows of another table on the page of what they belong to, to be read, with links to their own pages."""

    extra = 0
    can_delete = False
    show_change_link = True
    formset = FirstRowsFormSet
    select_related: tuple[str, ...] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """All fields that are shown."""
        return tuple(str(name) for name in self.fields or ())

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Read what the rows name in the same query."""
        rows = super().get_queryset(request)
        return rows.select_related(*self.select_related) if self.select_related else rows

    def has_add_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:  # noqa: ARG002
        """Not here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:  # noqa: ARG002
        """Not here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:  # noqa: ARG002
        """Not here."""
        return False
