"""What tests of the staff's pages share: a browser, forms filled as they stand, acts, and what the log says."""

from html import unescape
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import models
from django.test import Client
from django.urls import reverse

from organizations.models import User


def browser_of(user: User) -> Client:
    """Return a browser in which the user is signed in."""
    client = Client()
    client.force_login(user)
    return client


def url(model: type[models.Model], page: str, *args: object) -> str:
    """Return the address of a page of a model in the admin."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def said(response: Any) -> list[str]:
    """Return the messages that the answer shows or carries to the next page, as text."""
    return [unescape(str(message)) for message in get_messages(response.wsgi_request)]


def form_values(client: Client, address: str) -> dict[str, Any]:
    """Return what a browser would send when the form of a page is saved as it is."""
    page = client.get(address)
    values: dict[str, Any] = {}
    forms = [page.context["adminform"].form]
    forms += [inline.formset.management_form for inline in page.context["inline_admin_formsets"]]
    for form in forms:
        for bound in form:
            value = bound.value()
            if isinstance(value, list | str | int) and not isinstance(value, bool):
                values[bound.html_name] = value
            elif value is True:
                values[bound.html_name] = "on"
    return values


def act(client: Client, model: type[models.Model], name: str, *pks: int, **values: object) -> Any:
    """Choose rows in a list, choose an act, and where it asks, answer with the values."""
    chosen: dict[str, object] = {"action": name, "_selected_action": list(pks)}
    if values:
        chosen |= {"confirmed": "1"} | values
    return client.post(url(model, "changelist"), chosen)


def history(row: Any) -> list[tuple[int, str]]:
    """Return (flag, message) of what the log says of a row, oldest first."""
    entries = LogEntry.objects.filter(
        object_id=str(row.pk), content_type__model=row._meta.model_name
    ).order_by("pk")
    return [(entry.action_flag, entry.get_change_message()) for entry in entries]
