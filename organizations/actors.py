"""Who acts: users, API keys and BadgeKit consumers all are actors; None is the installation itself, by a command."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _


class Actor(Protocol):
    """Somebody or something that reads and writes on behalf of organizations."""

    @property
    def actor_label(self) -> str:
        """How the actor is named in records, such as "alice@acme.example"."""

    @property
    def sees_everything(self) -> bool:
        """Whether the rows of all organizations are visible (staff)."""

    @property
    def visible_organization_ids(self) -> Collection[int]:
        """Primary keys of the organizations whose rows are visible; may be a query."""


def label_of(actor: Actor | None) -> str:
    """Return how records name the actor. None is a command on the server."""
    return actor.actor_label if actor is not None else _("server")


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The BadgeKit API key `master`, whose secret is a setting of the server: it acts for all systems, as staff do."""

    @property
    def actor_label(self) -> str:
        """How records name it."""
        return "BadgeKit key master"

    @property
    def sees_everything(self) -> bool:
        """Always."""
        return True

    @property
    def visible_organization_ids(self) -> Collection[int]:
        """Not asked for: everything is visible."""
        return ()
