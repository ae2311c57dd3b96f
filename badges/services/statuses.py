"""Status lists: places are handed out at issue, bits are set by revocation, and the signed list is published at once."""

import hashlib
import secrets

from django.conf import settings
from django.db import connection
from django.db.models import F, Max
from django.utils import timezone

from badges.credentials import ob3, status
from badges.models import Badge, StatusList
from badges.services.issuers import Signatory, active_key, signatory, signatory_of
from config.statements import Statement
from organizations.enums import KeyAlgorithm, KeyStatus
from organizations.models import Organization, SigningKey

# The least that the Bitstring Status List specification allows, so that one bit hides among many.
SIZE = 131_072
# An UPDATE of Django's is put together anew each time.
TAKE_PLACES = "UPDATE badges_statuslist SET taken = %s WHERE id = %s"


_lists_with_room: Statement[StatusList] = Statement(
    lambda places: (
        StatusList.objects.select_related("signing_key")
        .defer("body")
        .filter(organization=places.number("organization"), taken__lte=F("size") - places.number("count"))
        .order_by("-number")
    )
)


def take_places(organization: Organization, count: int) -> tuple[Signatory, StatusList, list[int]]:
    """Return who signs for the organization, its status list of that DID, and `count` free places in it.

    Must run in a transaction that holds the organization's row. When no list has room for all, a new one is opened, and the
    rest of the old one stays unused: one list per call keeps a bulk run's badges together. Raises KeyNotUsable.
    """
    if count > SIZE:
        raise ValueError(f"At most {SIZE} badges fit into one status list.")
    status_list = _lists_with_room.first(organization=organization.pk, count=count)
    signing = _signatory_of_list(organization, status_list)
    if signing is None or status_list is None:
        signing = signatory_of(organization)
        status_list = _list_of(signing, count)
    status_list.organization = organization
    first = status_list.taken
    with connection.cursor() as cursor:
        cursor.execute(TAKE_PLACES, [first + count, status_list.pk])
    positions = [
        status.position(first + step, status_list.size, status_list.start, status_list.stride)
        for step in range(count)
    ]
    return signing, status_list, positions


def _signatory_of_list(organization: Organization, status_list: StatusList | None) -> Signatory | None:
    """Return who signs with the list's key where that is still the one that signs, and issues as the list's DID."""
    if status_list is None or status_list.signing_key.status != KeyStatus.ACTIVE:
        return None
    signing = signatory(organization, status_list.signing_key)
    return signing if signing.did == status_list.issuer_did else None


def _list_of(signing: Signatory, count: int) -> StatusList:
    """Return a list of the signatory's DID with room, signed by its key from now on; open one where there is none."""
    status_list = (
        StatusList.objects.filter(
            organization=signing.organization, issuer_did=signing.did, taken__lte=F("size") - count
        )
        .order_by("-number")
        .first()
    )
    if status_list is None:
        return _open_list(signing)
    publish_list(status_list)
    status_list.refresh_from_db()
    return status_list


def publish_list(status_list: StatusList) -> None:
    """Sign the list anew from the badges as they are now. Must run in the transaction of the change that it tells of.

    Takes the list's row first, so that of two revocations at once the second sees the first. The key is the organization's
    active one under did:web; under did:key it stays the key that the DID is made of, also after that key was retired.
    """
    StatusList.objects.select_for_update().only("pk").get(pk=status_list.pk)
    status_list = StatusList.objects.select_related("organization", "signing_key").get(pk=status_list.pk)
    revoked = Badge.objects.filter(status_list=status_list, revoked_at__isnull=False)
    key = status_list.signing_key
    if settings.IS_SECURE and key.status != KeyStatus.ACTIVE:
        key = active_key(status_list.organization, KeyAlgorithm.ED25519)
    _sign(
        status_list,
        key,
        [index for index in revoked.values_list("status_index", flat=True) if index is not None],
    )
    status_list.save(update_fields=["signing_key", "body", "digest", "published_at"])


def _open_list(signatory: Signatory) -> StatusList:
    last = (
        StatusList.objects.filter(organization=signatory.organization).aggregate(last=Max("number"))["last"]
        or 0
    )
    status_list = StatusList(
        organization=signatory.organization,
        number=last + 1,
        issuer_did=signatory.did,
        size=SIZE,
        start=secrets.randbelow(SIZE),
        stride=secrets.randbelow(SIZE // 2) * 2
        + 1,  # odd, hence without a common divisor with a power of two
    )
    _sign(status_list, signatory.key, [])
    status_list.save()
    return status_list


def _sign(status_list: StatusList, key: SigningKey, revoked: list[int]) -> None:
    """Put the signed list for these revoked places into the row, without saving it."""
    now = timezone.now()
    document = ob3.status_list_credential(
        url=f"{settings.PUBLIC_URL}{status_list.public_path}",
        issuer_did=status_list.issuer_did,
        encoded_list=status.encode(revoked, status_list.size),
        published_at=now,
    )
    status_list.signing_key = key
    status_list.body = signatory(status_list.organization, key).sign_once(document)
    status_list.digest = hashlib.sha256(status_list.body.encode()).hexdigest()
    status_list.published_at = now
