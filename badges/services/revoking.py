"""Revoking: a badge is taken back, for a reason, and everybody who asks is told at once."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.credentials import admission
from badges.credentials.exceptions import Unsignable as NotAdmitted
from badges.exceptions import AlreadyRevoked, Unsignable
from badges.models import Badge, BadgeTemplate
from badges.services.statuses import publish_list
from config.exceptions import InvalidInput
from organizations.actors import Actor, label_of
from organizations.models import Organization
from organizations.services.organizations import require_enabled


def revoke_badge(*, badge: Badge, reason: str, by: Actor | None) -> Badge:
    """Take a badge back, for good. The reason is public: it stands on the badge's page and in its OB 2.0 documents.

    In one transaction: the badge, its place under the template's limit and its earner's `unique` place, the counts, and the
    signed status list, which is published anew. Raises AlreadyRevoked, OrganizationDisabled (except for staff), InvalidInput
    without a reason. Credits do not come back.
    """
    reason = reason.strip()
    if not reason or len(reason) > 1000:
        raise InvalidInput(
            _("Say in 1 to 1,000 characters why the badge is revoked; the reason is public."), field="reason"
        )
    try:
        admission.check_text("reason", reason)
    except NotAdmitted as error:
        raise Unsignable(error.message, field="reason") from error
    with transaction.atomic():
        BadgeTemplate.objects.select_for_update().get(pk=badge.template_id)
        organization = Organization.objects.select_for_update().get(pk=badge.organization_id)
        if by is not None and not by.sees_everything:
            require_enabled(organization)
        changed = Badge.objects.filter(pk=badge.pk, revoked_at__isnull=True).update(
            revoked_at=timezone.now(),
            revocation_reason=reason,
            revoked_by=label_of(by),
            holds_place=False,
            updated_at=timezone.now(),
        )
        if not changed:
            raise AlreadyRevoked
        badge = Badge.objects.select_related("organization", "template", "status_list").get(pk=badge.pk)
        if not badge.is_imported:
            BadgeTemplate.objects.filter(pk=badge.template_id).update(badges_count=F("badges_count") - 1)
            Organization.objects.filter(pk=organization.pk).update(badges_count=F("badges_count") - 1)
        if badge.status_list is not None:
            publish_list(badge.status_list)
    return badge
