"""Revoking: badges are taken back, for a reason, and everybody who asks is told at once."""

from collections import Counter, defaultdict
from collections.abc import Collection

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.credentials import admission
from badges.credentials.exceptions import Unsignable as NotAdmitted
from badges.exceptions import AlreadyRevoked, Unsignable
from badges.models import Badge, BadgeTemplate
from badges.services.progress import mark_due
from badges.services.statuses import publish_list
from badges.services.tallies import tally_revoked
from config.exceptions import InvalidInput
from organizations.actors import Actor, label_of
from organizations.enums import AuditAct
from organizations.models import Organization
from organizations.services.audit import note_act
from organizations.services.organizations import require_enabled

MOST_AT_ONCE = 500  # badges revoked in one transaction
MAX_REASON = 1000


def revoke_badge(*, badge: Badge, reason: str, by: Actor | None) -> Badge:
    """Take a badge back, for good. The reason is public: it stands on the badge's page and in its OB 2.0 documents.

    In one transaction: the badge, its place under the template's limit and its earner's `unique` place, the counts, and the
    signed status list, which is published anew. Raises AlreadyRevoked, OrganizationDisabled (except for staff), InvalidInput
    without a reason. Credits do not come back.
    """
    reason = checked_reason(reason)
    with transaction.atomic():
        organization = hold_for_revoking([badge.pk], badge.organization_id, by=by)
        revoked = take_back(organization, [badge.pk], reason=reason, revoked_by=label_of(by))
        if not revoked:
            raise AlreadyRevoked
        note_act(
            organization=organization,
            act=AuditAct.BADGE_REVOKED,
            by=by,
            subject=badge.uuid,
            label=badge.recipient_email,
            details={"reason": reason},
        )
    return revoked[0]


def revoke_badges(
    *, organization: Organization, badges: Collection[int], reason: str, by: Actor | None
) -> int:
    """Take back up to MOST_AT_ONCE badges (primary keys) of an organization as one act; return how many.

    In one transaction, as revoke_badge does it; badges that were revoked before keep their reason and are not counted.
    Raises OrganizationDisabled (except for staff), InvalidInput without a reason.
    """
    if len(badges) > MOST_AT_ONCE:
        raise ValueError("So many are a Revocation: services/revocations.py")
    reason = checked_reason(reason)
    with transaction.atomic():
        organization = hold_for_revoking(badges, organization.pk, by=by)
        revoked = take_back(organization, badges, reason=reason, revoked_by=label_of(by))
        if revoked:
            note_act(
                organization=organization,
                act=AuditAct.BADGE_REVOKED,
                by=by,
                # Numbers count an organization's badges, and are in the lists and files that it has of them.
                details={
                    "badges": len(revoked),
                    "numbers": sorted(badge.number for badge in revoked),
                    "reason": reason,
                },
            )
    return len(revoked)


def checked_reason(reason: str) -> str:
    """Return a reason as it is kept. Raises InvalidInput, and Unsignable for characters that no document can have."""
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise InvalidInput(
            _("Say in 1 to 1,000 characters why the badge is revoked; the reason is public."), field="reason"
        )
    try:
        admission.check_text("reason", reason)
    except NotAdmitted as error:
        raise Unsignable(_(error.sentence) % error.values, field="reason") from error
    return reason


def hold_for_revoking(badges: Collection[int], organization_id: int, *, by: Actor | None) -> Organization:
    """Hold the rows that revoking changes, and return the organization.

    In the order of issuing, and templates in that of their keys, so that no two transactions wait for each other. Raises
    OrganizationDisabled (except for staff).
    """
    templates = set(Badge.objects.filter(pk__in=badges).order_by().values_list("template_id", flat=True))
    # Without the key: rows of progress on a path refer to its template, from transactions that hold the organization.
    list(
        BadgeTemplate.objects.select_for_update(no_key=True)
        .filter(pk__in=templates)
        .order_by("pk")
        .values_list("pk")
    )
    organization = Organization.objects.select_for_update().get(pk=organization_id)
    if by is not None and not by.sees_everything:
        require_enabled(organization)
    return organization


def take_back(
    organization: Organization, badges: Collection[int], *, reason: str, revoked_by: str
) -> list[Badge]:
    """Revoke what is not revoked of these badges of the organization, whose rows are held; return the badges revoked."""
    rows = Badge.objects.filter(pk__in=badges, organization=organization, revoked_at__isnull=True)
    waiting = list(rows.order_by("pk").values_list("pk", flat=True))
    now = timezone.now()
    Badge.objects.filter(pk__in=waiting).update(
        revoked_at=now,
        revocation_reason=reason,
        revoked_by=revoked_by,
        holds_place=False,
        updated_at=now,
    )
    revoked = list(
        Badge.objects.filter(pk__in=waiting)
        .select_related("organization", "template", "status_list")
        .order_by("pk")
    )
    counted = [badge for badge in revoked if not badge.is_imported]
    if counted:
        for template, count in sorted(Counter(badge.template_id for badge in counted).items()):
            BadgeTemplate.objects.filter(pk=template).update(badges_count=F("badges_count") - count)
        Organization.objects.filter(pk=organization.pk).update(badges_count=F("badges_count") - len(counted))
        tally_revoked(organization, counted)
        of_template: dict[BadgeTemplate, list[Badge]] = defaultdict(list)
        for badge in counted:
            of_template[badge.template].append(badge)
        for row, its_badges in of_template.items():
            mark_due(row, its_badges)
    lists = {badge.status_list for badge in revoked if badge.status_list is not None}
    for status_list in sorted(lists, key=lambda status_list: status_list.pk):
        publish_list(status_list)
    return revoked
