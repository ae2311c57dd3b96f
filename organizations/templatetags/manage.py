"""What templates of the issuers' pages say often: addresses of the desk's organization, places of the navigation."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import template
from django.template import Context
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from organizations.manage.desk import Desk
from organizations.manage.once import FIELD

register = template.Library()


@register.simple_tag(takes_context=True)
def page(context: Context, name: str, *args: Any) -> str:
    """Return the address of a page of the organization: {% page "badge" badge.uuid %}."""
    desk: Desk = context["desk"]
    return desk.url(name, *args)


@register.inclusion_tag("manage/_place.html", takes_context=True)
def place(context: Context, name: str, icon: str, words: str) -> Mapping[str, Any]:
    """Show a place of the navigation; the one below which the page stands is marked."""
    desk: Desk = context["desk"]
    address = desk.url(name)
    path = context["request"].path
    home = desk.url("dashboard")
    is_current = path == address if address == home else path == address or path.startswith(f"{address}/")
    return {"address": address, "icon": icon, "words": words, "is_current": is_current}


@register.simple_tag
def sent_once() -> SafeString:
    """Give a form a number of its own, by which a view with `once` knows one that is sent again."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid4().hex)


@register.filter
def grouped(number: int) -> str:
    """Return a whole number as people read a large one: 12,400 in English, 12.400 in Italian."""
    return number_format(number, force_grouping=True)
