"""What the inspected badge of anybody consists of: fetched from any public host, and from this server without a network."""

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.conf import settings

from badges.exceptions import ForeignBadgeRefused
from badges.services.foreign_documents import DOCUMENTS, ForeignDocuments, Refusal, is_address
from organizations.services.foreign import ForeignAnswer

# How this server answers one of its own public addresses, as it would anybody.
OwnAnswers = Callable[[str, str], ForeignAnswer]
LINKED = ("application/vc+ld+json", "application/vc", "application/ld+json")
MAX_PAGE = 200_000  # characters of a page in which a link to a badge is looked for


class InspectedDocuments(ForeignDocuments):
    """Documents of one badge, from any public host. `unreached` has the addresses that gave no sound answer."""

    def __init__(self, answer_own: OwnAnswers) -> None:
        # Never over the network: it may be a server that answers one request at a time.
        super().__init__(lambda host: host != urlsplit(settings.PUBLIC_URL).hostname)
        self._answer_own = answer_own
        self.unreached: list[str] = []

    def answer(self, url: str, refused: Refusal, *, accept: str = DOCUMENTS) -> ForeignAnswer:
        """Return what an address answers, whatever the status. Raises `refused`."""
        if is_own(url):
            return self._answer_own(url.partition("#")[0], accept)
        try:
            found = super().answer(url, refused, accept=accept)
        except ForeignBadgeRefused:
            self.unreached.append(url)
            raise
        if found.status >= 500 or found.status in {401, 403, 429}:
            self.unreached.append(url)
        return found


def is_own(url: str) -> bool:
    """Tell whether an address is one of this server's."""
    return url.startswith(f"{settings.PUBLIC_URL}/")


def linked_badge(page: bytes, url: str) -> str:
    """Return the address of the badge that a web page names as its other form; an empty text where it names none."""
    reader = _Links()
    reader.feed(page.decode("utf-8", "replace")[:MAX_PAGE])
    for media_type in LINKED:
        for linked_type, href in reader.found:
            if linked_type == media_type and is_address(address := urljoin(url, href)):
                return address
    return ""


class _Links(HTMLParser):
    """Collects `<link rel="alternate" type href>` of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link."""
        names = dict(attrs)
        if tag == "link" and "alternate" in (names.get("rel") or "").lower().split():
            self.found.append(
                ((names.get("type") or "").partition(";")[0].strip().lower(), names.get("href") or "")
            )
