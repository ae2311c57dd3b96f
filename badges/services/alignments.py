"""What badges are aligned to: read from pasted lines, and found among what the organization used before."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from badges.credentials.admission import check_url
from badges.credentials.exceptions import Unsignable
from badges.models import BadgeTemplate
from badges.services.frameworks import GUID, code_in, entry_address, framework_of
from organizations.models import Organization

Alignment = dict[str, Any]

LOOKED_AT = 500  # of the newest templates: one with a million badges has no more content than any other
FOUND = 8  # shown at once
EVERY = 10_000  # more than anybody has
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_SEPARATOR = re.compile(r"\s*[|\t]\s*")


@dataclass(frozen=True, slots=True)
class PastedLine:
    """A line as it was pasted, and the alignment read of it or what is wrong with it; `number` counts from 1."""

    number: int
    text: str
    alignment: Alignment | None
    error: str = ""


def used_alignments(organization: Organization, *, text: str = "", at_most: int = FOUND) -> list[Alignment]:
    """Return what the organization's templates are aligned to now, newest first, each once: what has the words of `text`."""
    words = text.casefold().split()
    found: dict[str, Alignment] = {}
    for alignments in _alignments_of(organization):
        for alignment in alignments:
            said = " ".join(str(value) for value in alignment.values() if value).casefold()
            if alignment["url"] not in found and all(word in said for word in words):
                found[alignment["url"]] = alignment
                if len(found) == at_most:
                    return list(found.values())
    return list(found.values())


def read_alignments(text: str, *, organization: Organization) -> list[PastedLine]:
    """Read lines of the form “name | link | code | framework”; empty lines are passed over.

    Tabs part as well, as a spreadsheet copies them, and the link may stand anywhere. What a line leaves out is taken from
    what the organization used before, and from the form of the link (FRAMEWORKS). A line of a link alone that nobody used
    before gives an alignment without a name.
    """
    known = {
        alignment["url"]: alignment for alignment in reversed(used_alignments(organization, at_most=EVERY))
    }
    return [
        _read(number, line.strip(), known)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip(" \t|")
    ]


def _read(number: int, line: str, known: Mapping[str, Alignment]) -> PastedLine:
    parts = [part for part in _SEPARATOR.split(line) if part]
    if len(parts) == 1 and (inside := _ADDRESS.search(line)):
        parts = [
            line.replace(inside[0], "").strip(" -–:,;"),
            inside[0],
        ]  # “name link” with nothing between them
    url = next((part for part in parts if _ADDRESS.fullmatch(part)), None)
    if url is None:
        if any(GUID.fullmatch(part) for part in parts):
            return PastedLine(
                number,
                line,
                None,
                _("An identifier needs the address of its server, such as https://…/uri/…."),
            )
        return PastedLine(number, line, None, _("There is no link. Write: name | link | code."))
    rest = [part for part in parts if part and part != url]
    url = entry_address(url)
    try:
        check_url("url", url)
    except Unsignable as error:
        return PastedLine(number, line, None, _(error.sentence) % error.values)
    alignment = {key: value for key, value in known.get(url, {}).items() if value}
    framework = framework_of(url)
    if framework is not None:
        alignment.setdefault("framework", framework.name)
        if framework.type:
            alignment.setdefault("type", framework.type)
        if code := code_in(url, framework):
            alignment.setdefault("code", code)
    alignment |= dict(zip(("name", "code", "framework"), rest, strict=False)) | {"url": url}
    if too_long := next(
        (key for key in ("name", "code", "framework") if len(alignment.get(key, "")) > 255), None
    ):
        return PastedLine(number, line, None, _too_long(too_long))
    return PastedLine(number, line, alignment)


def _too_long(key: str) -> str:
    return {
        "name": _("The name is too long: at most 255 characters."),
        "code": _("The code is too long: at most 255 characters."),
        "framework": _("The name of the framework is too long: at most 255 characters."),
    }[key]


def _alignments_of(organization: Organization) -> Sequence[list[Alignment]]:
    """Return the alignments of the organization's newest templates, as they are now."""
    templates = BadgeTemplate.objects.filter(organization=organization).exclude(
        current_version__alignments=[]
    )
    return list(templates.order_by("-pk").values_list("current_version__alignments", flat=True)[:LOOKED_AT])
