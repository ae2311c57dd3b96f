"""What a person changes of their own account: names, language, address, and where they are signed in."""

import hashlib
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.enums import Language, MessageKind
from organizations.exceptions import AccountExists, InvalidInput, LinkOver, PasswordWrong, TooManyAtOnce
from organizations.models import Invitation, Message, User
from organizations.services.brakes import Brake
from organizations.services.members import checked_email
from organizations.services.outbox import write_messages
from organizations.services.rates import count_act

LINK_LIFETIME = 24 * 3600  # seconds
MAILS_OF_USER = 3  # in ten minutes
# Whoever finds a browser that somebody left signed in must not find their password there.
WRONG_PASSWORDS = Brake("own-passwords", limit=10, window=timedelta(minutes=10))

_SALT = "organizations.address"


def change_profile(*, user: User, first_name: str, last_name: str, language: Language) -> User:
    """Change what a person is called, and the language of pages and mails to them."""
    user.first_name, user.last_name, user.language = first_name.strip(), last_name.strip(), language
    user.save(update_fields=["first_name", "last_name", "language", "updated_at"])
    return user


def check_password(*, user: User, password: str) -> None:
    """Raise PasswordWrong unless it is the user's; after ten different wrong ones TooManyTries for a while."""
    WRONG_PASSWORDS.check(str(user.pk))
    if not user.check_password(password):
        WRONG_PASSWORDS.count(str(user.pk), password)
        raise PasswordWrong(field="password")


def ask_address(*, user: User, email: str, password: str) -> str:
    """Mail a link to the address that is to be the user's; return it. Nothing changes before the link is opened.

    An address that has an account gets a mail that says so; the answer is the same. Raises InvalidInput, PasswordWrong,
    TooManyTries and TooManyAtOnce.
    """
    check_password(user=user, password=password)
    email = checked_email(email)
    if email == user.email:
        raise InvalidInput(_("This is your address already."), field="email")
    for name in (f"addresses-of:{user.pk}", f"sign-ups-of:{_short(email)}"):
        seconds = count_act(name, limit=MAILS_OF_USER)
        if seconds is not None:
            raise TooManyAtOnce(retry_after=seconds)
    with transaction.atomic():
        write_messages([Message(kind=MessageKind.ADDRESS_CHANGE, subject=user.uuid, recipient=email)])
    return email


def address_path(*, user: User, email: str) -> str:
    """Return the path of the page behind the mailed link: good for a day, and until the address changes."""
    token = signing.dumps([str(user.uuid), user.email, email], salt=_SALT)
    return reverse("confirm_address", args=[token])


def address_of_link(*, user: User, token: str) -> str:
    """Return the new address that a mailed link names. Raises LinkOver, also for the link of somebody else."""
    try:
        owner, before, email = signing.loads(token, salt=_SALT, max_age=LINK_LIFETIME)
    except signing.BadSignature as error:
        raise LinkOver from error
    if owner != str(user.uuid) or before != user.email:
        raise LinkOver
    return str(email)


def change_address(*, user: User, token: str) -> User:
    """Make the address of a mailed link the user's, and tell the former one. Raises LinkOver and AccountExists.

    What they invited stays good; addresses from elsewhere no longer open the account.
    """
    email = address_of_link(user=user, token=token)
    with transaction.atomic():
        before = user.email
        rows = User.objects.filter(pk=user.pk, email=before)
        now = timezone.now()
        try:
            with transaction.atomic():
                changed = rows.update(email=email, email_verified_at=now, updated_at=now)
        except IntegrityError as error:
            raise AccountExists from error
        if not changed:
            raise LinkOver
        EmailAddress.objects.filter(user=user).delete()
        Invitation.objects.filter(invited_by=before, ended_at__isnull=True).update(invited_by=email)
        write_messages([Message(kind=MessageKind.ADDRESS_CHANGED, subject=user.uuid, recipient=before)])
    user.email = email
    return user


def end_other_sessions(*, user: User, password: str) -> None:
    """Sign the user out everywhere: their password gets a new digest, by which all sessions are known.

    The caller keeps the session at hand with `update_session_auth_hash`. Raises PasswordWrong and TooManyTries.
    """
    check_password(user=user, password=password)
    user.set_password(password)
    user.save(update_fields=["password"])


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
