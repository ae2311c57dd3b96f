"""What another issuer's badge consists of, as it is read: fetched from allowed hosts, in all the forms that a badge has."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from badges.credentials.baking import unbake_png, unbake_svg
from badges.credentials.canonical import CONTEXTS
from badges.credentials.exceptions import NothingBaked, UnreadablePicture
from badges.credentials.png import SIGNATURE
from badges.enums import ImportedKind
from badges.exceptions import ForeignAssertionRefused, ForeignBadgeRefused, TooManyInspections
from config.api.json_bodies import BrokenBody, read_json
from organizations.services.foreign import ForeignAnswer, NotFetched, ask_foreign

SECONDS = 5.0  # for one document
ALL_SECONDS = 12.0  # for all that one badge consists of
MAX_DOCUMENTS = 12
MAX_BYTES = 1024 * 1024
PATIENCE = 1.0  # seconds until a place is free
CLOCK_TOLERANCE = timedelta(minutes=5)
DOCUMENTS = (
    "application/ld+json, application/vc+ld+json;q=0.9, application/vc;q=0.9, application/json;q=0.9,"
    " application/jwt;q=0.8, text/plain;q=0.7, image/png;q=0.6, image/svg+xml;q=0.6, */*;q=0.1"
)
JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

Refusal = type[ForeignBadgeRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedBadge:
    """A badge of another issuer that was found good, and what it says. Times are aware; texts may be empty.

    `issuer` is {id, name, description, email, url}. `recipient_email` is the address of the earner that it was issued to.
    `document` is what was verified: JSON or a compact JWS.
    """

    kind: ImportedKind
    badge_id: str
    name: str
    description: str
    tags: tuple[str, ...]
    image_url: str
    issuer: dict[str, str]
    recipient_email: str
    issued_at: datetime
    expires_at: datetime | None
    document: str
    source_url: str = ""
    picture: bytes | None = None


def is_allowed_host(host: str) -> bool:
    """Return whether badges may be fetched from a host (settings.FOREIGN_BADGE_HOSTS), never from our own."""
    host = host.lower()
    if host == urlsplit(settings.PUBLIC_URL).hostname and host not in settings.FOREIGN_BADGE_HOSTS:
        return False
    return any(
        allowed in {"*", host} or (allowed.startswith("*.") and host.endswith(allowed[1:]))
        for allowed in settings.FOREIGN_BADGE_HOSTS
    )


# Slow hosts of others must leave threads for everybody else.
_places = BoundedSemaphore(max(1, settings.WEB_THREADS // 2))


@contextmanager
def _place() -> Iterator[None]:
    """Hold one of the places of this process for asking others. Raises TooManyInspections."""
    if not _places.acquire(timeout=PATIENCE):
        raise TooManyInspections
    try:
        yield
    finally:
        _places.release()


class ForeignDocuments:
    """Fetches documents of one badge, MAX_DOCUMENTS within ALL_SECONDS, each once. `is_allowed` is asked about hosts."""

    def __init__(self, is_allowed: Callable[[str], bool] = is_allowed_host) -> None:
        self._is_allowed = is_allowed
        self._deadline = time.monotonic() + ALL_SECONDS
        self._found: dict[str, ForeignAnswer] = {}

    def answer(self, url: str, refused: Refusal, *, accept: str = DOCUMENTS) -> ForeignAnswer:
        """Return what an address answers, whatever the status. Raises `refused`, and TooManyInspections."""
        url = url.partition("#")[0]
        if url in self._found:
            return self._found[url]
        left = self._deadline - time.monotonic()
        if left <= 0 or len(self._found) >= MAX_DOCUMENTS:
            raise refused(_("It takes too long to fetch all that the badge consists of."))
        try:
            with _place():
                found = ask_foreign(
                    url,
                    max_bytes=MAX_BYTES,
                    accept=accept,
                    seconds=min(SECONDS, left),
                    is_allowed=self._is_allowed,
                )
        except NotFetched as error:
            raise refused(
                _("%(url)s cannot be fetched: %(reason)s.") % {"url": url[:200], "reason": error}
            ) from error
        self._found[url] = found
        return found

    def content(self, url: str, refused: Refusal, *, accept: str = DOCUMENTS) -> bytes:
        """Return what an address answers with status 200. Raises `refused`."""
        found = self.answer(url, refused, accept=accept)
        if found.status == 410:
            raise refused(_("%(url)s is gone: the badge was revoked.") % {"url": url[:200]})
        if found.status != 200:
            raise refused(
                _("%(url)s answers with the status %(status)d.") % {"url": url[:200], "status": found.status}
            )
        return found.body

    def document(self, url: str, refused: Refusal) -> dict[str, Any]:
        """Return the JSON object that the host of an address itself answers. Raises `refused`.

        Where it leads to another host, it is not that host which says so: anybody may use a redirect that is open to all.
        """
        content = self.content(url, refused)
        if urlsplit(self.answer(url, refused).url).hostname != urlsplit(url).hostname:
            raise refused(_("%(url)s leads to another host.") % {"url": url[:200]})
        return read_document(content, refused, url)


def read_document(content: bytes, refused: Refusal, place: str) -> dict[str, Any]:
    """Return a JSON object. Raises `refused`."""
    try:
        value = read_json(content)
    except BrokenBody as error:
        raise refused(
            _("%(place)s is not JSON that can be read. %(reason)s") % {"place": place[:200], "reason": error}
        ) from error
    if not isinstance(value, dict):
        raise refused(_("%(place)s is not a JSON object.") % {"place": place[:200]})
    return value


def read_badge(content: bytes) -> str:
    """Return the badge in a file or an answer, as text: JSON, a compact JWS, or the address of a hosted assertion.

    Takes those themselves, and PNG and SVG that have one baked in. Raises ForeignAssertionRefused.
    """
    try:
        if content.startswith(SIGNATURE):
            return unbake_png(content).text
        text = content.decode("utf-8-sig").strip()
        if text.startswith("<") and "<svg" in text:
            return unbake_svg(content).text.strip()
    except (UnreadablePicture, NothingBaked) as error:
        raise ForeignAssertionRefused(_(str(error))) from error
    except UnicodeDecodeError as error:
        raise ForeignAssertionRefused(
            _("This is no badge: neither JSON nor a signed text nor a PNG or SVG with a badge in it.")
        ) from error
    if text.startswith("{") or JWS.fullmatch(text):
        return text
    raise ForeignAssertionRefused(
        _("This is no badge: neither JSON nor a signed text nor a PNG or SVG with a badge in it.")
    )


def types_of(document: Mapping[str, Any]) -> set[str]:
    """Return the types of a document, of which JSON-LD may have one or several."""
    found = document.get("type") or document.get("@type")
    return {name for name in (found if isinstance(found, list) else [found]) if isinstance(name, str)}


def text_in(document: Mapping[str, Any], name: str, limit: int = 20_000) -> str:
    """Return a text of a document; what is none, or cannot be kept, is an empty one."""
    value = document.get(name)
    if not isinstance(value, str) or "\x00" in value or re.search("[\ud800-\udfff]", value):
        return ""
    return value.strip()[:limit]


def address_in(value: Any) -> str:
    """Return the web address that a value is, or that its `id` is; an empty text where there is none."""
    if isinstance(value, Mapping):
        value = value.get("id") or value.get("@id")
    return value if is_address(value) and isinstance(value, str) else ""


def is_address(value: Any) -> bool:
    """Return whether a value is a full web address."""
    if not isinstance(value, str) or len(value) > 2000 or "\x00" in value:
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return the host and port of an address, in lower case."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{(parts.hostname or '').lower()}:{parts.port or default}"


def tags_of(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the tags of a document, at most 50."""
    found = document.get(name)
    texts = [{"tag": item} for item in (found if isinstance(found, list) else [found])]
    return tuple(tag for item in texts[:50] if (tag := text_in(item, "tag", 255)))


def profile_of(issuer: Mapping[str, Any], issuer_id: str) -> dict[str, str]:
    """Return what a document says of its issuer, as it is kept."""
    url = issuer.get("url")
    return {
        "id": issuer_id[:2000],
        "name": text_in(issuer, "name", 500),
        "description": text_in(issuer, "description"),
        "email": text_in(issuer, "email", 254),
        "url": url if isinstance(url, str) and is_address(url) else "",
    }


def image_of(value: Any) -> str:
    """Return the address of an image, which may be a text, an object with an id, or the picture itself (data:)."""
    if isinstance(value, Mapping):
        value = value.get("id") or value.get("@id")
    if isinstance(value, str) and (is_address(value) or value.startswith("data:image/")):
        return value
    return ""


def instant_in(document: Mapping[str, Any], *names: str, is_required: bool = False) -> datetime | None:
    """Return the first of these times that a document has. Raises ForeignAssertionRefused for one that is none."""
    for name in names:
        value = document.get(name)
        if value is None:
            continue
        try:
            moment = parse_datetime(value) if isinstance(value, str) else None
            if moment is None and isinstance(value, str) and (day := parse_date(value)) is not None:
                moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
            if moment is None:
                raise ValueError
            moment = (moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ForeignAssertionRefused(_("Its %(name)s is no time.") % {"name": name}) from error
        return moment
    if is_required:
        raise ForeignAssertionRefused(_("It does not say when it was issued."))
    return None


def check_times(issued_at: datetime, expires_at: datetime | None) -> None:
    """Raise ForeignAssertionRefused for a badge that is not valid yet, or no longer."""
    now = timezone.now()
    if issued_at > now + CLOCK_TOLERANCE:
        raise ForeignAssertionRefused(_("The badge is dated in the future."))
    if expires_at is not None and expires_at <= now:
        raise ForeignAssertionRefused(_("The badge has expired."))


def check_contexts(document: Mapping[str, Any], *, needs: str) -> None:
    """Raise ForeignAssertionRefused unless all contexts are known and `needs`, the beginning of one, is among them.

    Contexts are never fetched: another one could give each word another meaning tomorrow.
    """
    contexts = document.get("@context")
    listed = contexts if isinstance(contexts, list) else [contexts]
    known = []
    for context in listed:
        if not isinstance(context, str) or context not in CONTEXTS:
            raise ForeignAssertionRefused(
                _("The badge uses a JSON-LD context that is not known here: %(context)s.")
                % {"context": str(context)[:200]}
            )
        known.append(context)
    if not any(context.startswith(needs) for context in known):
        raise ForeignAssertionRefused(_("This is not an Open Badge: its JSON-LD context is missing."))
