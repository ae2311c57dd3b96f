"""What was typed on the way to issuing, kept on the server between the steps, for one browser and one day."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from badges.services.recipients import Recipients, Unusable
from earners.services import Person
from organizations.models import Organization

KEPT_FOR = 24 * 3600  # seconds
MAX_DRAFTS = 5  # of one browser: with one more the oldest goes
SESSION_KEY = "issue_drafts"


@dataclass(slots=True)
class Draft:
    """What is to be issued so far.

    `source` says where the people come from: person, paste, list or file. `details` has the fields of the third step as they
    were typed. `recipients` is what came of the people and `typed` what was typed for them; both are there where they were
    asked for, and for a list there are none.
    """

    pk: str
    template: str
    source: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    list_uuid: str | None = None
    file_name: str = ""
    counts: dict[str, Any] = field(default_factory=dict)
    details: dict[str, list[str]] | None = None
    recipients: Recipients | None = None

    @property
    def people_count(self) -> int:
        """How many people it has, where they do not come from a list."""
        return int(self.counts.get("people", 0))


class Drafts:
    """The drafts of a browser for one organization.

    Each is a session row of its own beside the browser's: it is shared by all web processes, is signed, and is cleared away
    with old sessions. Only the browser's own session knows its key, so nobody else can open it, and it is gone with signing
    out. The people are a second row, so that the steps that need none of 100,000 do not read them.
    """

    def __init__(self, request: HttpRequest, organization: Organization) -> None:
        self.session = request.session
        self.organization = organization

    def find(self, pk: str, *, with_recipients: bool = False) -> Draft | None:
        """Return a draft, or None where it is not kept any more."""
        known = self._known().get(pk)
        if known is None or known["organization"] != self.organization.pk:
            return None
        values = _opened(known["values"]).get("draft")
        if values is None:
            return None
        draft = Draft(**values)
        if with_recipients and draft.source != "list":
            people = _opened(known["people"]).get("people")
            if people is None:
                return None
            draft.recipients, draft.typed = _recipients(people), people["typed"]
        return draft

    def new(self, template: str) -> Draft:
        """Return a draft that is not kept yet."""
        return Draft(pk=str(uuid.uuid4()), template=template)

    def keep(self, draft: Draft) -> None:
        """Keep a draft as it is now; its people only where they are at hand."""
        known = self._known()
        keys = known.pop(draft.pk, None) or {
            "organization": self.organization.pk,
            "values": None,
            "people": None,
        }
        values = {
            "pk": draft.pk,
            "template": draft.template,
            "source": draft.source,
            "list_uuid": draft.list_uuid,
            "file_name": draft.file_name,
            "counts": draft.counts,
            "details": draft.details,
        }
        keys["values"] = _kept(keys["values"], {"draft": values})
        if draft.recipients is not None:
            plain = _plain(draft.recipients) | {"typed": draft.typed}
            keys["people"] = _kept(keys["people"], {"people": plain})
        while len(known) >= MAX_DRAFTS:
            _forget(known.pop(next(iter(known))))
        self.session[SESSION_KEY] = known | {draft.pk: keys}

    def drop(self, pk: str) -> None:
        """Forget a draft."""
        known = self._known()
        keys = known.pop(pk, None)
        if keys is not None:
            _forget(keys)
            self.session[SESSION_KEY] = known

    def _known(self) -> dict[str, dict[str, Any]]:
        return dict(self.session.get(SESSION_KEY, {}))


def _store(key: str | None) -> SessionBase:
    store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    return store(key)


def _opened(key: str | None) -> Mapping[str, Any]:
    if key is None:
        return {}
    store = _store(key)
    return dict(store.items())


def _kept(key: str | None, values: Mapping[str, Any]) -> str:
    """Write values in place of those under a key, and return the key of the new ones."""
    if key is not None:
        _store(key).delete()
    store = _store(None)
    store.set_expiry(KEPT_FOR)
    for name, value in values.items():
        store[name] = value
    store.save()
    return str(store.session_key)


def _forget(keys: Mapping[str, Any]) -> None:
    for name in ("values", "people"):
        if keys[name] is not None:
            _store(keys[name]).delete()


def _plain(found: Recipients) -> dict[str, Any]:
    """Return recipients as JSON has them."""
    return {
        "people": [[person.email, person.first_name, person.last_name] for person in found.people],
        "unusable": [list(line) for line in found.unusable],
        "unusable_count": found.unusable_count,
        "repeated": found.repeated,
        "repeated_count": found.repeated_count,
        "warnings": found.warnings,
    }


def _recipients(plain: Mapping[str, Any]) -> Recipients:
    return Recipients(
        people=[
            Person(email=email, first_name=first_name, last_name=last_name)
            for email, first_name, last_name in plain["people"]
        ],
        unusable=[Unusable(*line) for line in plain["unusable"]],
        unusable_count=plain["unusable_count"],
        repeated=list(plain["repeated"]),
        repeated_count=plain["repeated_count"],
        warnings=list(plain["warnings"]),
    )
