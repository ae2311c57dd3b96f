"""Two earners of an organization who turned out to be one person become one."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from earners.exceptions import EarnersNotMergeable
from earners.models import Earner, EarnersList, ListMembership
from earners.services.lists import hold
from earners.signals import earners_merged
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.models import Organization
from organizations.services.audit import move_in_log, note_act


def merge_earners(*, kept: Earner, gone: Earner, by: Actor | None) -> Earner:
    """Give all that an earner has to another one of the organization, and forget the first; return the one who stays.

    Badges become those of who stays and keep the name and address that they were issued to. Where both are on a list, what
    it says of who stays counts, and the other's names and metadata fill what is missing. Names, too, are filled in where
    who stays has none. The address of who went is not known any more: who comes with it later is somebody new. In one
    transaction; apps above move what they keep (`earners_merged`). Raises EarnersNotMergeable and OrganizationDisabled.
    """
    if kept.pk == gone.pk or kept.organization_id != gone.organization_id:
        raise EarnersNotMergeable
    with transaction.atomic():
        organization = hold(kept.organization)
        # In one order whoever asks, so that no two requests wait for each other.
        rows = {
            row.pk: row
            for row in Earner.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
        }
        # One of them may have been merged or erased meanwhile.
        if len(rows) < 2 or not all(row.email for row in rows.values()):
            raise EarnersNotMergeable
        kept, gone = rows[kept.pk], rows[gone.pk]
        lists = _unite_memberships(kept, gone)
        if not (kept.first_name or kept.last_name) and (gone.first_name or gone.last_name):
            kept.first_name, kept.last_name = gone.first_name, gone.last_name
        kept.save(update_fields=["first_name", "last_name", "updated_at"])
        earners_merged.send(sender=Earner, kept=kept, gone=gone)
        move_in_log(organization=organization, subject=gone.uuid, to=kept.uuid)
        gone.delete()
        Organization.objects.filter(pk=organization.pk).update(earners_count=F("earners_count") - 1)
        note_act(
            organization=organization,
            act=AuditAct.EARNERS_MERGED,
            by=by,
            subject=kept.uuid,
            label=kept.email,
            details={"merged": gone.email, "lists": lists},
        )
    return kept


def _unite_memberships(kept: Earner, gone: Earner) -> int:
    """Put who stays on all lists of who goes; return how many these were. The organization is held."""
    own = {row.earners_list_id: row for row in ListMembership.objects.filter(earner=kept)}
    theirs = list(ListMembership.objects.filter(earner=gone))
    moved = [row.pk for row in theirs if row.earners_list_id not in own]
    now = timezone.now()
    ListMembership.objects.filter(pk__in=moved).update(earner=kept, updated_at=now)
    for row in theirs:
        stays = own.get(row.earners_list_id)
        if stays is None:
            continue
        if not (stays.first_name or stays.last_name):
            stays.first_name, stays.last_name = row.first_name, row.last_name
        if row.metadata:
            stays.metadata = {**row.metadata, **(stays.metadata or {})}
        stays.save(update_fields=["first_name", "last_name", "metadata", "updated_at"])
        EarnersList.objects.filter(pk=row.earners_list_id).update(
            earners_count=F("earners_count") - 1, updated_at=now
        )
    ListMembership.objects.filter(earner=gone).delete()
    return len(theirs)
