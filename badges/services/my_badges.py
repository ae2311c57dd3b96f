"""What a person sees of their own badges, across organizations, and how they show them: to everybody, by link, or not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.enums import BadgeStatus, Visibility
from badges.exceptions import BadgeUnknown
from badges.models import Badge, BadgeTemplate, ImportedBadge, PathProgress
from badges.querysets import BadgeQuerySet
from badges.services.standings import PathStanding, progress_of
from badges.services.tallies import tally_shown
from config.text import folded
from earners.models import AccountEmail, EarnerAccount
from organizations.models import Organization

EXPIRES_SOON = timedelta(days=30)
MAX_PATHS = 20
# What a list says of a badge, as names of columns: versions have long texts.
SHOWN = (
    *("uuid", "issued_at", "expires_at", "revoked_at", "accepted_at", "visibility", "is_imported"),
    *("organization__name", "organization__time_zone"),
    *("version__uuid", "version__title", "version__language"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MyBadge:
    """One badge in its earner's list or on their public page. `status` is a word of _status.html.

    `address` is where anybody can read and verify it: its page, or of an imported one our page that verifies it where it was
    found; empty where that is not known. An imported one that is not public has no `visibility`, having no page here.
    `issued_on` is the day where the organization is, as on the badge's page. `is_waiting` tells that its earner has neither
    accepted nor hidden it.
    """

    uuid: UUID
    title: str
    language: str
    issuer: str
    issued_at: datetime
    issued_on: date
    status: str
    picture: str
    address: str
    visibility: Visibility | None
    is_waiting: bool = False
    is_imported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPath:
    """A learning path that a person has set out on, and how far they are."""

    path: BadgeTemplate
    standing: PathStanding


def all_badges_of(account: EarnerAccount) -> BadgeQuerySet:
    """Return all badges of an account that were issued here, revoked ones too: those of its verified addresses."""
    addresses = AccountEmail.objects.filter(account=account, verified_at__isnull=False)
    return Badge.objects.all().filter(earner__email_key__in=addresses.values("email_key"))


def list_mine(account: EarnerAccount) -> list[MyBadge]:
    """Return all badges of an account, newest first, imported ones among them. Two queries."""
    now = timezone.now()
    badges = all_badges_of(account).select_related("version", "organization").only(*SHOWN)
    found = [_issued_here(badge, now) for badge in badges]
    found += [_brought(badge, now) for badge in ImportedBadge.objects.filter(account=account)]
    return _newest_first(found)


class State(TextChoices):
    """Which of their badges a person wants to see."""

    WAITING = "waiting", _("Not accepted")
    PUBLIC = "public", _("Public")
    HIDDEN = "hidden", _("Hidden")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")
    IMPORTED = "imported", _("Imported")


def states_of(badge: MyBadge) -> set[str]:
    """Return the states that a badge is in: it may be public and expired."""
    states = {badge.status, str(badge.visibility or "")}
    states |= {State.WAITING} if badge.is_waiting else set()
    return states | {State.IMPORTED} if badge.is_imported else states


def narrowed(
    badges: Sequence[MyBadge], *, search: str = "", issuer: str = "", year: str = "", state: str = ""
) -> list[MyBadge]:
    """Keep those whose title or issuer has all words of a search, of an issuer (its name), of a year, in a state."""
    words = folded(search).split()
    return [
        badge
        for badge in badges
        if (not issuer or badge.issuer == issuer)
        and (not year or str(badge.issued_on.year) == year)
        and (not state or state in states_of(badge))
        and all(word in folded(f"{badge.title} {badge.issuer}") for word in words)
    ]


def find_mine(account: EarnerAccount, badge_id: UUID) -> Badge | ImportedBadge:
    """Return one badge of an account. Raises BadgeUnknown, for another's badge just as for none."""
    badges = all_badges_of(account).select_related("organization", "template", "version")
    found = badges.filter(uuid=badge_id).first()
    if found is None:
        brought = ImportedBadge.objects.filter(account=account, uuid=badge_id).first()
        if brought is None:
            raise BadgeUnknown
        return brought
    return found


def show_badge(*, account: EarnerAccount, badge_id: UUID, visibility: Visibility) -> Badge:
    """Let everybody find a badge of an account, or who has its link, or nobody; return it.

    A hidden badge has neither page nor documents for anybody; who downloaded it before still has it, and it verifies.
    Raises BadgeUnknown.
    """
    with transaction.atomic():
        badge = all_badges_of(account).filter(uuid=badge_id).first()
        if badge is None:
            raise BadgeUnknown
        # In the order of issuing, revoking and changing, so that no two transactions wait for each other.
        organization = Organization.objects.select_for_update().get(pk=badge.organization_id)
        held = Badge.objects.select_for_update(no_key=True).get(pk=badge.pk)
        if held.visibility == visibility:
            return held
        was_public, held.visibility = held.visibility == Visibility.PUBLIC, visibility
        is_public = visibility == Visibility.PUBLIC
        if was_public != is_public and not held.is_revoked and not held.is_imported:
            tally_shown(organization, held, is_public=is_public)
        held.save(update_fields=["visibility", "updated_at"])
    return held


def show_imported(*, account: EarnerAccount, badge_id: UUID, is_public: bool) -> None:
    """Put an imported badge of an account on its person's public page, or take it off. Raises BadgeUnknown."""
    if not ImportedBadge.objects.filter(account=account, uuid=badge_id).update(is_public=is_public):
        raise BadgeUnknown


def collection_of(uuid: UUID) -> tuple[EarnerAccount, list[MyBadge]] | None:
    """Return whose page this is and the badges that they show to everybody, newest first; None where there is no such page.

    Revoked ones are left out, of imported ones by what was found when they were last verified.
    """
    account = EarnerAccount.objects.filter(collection_uuid=uuid).first()
    if account is None:
        return None
    badges = all_badges_of(account).filter(visibility=Visibility.PUBLIC, revoked_at__isnull=True)
    now = timezone.now()
    shown = [
        _issued_here(badge, now) for badge in badges.select_related("version", "organization").only(*SHOWN)
    ]
    for badge in ImportedBadge.objects.filter(account=account, is_public=True, revoked_at__isnull=True):
        kept_at = reverse("collection_picture", args=[uuid, badge.uuid])
        shown.append(replace(_brought(badge, now), picture=kept_at if badge.image else ""))
    return account, _newest_first(shown)


def shown_picture(collection: UUID, badge_id: UUID) -> str | None:
    """Return the name in the storage of the picture of an imported badge that a public page shows; None without one."""
    shown = ImportedBadge.objects.filter(
        account__collection_uuid=collection, uuid=badge_id, is_public=True, revoked_at__isnull=True
    )
    return shown.exclude(image="").values_list("image", flat=True).first()


def paths_of(account: EarnerAccount) -> list[MyPath]:
    """Return the learning paths that the person has begun and not ended, those with most steps done first."""
    addresses = AccountEmail.objects.filter(account=account, verified_at__isnull=False)
    begun = PathProgress.objects.filter(
        earner__email_key__in=addresses.values("email_key"), badge__isnull=True, steps_done__gt=0
    ).select_related("path__current_version", "path__organization", "earner")
    found = []
    for progress in begun.order_by("-steps_done", "-pk")[:MAX_PATHS]:
        standing = progress_of(path=progress.path, earner=progress.earner)
        if progress.path.current_version is not None and standing.next_step is not None:
            found.append(MyPath(path=progress.path, standing=standing))
    return found


def status_word(badge: Badge | ImportedBadge, at: datetime) -> str:
    """Return the word for _status.html: revoked, expired, not_accepted, expires_soon (within 30 days), or valid."""
    status = badge.status_at(at)
    if status == BadgeStatus.VALID and isinstance(badge, Badge) and is_waiting(badge):
        return "not_accepted"
    if status == BadgeStatus.VALID and badge.expires_at is not None:
        return "expires_soon" if badge.expires_at - at <= EXPIRES_SOON else "valid"
    return "expired" if status == BadgeStatus.INVALID else str(status)


def is_waiting(badge: Badge) -> bool:
    """Whether the badge waits for its earner, who has neither accepted nor hidden it (BadgeQuerySet.unaccepted)."""
    return (
        badge.accepted_at is None
        and badge.revoked_at is None
        and not badge.is_imported
        and badge.visibility != Visibility.HIDDEN
    )


def _newest_first(badges: Sequence[MyBadge]) -> list[MyBadge]:
    return sorted(badges, key=lambda badge: (badge.issued_at, str(badge.uuid)), reverse=True)


def _issued_here(badge: Badge, at: datetime) -> MyBadge:
    return MyBadge(
        uuid=badge.uuid,
        title=badge.version.title,
        language=badge.version.language,
        issuer=badge.organization.name,
        issued_at=badge.issued_at,
        issued_on=timezone.localdate(badge.issued_at, ZoneInfo(badge.organization.time_zone)),
        status=status_word(badge, at),
        picture=f"{badge.version.public_path}/image.png",
        address=badge.public_path,
        visibility=Visibility(badge.visibility),
        is_waiting=is_waiting(badge),
    )


def _brought(badge: ImportedBadge, at: datetime) -> MyBadge:
    # A picture that is kept here: a page asks no foreign server, which would learn who reads it.
    return MyBadge(
        uuid=badge.uuid,
        title=badge.name,
        language="",
        issuer=str(badge.issuer.get("name") or ""),
        issued_at=badge.issued_at,
        issued_on=timezone.localdate(badge.issued_at),
        status=status_word(badge, at),
        picture=reverse("my_badge_picture", args=[badge.uuid]) if badge.image else "",
        address=f"{reverse('verify')}?{urlencode({'url': badge.source_url})}" if badge.source_url else "",
        visibility=Visibility.PUBLIC if badge.is_public else None,
        is_imported=True,
    )
