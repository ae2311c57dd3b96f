"""Versions of templates, read as seldom as possible: a sealed one never changes, so each process keeps those it met."""

from collections.abc import Mapping
from functools import partial
from threading import Lock
from uuid import UUID

from cachetools import LRUCache
from django.db import transaction

from badges.models import BadgeTemplate, BadgeTemplateVersion

# By the template's public id too: a primary key is given again when its transaction was rolled back.
_sealed: LRUCache[tuple[UUID, int], BadgeTemplateVersion] = LRUCache(512)
_sealed_lock = Lock()


def current_version(template: BadgeTemplate) -> BadgeTemplateVersion | None:
    """Return the template's current version, not to be changed; None for a template without content."""
    if template.current_version_id is None:
        return None
    return versions_of({template.current_version_id: template.uuid})[template.current_version_id]


def versions_of(wanted: Mapping[int, UUID]) -> dict[int, BadgeTemplateVersion]:
    """Return versions by primary key, not to be changed; `wanted` has the public id of each one's template."""
    with _sealed_lock:
        known = {
            pk: version for pk, uuid in wanted.items() if (version := _sealed.get((uuid, pk))) is not None
        }
    missing = wanted.keys() - known.keys()
    if not missing:
        return known
    found = {
        version.pk: version for version in BadgeTemplateVersion.objects.filter(pk__in=missing).order_by()
    }
    sealed = {(wanted[pk], pk): version for pk, version in found.items() if version.is_sealed}
    if sealed:
        # A seal that is rolled back is none, and the version may be edited then.
        transaction.on_commit(partial(_remember, sealed))
    return known | found


def _remember(versions: Mapping[tuple[UUID, int], BadgeTemplateVersion]) -> None:
    with _sealed_lock:
        _sealed.update(versions)
