"""What the person of an account has earned: badges that organizations here issued to their addresses, and imported ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from threading import Lock
from uuid import UUID

from cachetools import LRUCache
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import QuerySet

from badges.exceptions import BadgeUnknown
from badges.models import Badge, BadgeTemplateVersion, ImportedBadge
from badges.services.values import achievement_of, issuer_of
from config.statements import Statement
from earners.models import AccountEmail, EarnerAccount
from organizations.models import Organization
from organizations.pictures import rendition_names


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnedBadge:
    """One badge as its earner is told of it; texts that are not known are None. `issued_at` is aware."""

    badge_id: UUID
    issued_at: datetime
    name: str
    description: str | None
    image_url: str | None
    tags: tuple[str, ...]
    issuer_name: str | None
    issuer_description: str | None
    issuer_email: str | None
    issuer_url: str | None


@dataclass(frozen=True, slots=True)
class _Content:
    """What a version says of its badges."""

    name: str
    description: str
    image_url: str | None
    tags: tuple[str, ...]


def badges_of(account: EarnerAccount) -> QuerySet[Badge]:
    """Return the badges of an account that were issued here and not revoked, whatever organization issued them.

    A badge is the account's when its earner's address is one that the account's owner proved to be theirs.
    """
    return _badges(account.pk)


def imported_of(account: EarnerAccount) -> QuerySet[ImportedBadge]:
    """Return the badges of other issuers that the account has, revoked ones left out."""
    return _imports(account.pk)


def _badges(account: int) -> QuerySet[Badge]:
    addresses = AccountEmail.objects.filter(account=account, verified_at__isnull=False)
    return Badge.objects.filter(
        earner__email_key__in=addresses.order_by().values("email_key"), revoked_at__isnull=True
    ).order_by()


def _imports(account: int) -> QuerySet[ImportedBadge]:
    return ImportedBadge.objects.filter(account=account, revoked_at__isnull=True).order_by()


# Id, time, version and organization of each badge: what versions say is known, and organizations are few.
COLUMNS = ("uuid", "issued_at", "version__uuid", "organization_id")
Row = tuple[UUID, datetime, UUID, int]
BADGES: Statement[Row] = Statement(lambda places: _badges(places.number("account")).values_list(*COLUMNS))
ONE_BADGE: Statement[Row] = Statement(
    lambda places: _badges(places.number("account")).filter(uuid=places.uuid("badge")).values_list(*COLUMNS)
)
IMPORTS: Statement[ImportedBadge] = Statement(lambda places: _imports(places.number("account")))
ONE_IMPORT: Statement[ImportedBadge] = Statement(
    lambda places: _imports(places.number("account")).filter(uuid=places.uuid("badge"))
)
ISSUERS: Statement[Organization] = Statement(
    lambda places: Organization.objects.filter(
        pk__in=_badges(places.number("account")).values("organization")
    ).order_by()
)
ONE_ISSUER: Statement[Organization] = Statement(
    lambda places: Organization.objects.filter(pk=places.number("organization")).order_by()
)


def list_earned(account: EarnerAccount) -> list[EarnedBadge]:
    """Return all badges of an account, newest first, those of one instant by id. Four queries at most."""
    rows = BADGES.rows(account=account.pk)
    found = _issued_here(rows, ISSUERS.rows(account=account.pk) if rows else [])
    found += [_imported(row) for row in IMPORTS.rows(account=account.pk)]
    found.sort(key=lambda badge: str(badge.badge_id))
    found.sort(key=attrgetter("issued_at"), reverse=True)
    return found


def find_earned(account: EarnerAccount, badge_id: UUID) -> EarnedBadge:
    """Return one badge of an account. Raises BadgeUnknown, for another's badge just as for none."""
    row = ONE_BADGE.first(account=account.pk, badge=badge_id)
    if row is not None:
        return _issued_here([row], ONE_ISSUER.rows(organization=row[3]))[0]
    imported = ONE_IMPORT.first(account=account.pk, badge=badge_id)
    if imported is None:
        raise BadgeUnknown
    return _imported(imported)


def _issued_here(rows: Sequence[Row], organizations: Sequence[Organization]) -> list[EarnedBadge]:
    contents = _contents({row[2] for row in rows})
    issuers = {organization.pk: issuer_of(organization, did="") for organization in organizations}
    return [
        EarnedBadge(
            badge_id=uuid,
            issued_at=issued_at,
            name=content.name,
            description=content.description,
            image_url=content.image_url,
            tags=content.tags,
            issuer_name=issuer.name,
            issuer_description=issuer.description,
            issuer_email=issuer.email,
            issuer_url=issuer.website or issuer.url,
        )
        for uuid, issued_at, version, organization in rows
        for content, issuer in ((contents[version], issuers[organization]),)
    ]


_known: LRUCache[tuple[UUID, str], _Content] = LRUCache(4096)
_lock = Lock()


def _contents(versions: set[UUID]) -> dict[UUID, _Content]:
    """Return what versions say. Badges were issued from them, so they never change: each is read once in a process."""
    url = settings.PUBLIC_URL
    with _lock:
        found = {uuid: known for uuid in versions if (known := _known.get((uuid, url))) is not None}
    missing = versions - found.keys()
    for version in BadgeTemplateVersion.objects.filter(uuid__in=missing) if missing else ():
        said = achievement_of(version)
        found[version.uuid] = _Content(said.name, said.description, said.image_url, said.tags)
    with _lock:
        for uuid in missing:
            _known[uuid, url] = found[uuid]
    return found


def _imported(badge: ImportedBadge) -> EarnedBadge:
    issuer = badge.issuer
    return EarnedBadge(
        badge_id=badge.uuid,
        issued_at=badge.issued_at,
        name=badge.name,
        description=badge.description or None,
        image_url=picture_url(badge),
        tags=tuple(badge.tags),
        issuer_name=issuer.get("name") or None,
        issuer_description=issuer.get("description") or None,
        issuer_email=issuer.get("email") or None,
        issuer_url=issuer.get("url") or None,
    )


def picture_url(badge: ImportedBadge) -> str | None:
    """Return the address of an imported badge's picture: the one kept here, else its issuer's, else None."""
    if not badge.image:
        return badge.image_url or None
    url = str(default_storage.url(rendition_names(badge.image).regular))
    return url if "://" in url else f"{settings.PUBLIC_URL}{url}"


def forget_contents() -> None:
    """Forget what versions say, as a new process does."""
    with _lock:
        _known.clear()
