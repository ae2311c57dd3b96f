"""Frameworks of skills that are known here: how the addresses of their entries look, and what Open Badges calls these."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_GUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
GUID = re.compile(_GUID)


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework: `entry` matches the address of one of its entries, and its group `code` the code in it.

    `type` is the term of Open Badges 3.0 for an entry, or empty where none is meant for it.
    """

    name: str
    entry: re.Pattern[str]
    form: str
    words: str | Promise
    type: str = ""


FRAMEWORKS = (
    Framework(
        name="ESCO",
        entry=re.compile(
            rf"https?://data\.europa\.eu/esco/(?:skill|occupation|isco|isced-f)/(?:{_GUID}|[A-Z]?\d+(?:\.\d+)*)"
        ),
        form="http://data.europa.eu/esco/skill/…",
        words=_("European skills, competences and occupations. Copy the “Concept URI” of a skill."),
    ),
    Framework(
        name="CASE",
        entry=re.compile(rf"https?://[^/\s]+/(?:\S+/)?(?:CFItems|uri)/{_GUID}/?"),
        form="https://…/uri/00000000-0000-0000-0000-000000000000",
        words=_(
            "Standards and competencies that are published in 1EdTech's format, such as those of CASE Network."
        ),
        type="CFItem",
    ),
    Framework(
        name="O*NET",
        entry=re.compile(r"https?://(?:www\.)?onetonline\.org/link/\w+/(?P<code>\d{2}-\d{4}\.\d{2})/?"),
        form="https://www.onetonline.org/link/summary/15-2051.00",
        words=_("Occupations of the United States."),
    ),
    Framework(
        name="Credential Registry",
        entry=re.compile(rf"https?://credentialengineregistry\.org/resources/ce-{_GUID}/?"),
        form="https://credentialengineregistry.org/resources/ce-…",
        words=_("Competencies and credentials in Credential Engine's registry."),
        type="CTDL",
    ),
)


def framework_of(url: str) -> Framework | None:
    """Return the framework that an address belongs to; None where it is not known."""
    return next((framework for framework in FRAMEWORKS if framework.entry.fullmatch(url)), None)


def code_in(url: str, framework: Framework) -> str:
    """Return the code that an entry's address has in it, or an empty string."""
    found = framework.entry.fullmatch(url)
    return str(found["code"]) if found and "code" in framework.entry.groupindex else ""


def entry_address(text: str) -> str:
    """Return the identifier of an entry from what people copy: ESCO's own pages carry it in their address."""
    text = text.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    if parts.hostname == "esco.ec.europa.eu":
        for one in parse_qs(parts.query).get("uri", []):
            if framework_of(one):
                return one
    return text
