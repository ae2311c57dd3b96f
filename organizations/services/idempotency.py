"""Requests that are made again get the answer of the first time, and nothing is done twice."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from organizations.exceptions import IdempotencyConflict
from organizations.models import IdempotentRequest, Organization
from organizations.services.inserting import insert_if_new

KEPT_FOR = timedelta(hours=24)
Answer = tuple[int, str]


def answer_once(
    *, organization: Organization, key: str, fingerprint: str, act: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """Return the answer of a request and whether it is that of an earlier time (status, body).

    The key's row is written first, in the transaction in which `act` runs: of two requests at once the second waits for
    the first and then finds its answer; what raises leaves no row, so that a retry tries again. Keys are kept for 24 hours.
    Raises IdempotencyConflict when the key was used for another request, and whatever `act` raises.
    """
    rows = IdempotentRequest.objects.filter(organization=organization, key=key)
    rows.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    earlier = rows.first()
    if earlier is None:
        try:
            with transaction.atomic():
                row = _written(organization, key, fingerprint)
                row.status, row.body = act()
                row.save(update_fields=["status", "body"])
                return (row.status, row.body), False
        except _KeyTaken:
            earlier = rows.get()
    if earlier.fingerprint != fingerprint:
        raise IdempotencyConflict
    return (earlier.status, earlier.body), True


class _KeyTaken(Exception):
    """Another request with this key was done meanwhile."""


def _written(organization: Organization, key: str, fingerprint: str) -> IdempotentRequest:
    row = IdempotentRequest(organization=organization, key=key, fingerprint=fingerprint)
    if not insert_if_new(row):
        raise _KeyTaken
    return row
