"""What badges do when organizations tell of something."""

from typing import Any

from django.conf import settings
from django.dispatch import receiver

from badges.enums import DocumentKind
from badges.models import BadgeDocument, StatusList
from badges.services.statuses import publish_list
from organizations.enums import KeyAlgorithm
from organizations.models import SigningKey
from organizations.signals import signing_key_revoked


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
