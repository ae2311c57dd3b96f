"""What becomes of the facts that organizations and badges tell."""

from typing import Any

from django.conf import settings
from django.dispatch import receiver

from badges.enums import DocumentKind
from badges.models import (
    BadgeDocument,
    BadgeShare,
    Batch,
    ImportedBadge,
    OutcomeRecord,
    Revocation,
    StatusList,
)
from badges.services.anonymising import anonymise_badges, anonymise_records, close_records
from badges.services.imported import remove_imported
from badges.services.merging import join_badges
from badges.services.outcome_settings import re_encrypt_outcomes
from badges.services.statuses import publish_list
from badges.services.tallies import retally
from badges.signals import batch_waiting, revocation_waiting
from badges.tasks import continue_batch, continue_revocation
from earners.models import Earner, EarnerAccount
from earners.signals import account_deleted, accounts_joined, earner_erased, earners_merged
from organizations.enums import AccountDeletion, KeyAlgorithm
from organizations.models import Organization, SigningKey
from organizations.signals import secrets_re_encrypted, signing_key_revoked, time_zone_changed


@receiver(signing_key_revoked)
def replace_what_the_key_signed(sender: type[SigningKey], key: SigningKey, **kwargs: Any) -> None:  # noqa: ARG001
    """Sign anew what can be: status lists, and the documents that are made when asked for.

    Credentials stay as they were signed, and verify no longer. Under did:key a status list keeps its key, as the DID is the
    key: nobody else could speak for that issuer.
    """
    if key.algorithm == KeyAlgorithm.RSA:
        BadgeDocument.objects.filter(signing_key=key).exclude(kind=DocumentKind.OB3).delete()
    elif settings.IS_SECURE:
        for status_list in StatusList.objects.filter(signing_key=key):
            publish_list(status_list)


@receiver(time_zone_changed)
def count_months_anew(sender: type[Organization], organization: Organization, **kwargs: Any) -> None:  # noqa: ARG001
    """Months begin at another instant now."""
    retally(organization)


@receiver(secrets_re_encrypted)
def encrypt_signing_secrets_anew(sender: type[SigningKey], **kwargs: Any) -> int:  # noqa: ARG001
    """With the newest key."""
    return re_encrypt_outcomes()


@receiver(batch_waiting)
def wake_a_worker(sender: type[Batch], batch: Batch, **kwargs: Any) -> None:  # noqa: ARG001
    """Have the batch begun at once."""
    continue_batch.enqueue(batch_uuid=str(batch.uuid))


@receiver(revocation_waiting)
def wake_a_worker_to_revoke(sender: type[Revocation], revocation: Revocation, **kwargs: Any) -> None:  # noqa: ARG001
    """Have the revocation begun at once."""
    continue_revocation.enqueue(revocation_uuid=str(revocation.uuid))


@receiver(accounts_joined)
def keep_what_hangs_on_the_account(
    sender: type[EarnerAccount],  # noqa: ARG001
    kept: EarnerAccount,
    gone: EarnerAccount,
    **kwargs: Any,  # noqa: ARG001
) -> None:
    """Give badges of other issuers and reported outcomes to the account that stays, where it has none of the same."""
    had = ImportedBadge.objects.filter(account=kept).values("identity")
    ImportedBadge.objects.filter(account=gone).exclude(identity__in=had).update(account=kept)
    reached = OutcomeRecord.objects.filter(account=kept).values("outcome")
    OutcomeRecord.objects.filter(account=gone).exclude(outcome__in=reached).update(account=kept)
    # What is left is there twice. It would stay without an account, as if it were somebody else's.
    OutcomeRecord.objects.filter(account=gone).delete()
    BadgeShare.objects.filter(account=gone).update(account=kept)


@receiver(account_deleted)
def take_out_what_was_brought(
    sender: type[EarnerAccount],  # noqa: ARG001
    account: EarnerAccount,
    **kwargs: Any,  # noqa: ARG001
) -> None:
    """Badges of other issuers go with their pictures. Records of outcomes stay, as each organization has chosen."""
    for badge in ImportedBadge.objects.filter(account=account):
        remove_imported(badge=badge)
    records = OutcomeRecord.objects.filter(account=account)
    anonymised = records.filter(outcome__organization__account_deletion=AccountDeletion.ANONYMISE)
    anonymise_records(anonymised)
    close_records(records)


@receiver(earner_erased)
def take_the_person_out(sender: type[Earner], earner: Earner, **kwargs: Any) -> None:  # noqa: ARG001
    """Badges stay and are nobody's."""
    anonymise_badges(earner=earner)


@receiver(earners_merged)
def give_badges_to_who_stays(sender: type[Earner], kept: Earner, gone: Earner, **kwargs: Any) -> None:  # noqa: ARG001
    """Badges and progress move."""
    join_badges(kept=kept, gone=gone)
