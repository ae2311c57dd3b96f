"""Forms of the staff that write through services: what a service refuses stands beside the field at fault."""

import logging
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError, models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from config.exceptions import RuleBroken
from organizations.admin.kept import KeptAdmin
from organizations.pictures import delete_picture, prepare_picture, store_picture, upload_content

log = logging.getLogger(__name__)


def part_fields(name: str, keys: Mapping[str, str] | tuple[str, ...]) -> dict[str, forms.Field]:
    """Return an input for each part of a sub-object, named "<name>.<key>" as refusals name them."""
    labels = keys if isinstance(keys, Mapping) else {key: key.replace("_", " ").capitalize() for key in keys}
    return {
        f"{name}.{key}": forms.CharField(
            label=label, required=False, max_length=255, widget=AdminTextInputWidget
        )
        for key, label in labels.items()
    }


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose values a service takes. `refusal` is what it said to the same values a moment ago."""

    refusal: RuleBroken | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        if instance is not None and instance.pk is not None:
            kwargs["initial"] = self.values_of(instance) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def values_of(self, row: Any) -> dict[str, Any]:
        """Return what the inputs that are no columns show of the row: here the parts of its sub-objects."""
        values: dict[str, Any] = {}
        for name in self.base_fields:
            whole, dot, key = name.partition(".")
            if dot:
                values[name] = (getattr(row, whole) or {}).get(key) or ""
        return values

    def clean(self) -> dict[str, Any] | None:
        """Show the refusal beside the field that it names, or the nearest one around it."""
        cleaned = super().clean()
        if self.refusal is not None:
            name, rest = self.refusal.field or "", ""
            while name and name not in self.fields:
                name, dot, last = name.rpartition(".")
                rest = f"{last}.{rest}" if rest else last
                if not dot:
                    name = ""
            message = self.refusal.message
            self.add_error(
                name or None, f"{rest}: {message}" if rest and rest != self.refusal.field else message
            )
        return cleaned

    def given(self) -> dict[str, Any]:
        """Return the values that were changed, parts together: {"contact_info": {"email": …}}."""
        values: dict[str, Any] = {}
        for name in self.changed_data:
            whole, dot, key = name.partition(".")
            if dot:
                values.setdefault(whole, {})[key] = self.cleaned_data[name]
            else:
                values[name] = self.cleaned_data[name]
        return values


class OptionalSlugForm(ServiceForm):
    """A form in which the short name may stay empty: it is then made from the name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _(
                "Stands in addresses, so it cannot be changed later. Left empty, it is made from the name."
            )


class ServiceAdmin(KeptAdmin):
    """An admin whose form is saved by `create_row` and `update_row`, which call services.

    The service decides alone: when it refuses, the transaction with its history is rolled back and the form
    is shown again with the refusal in it. `add_only` are fields that cannot be changed once the row is there;
    `add_fieldsets` and `view_fieldsets` are the pages of a new row and of those who may only look.
    """

    form = ServiceForm
    add_only: tuple[str, ...] = ()
    add_fieldsets: Any = None
    view_fieldsets: Any = None

    def create_row(self, request: HttpRequest, form: Any) -> models.Model:
        """Make the row of the form's values and return it."""
        raise NotImplementedError

    def update_row(self, request: HttpRequest, row: Any, form: Any) -> None:
        """Change what the form changed."""
        raise NotImplementedError

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        """Return what is shown: of a new row, of one that may be changed, of one that may only be seen."""
        if obj is None and self.add_fieldsets is not None:
            return self.add_fieldsets
        if (
            obj is not None
            and self.view_fieldsets is not None
            and not self.has_change_permission(request, obj)
        ):
            return self.view_fieldsets
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        """Return the fields that cannot be changed, those of `add_only` only once the row is there."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if obj is None else (*fields, *self.add_only)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Save, or show the form again with what the service refused; delete pictures stored for nothing.

        replacing_picture wants the outermost transaction, and here the history is written in the same one.
        """
        stored: list[str] = []
        request.stored_pictures = stored  # type: ignore[attr-defined]
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except RuleBroken as refusal:
            _delete_all(stored)
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (InterfaceError, OperationalError):
            # A connection lost during COMMIT leaves open whether rows name them: orphans are the lesser evil.
            log.warning("Kept the files of %d pictures: their transaction's outcome is unknown.", len(stored))
            raise
        except BaseException:
            _delete_all(stored)
            raise

    def get_form(
        self,
        request: HttpRequest,
        obj: Any | None = None,
        change: bool = False,  # noqa: FBT001, FBT002
        **kwargs: Any,
    ) -> Any:
        """Return a form class of this request's own, with the refusal of its first try."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Hand the values to the service, and take the row as it is then."""
        if change:
            self.update_row(request, obj, form)
        else:
            obj.pk = self.create_row(request, form).pk
            obj._state.adding = False
        obj.refresh_from_db()

    def store_upload(
        self, request: HttpRequest, upload: Any, *, folder: str, field: str, allow_svg: bool
    ) -> str:
        """Store an uploaded picture and return its name; "" for an emptied input. Raises PictureRefused."""
        if not isinstance(upload, UploadedFile):
            return ""
        content = upload_content(upload, field=field)
        name = store_picture(prepare_picture(content, allow_svg=allow_svg, field=field), folder=folder)
        request.stored_pictures.append(name)  # type: ignore[attr-defined]
        return name


def _delete_all(names: list[str]) -> None:
    for name in names:
        delete_picture(name)
    names.clear()
