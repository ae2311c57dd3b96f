"""Erasing a person from an organization's records: what was counted stays counted, and nobody can tell whose it was."""

import uuid

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from earners.models import Earner, EarnersList
from earners.signals import earner_erased
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.models import Organization
from organizations.services.audit import forget_in_log, note_act
from organizations.services.outbox import forget_recipient

ERASED = "erased:"  # begins the key of who was erased: no address does


def erase_earner(*, earner: Earner, by: Actor | None) -> None:
    """Erase a person from the records of one organization, for good; a second time changes nothing.

    The row stays without address and name and under another id, so that what refers to it is counted as before; who gets a
    badge at the same address later is somebody new. List memberships go, with what lists say of the person. The apps above
    erase what they keep (`earner_erased`), the outbox and the log of the organization forget address and names.
    """
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(pk=earner.organization_id)
        held = Earner.objects.select_for_update().get(pk=earner.pk)
        if held.email_key.startswith(ERASED):
            return
        _take_off_lists(held)
        earner_erased.send(sender=Earner, earner=held)
        forget_recipient(organization=organization, email=held.email)
        forget_in_log(organization=organization, subjects=[held.uuid])
        new_id = uuid.uuid4()
        Earner.objects.filter(pk=held.pk).update(
            uuid=new_id,
            email="",
            email_key=f"{ERASED}{new_id}",
            first_name="",
            last_name="",
            email_verified_at=None,
            updated_at=timezone.now(),
        )
        note_act(organization=organization, act=AuditAct.EARNER_ERASED, by=by, subject=new_id)


def _take_off_lists(earner: Earner) -> None:
    """Delete the memberships of an earner, whose organization is held, and count them off their lists."""
    counts = earner.list_memberships.order_by().values_list("earners_list").annotate(count=Count("pk"))
    for pk, count in sorted(counts):
        EarnersList.objects.filter(pk=pk).update(
            earners_count=F("earners_count") - count, updated_at=timezone.now()
        )
    earner.list_memberships.all().delete()
