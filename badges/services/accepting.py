"""What becomes of a badge at its earner's: opened by the link of its mail or from their account, and accepted."""

from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone

from badges.exceptions import BadgeRevoked, BadgeUnknown
from badges.models import Badge
from badges.services.my_badges import all_badges_of
from badges.services.tallies import tally_accepted
from config.text import folded
from earners.models import EarnerAccount
from organizations.models import Organization

MARKER = "o"  # the name of the marker in the address of a badge's page


def accept_badge(*, account: EarnerAccount, badge_id: UUID) -> Badge:
    """Accept a badge of an account, once and for good; return it. A second time changes nothing.

    Raises BadgeUnknown, for another's badge just as for none, and BadgeRevoked.
    """
    with transaction.atomic():
        badge = all_badges_of(account).filter(uuid=badge_id).first()
        if badge is None:
            raise BadgeUnknown
        # In the order of issuing, revoking and changing, so that no two transactions wait for each other.
        organization = Organization.objects.select_for_update().get(pk=badge.organization_id)
        # Asked again: the badge may have been corrected to be somebody else's while the organization was waited for.
        held = all_badges_of(account).filter(pk=badge.pk).first()
        if held is None:
            raise BadgeUnknown
        if held.is_revoked:
            raise BadgeRevoked
        if held.accepted_at is None:
            _accept(organization, [held])
    return held


def accept_badges(*, account: EarnerAccount) -> int:
    """Accept all badges of an account that wait for it; return how many. Each organization's in a transaction of its own."""
    waiting = all_badges_of(account).unaccepted()
    count = 0
    for pk in sorted(set(waiting.order_by().values_list("organization", flat=True))):
        with transaction.atomic():
            organization = Organization.objects.select_for_update().get(pk=pk)
            badges = list(waiting.filter(organization=organization))
            _accept(organization, badges)
            count += len(badges)
    return count


def opening_marker(badge: Badge) -> str:
    """Return what tells that somebody comes by the link of the badge's mail: nobody else can make it up."""
    return Signer(salt="badges.opening").signature(_subject(badge))


def note_opening(*, badge_id: UUID, marker: str) -> bool:
    """Note that a badge was opened by the link of its mail, once; return whether this was the first time.

    The marker is that of the address which the mail went to: after a correction the old one counts no more. A badge that
    somebody else has in hand at this moment is left for the next time, as a page waits for it.
    """
    badge = Badge.objects.filter(uuid=badge_id, opened_at__isnull=True).first()
    if badge is None or not _is_marker(badge, marker):
        return False
    return note_opened(badge=badge)


def note_opened(*, badge: Badge) -> bool:
    """Note that its earner has opened a badge, once; return whether this was the first time."""
    with transaction.atomic():
        free = Badge.objects.filter(pk=badge.pk, opened_at__isnull=True).select_for_update(
            no_key=True, skip_locked=True
        )
        pks = list(free.values_list("pk", flat=True))
        return bool(Badge.objects.filter(pk__in=pks).update(opened_at=timezone.now()))


def _accept(organization: Organization, badges: list[Badge]) -> None:
    """Note it in the badges, whose organization is held, and in the figures."""
    now = timezone.now()
    Badge.objects.filter(pk__in=[badge.pk for badge in badges]).update(accepted_at=now, updated_at=now)
    unopened = [badge.pk for badge in badges if badge.opened_at is None]
    Badge.objects.filter(pk__in=unopened).update(opened_at=now)
    for badge in badges:
        badge.accepted_at, badge.opened_at = now, badge.opened_at or now
    tally_accepted(organization, [badge for badge in badges if not badge.is_imported], is_accepted=True)


def _subject(badge: Badge) -> str:
    return f"{badge.uuid}:{folded(badge.recipient_email)}"


def _is_marker(badge: Badge, marker: str) -> bool:
    try:
        Signer(salt="badges.opening").unsign(f"{_subject(badge)}:{marker}")
    except BadSignature:
        return False
    return True
