"""Passkeys of persons: added to an account, named, removed, and signed in with (WebAuthn Level 2, by the library fido2).

A passkey names its account itself, so nothing is typed to sign in. The device must have verified its person (by finger,
face or PIN), so that a device in other hands opens nothing.
"""

import ipaddress
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from config.exceptions import InvalidInput
from config.text import UNSIGNABLE_CHARACTERS
from earners.enums import AccountAct, ChallengePurpose
from earners.exceptions import (
    ChallengeOver,
    PasskeyCopied,
    PasskeyNotAdded,
    PasskeyRefused,
    PasskeysImpossible,
    PasskeyThere,
    PasskeyUnknown,
    TooManyPasskeys,
)
from earners.models import AccountEmail, Challenge, EarnerAccount, Passkey
from earners.services.challenges import SIGNED, make_challenge, secret_of, use_challenge
from earners.services.notices import tell_of_change

MAX_PASSKEYS = 20
MAX_ANSWER = 16 * 1024  # characters of what a browser answers
NAME_LENGTH = 60
LOCAL_NAME = "localhost"
# What the library raises about bytes that are not what they should be, beside its own refusals (ValueError).
MALFORMED = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    struct.error,
)
Answer = TypeVar("Answer", RegistrationResponse, AuthenticationResponse)


def relying_party() -> str | None:
    """Return the name that passkeys are made for, the host of PUBLIC_URL; None where browsers make none.

    They do it for names alone, not for numbers, and by https; for http at the name `localhost` only.
    """
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host if settings.IS_SECURE or host == LOCAL_NAME else None
    return None


def public_origin() -> str:
    """Return the origin of the pages that passkeys work on, as browsers write it."""
    parts = urlsplit(settings.PUBLIC_URL)
    port = parts.port if parts.port != {"http": 80, "https": 443}[parts.scheme] else None
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")


def ask_new_passkey(*, account: EarnerAccount, browser: str, client: str | None) -> dict[str, Any]:
    """Return what the browser needs to make a passkey for an account: `CredentialCreationOptions`, for JSON.

    Raises PasskeysImpossible, TooManyPasskeys, TooManyChallenges.
    """
    server = _server()
    mine = [_credential(passkey) for passkey in account.passkeys.all()]
    if len(mine) >= MAX_PASSKEYS:
        raise TooManyPasskeys(TooManyPasskeys.default_message % {"limit": MAX_PASSKEYS})
    challenge = make_challenge(
        purpose=ChallengePurpose.NEW_PASSKEY, browser=browser, client=client, account=account
    )
    address = AccountEmail.objects.signing_in().filter(account=account).first()
    label = address.email if address is not None else str(account)
    options, _state = server.register_begin(
        PublicKeyCredentialUserEntity(id=account.uuid.bytes, name=label, display_name=account.name or label),
        credentials=mine,
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=_signed_bytes(challenge),
    )
    return dict(options)


def add_passkey(*, account: EarnerAccount, name: str, answer: str, browser: str) -> Passkey:
    """Add the passkey that the browser made, whose JSON is `answer`; without a name it is called so. Mails tell of it.

    Raises InvalidInput, PasskeysImpossible, ChallengeOver, PasskeyNotAdded, TooManyPasskeys.
    """
    server, name = _server(), _checked_name(name)
    made = _read(answer, RegistrationResponse.from_dict, PasskeyNotAdded)
    state = _used(made, ChallengePurpose.NEW_PASSKEY, browser, account)
    try:
        told = server.register_complete(state, made)
        credential = told.credential_data
        is_known = credential is not None and credential.public_key.get(3) in CoseKey.supported_algorithms()
    except MALFORMED as error:
        raise PasskeyNotAdded from error
    if credential is None or not is_known or credential.credential_id != made.raw_id:
        raise PasskeyNotAdded
    with transaction.atomic():
        EarnerAccount.objects.select_for_update().get(pk=account.pk)
        if Passkey.objects.filter(account=account).count() >= MAX_PASSKEYS:
            raise TooManyPasskeys(TooManyPasskeys.default_message % {"limit": MAX_PASSKEYS})
        tell_of_change(account=account, act=AccountAct.PASSKEY_ADDED, detail=name)
        try:
            with transaction.atomic():
                return Passkey.objects.create(
                    account=account,
                    name=name,
                    credential_id=websafe_encode(credential.credential_id),
                    credential=bytes(credential),
                    sign_count=told.counter,
                )
        except IntegrityError as error:
            raise PasskeyThere from error


def ask_passkey(*, browser: str, client: str | None) -> dict[str, Any]:
    """Return what the browser needs to sign in with any passkey of this server: `CredentialRequestOptions`, for JSON.

    It names no passkey, so it tells nothing about who has one. Raises PasskeysImpossible, TooManyChallenges.
    """
    server = _server()
    challenge = make_challenge(purpose=ChallengePurpose.PASSKEY, browser=browser, client=client)
    options, _state = server.authenticate_begin(
        user_verification=UserVerificationRequirement.REQUIRED, challenge=_signed_bytes(challenge)
    )
    return dict(options)


def sign_in_with_passkey(*, answer: str, browser: str) -> EarnerAccount:
    """Return the account that a passkey opens, by the JSON that the browser answered.

    The device's count of signatures must have grown, or be 0 for ever (WebAuthn Level 2, section 7.2, step 21): the one
    of two copies that comes later is refused. Raises PasskeysImpossible, ChallengeOver, PasskeyRefused, PasskeyCopied.
    """
    server = _server()
    made = _read(answer, AuthenticationResponse.from_dict, PasskeyRefused)
    state = _used(made, ChallengePurpose.PASSKEY, browser, None)
    passkey = (
        Passkey.objects.select_related("account").filter(credential_id=websafe_encode(made.raw_id)).first()
    )
    if passkey is None or made.response.user_handle != passkey.account.uuid.bytes:
        raise PasskeyRefused
    try:
        server.authenticate_complete(state, [_credential(passkey)], made)
    except MALFORMED as error:
        raise PasskeyRefused from error
    count = made.response.authenticator_data.counter
    rows = Passkey.objects.filter(pk=passkey.pk)
    rows = rows.filter(sign_count__lt=count) if count else rows.filter(sign_count=0)
    if not rows.update(sign_count=count, last_used_at=timezone.now()):
        raise PasskeyCopied
    return passkey.account


def list_passkeys(account: EarnerAccount) -> Sequence[Passkey]:
    """Return the account's passkeys, oldest first."""
    return list(Passkey.objects.filter(account=account).defer("credential"))


def rename_passkey(*, account: EarnerAccount, passkey: int, name: str) -> None:
    """Give a passkey (its primary key) of an account another name. Raises PasskeyUnknown, InvalidInput."""
    rows = Passkey.objects.filter(account=account, pk=passkey)
    if not rows.exists():
        raise PasskeyUnknown
    rows.update(name=_checked_name(name))


def remove_passkey(*, account: EarnerAccount, passkey: int) -> None:
    """Remove a passkey (its primary key) of an account: it opens nothing any more. Raises PasskeyUnknown."""
    with transaction.atomic():
        row = Passkey.objects.select_for_update().filter(account=account, pk=passkey).first()
        if row is None:
            raise PasskeyUnknown
        tell_of_change(account=account, act=AccountAct.PASSKEY_REMOVED, detail=row.name)
        row.delete()


def _server() -> Fido2Server:
    """Return the library's view of this server. Raises PasskeysImpossible."""
    name = relying_party()
    if name is None:
        raise PasskeysImpossible
    # This very origin: the library itself would take any host below the name.
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=name, name=name),
        verify_origin=lambda origin: origin == public_origin(),
    )


def _signed_bytes(challenge: Challenge) -> bytes:
    """Return what the device is to sign: the challenge's id, by which it is found again, and its secret."""
    return challenge.uuid.bytes + secret_of(challenge, SIGNED)


def _read(answer: str, parse: Callable[[Mapping[str, Any]], Answer], refusal: type[Exception]) -> Answer:
    if not answer or len(answer) > MAX_ANSWER:
        raise refusal
    try:
        return parse(json.loads(answer))
    except MALFORMED as error:
        raise refusal from error


def _used(
    made: RegistrationResponse | AuthenticationResponse,
    purpose: ChallengePurpose,
    browser: str,
    account: EarnerAccount | None,
) -> dict[str, Any]:
    """Use up the challenge that an answer is to; return what the library compares the answer with."""
    try:
        uuid = UUID(bytes=made.response.client_data.challenge[:16])
    except MALFORMED as error:
        raise ChallengeOver from error
    challenge = use_challenge(uuid=uuid, purpose=purpose, browser=browser, account=account)
    return {
        "challenge": websafe_encode(_signed_bytes(challenge)),
        "user_verification": UserVerificationRequirement.REQUIRED,
    }


def _credential(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(passkey.credential))


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if len(name) > NAME_LENGTH:
        raise InvalidInput(
            _("This is longer than %(limit)d characters.") % {"limit": NAME_LENGTH}, field="name"
        )
    if UNSIGNABLE_CHARACTERS.search(name):
        raise InvalidInput(_("There are characters in it that cannot be shown."), field="name")
    return name or _("Passkey")
