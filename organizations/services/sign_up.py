"""Signing up: from a stranger to the owner of an organization, as the setting SIGN_UP lets them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from organizations.enums import MessageKind
from organizations.exceptions import AccountExists, LinkOver, SignUpClosed, SlugTaken, TooManyAtOnce
from organizations.models import Message, Organization, System, User
from organizations.services.members import checked_email
from organizations.services.organizations import create_organization, default_system
from organizations.services.outbox import write_messages
from organizations.services.rates import count_act

FIRST, OPEN, CLOSED = "first", "open", "closed"
LINK_LIFETIME = 24 * 3600  # seconds
# In ten minutes. Many may share one client.
MAILS_TO_ADDRESS, TRIES_OF_CLIENT, ORGANIZATIONS_OF_USER = 3, 30, 3

_SALT = "organizations.sign_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Who signs up. The password is kept as the digest that the account will have, never as it was typed."""

    email: str
    first_name: str
    last_name: str
    password_digest: str
    language: str


def newcomer(*, email: str, first_name: str, last_name: str, password: str, language: str) -> Newcomer:
    """Return who signs up, with a checked address. Raises InvalidInput."""
    return Newcomer(
        email=checked_email(email),
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        password_digest=make_password(password),
        language=language,
    )


def sign_up_state() -> str:
    """Return how strangers stand now: whoever comes first gets the server, anybody may sign up, or nobody."""
    if settings.SIGN_UP == OPEN:
        return OPEN
    return FIRST if is_waiting_for_first() else CLOSED


def is_sign_up_open() -> bool:
    """Whether strangers may sign up now."""
    return sign_up_state() != CLOSED


def is_waiting_for_first() -> bool:
    """Whether whoever comes first gets the server: there is no organization yet but those of systems themselves."""
    return settings.SIGN_UP == FIRST and not Organization.objects.issuers().exists()


def may_make_organization(user: User) -> bool:
    """Whether somebody with an account may make an organization of their own; superusers always may."""
    return user.is_active and (user.sees_everything or is_sign_up_open())


def count_try(client: str | None) -> None:
    """Count one form of signing up that a client sent. Raises TooManyAtOnce."""
    if client is not None:
        _count(f"sign-ups-from:{_short(client)}", TRIES_OF_CLIENT)


def sign_up_first(*, person: Newcomer, name: str, fields: Mapping[str, Any]) -> tuple[User, Organization]:
    """Make the first account and the first organization of the server, both or neither; whoever comes second gets neither.

    The address is not confirmed: a server whose mail does not work yet must not keep out who sets it up. Raises
    SignUpClosed, AccountExists (staff may have one) and what create_organization raises.
    """
    with transaction.atomic():
        if settings.SIGN_UP != FIRST:
            raise SignUpClosed
        _take_first_place()
        user = _make_account(person, is_confirmed=False)
        return user, create_organization(name=name, owner=user, fields=fields, by=user)


def make_own_organization(*, user: User, name: str, fields: Mapping[str, Any]) -> Organization:
    """Make an organization that the user owns, where SIGN_UP lets them.

    Raises SignUpClosed, TooManyAtOnce for more than three in ten minutes, and what create_organization raises.
    """
    with transaction.atomic():
        if not user.sees_everything:
            if settings.SIGN_UP == FIRST:
                _take_first_place()
            elif settings.SIGN_UP != OPEN:
                raise SignUpClosed
        _count(f"organizations-of:{user.pk}", ORGANIZATIONS_OF_USER)
        return create_organization(name=name, owner=user, fields=fields, by=user)


def ask_sign_up(*, email: str) -> UUID:
    """Mail a link to an address that wants to sign up; return the id by which the browser that asks is known.

    Whose address has an account gets a mail too, which says so: the answer is the same, and takes as long. Nothing is kept
    but the mail. Raises SignUpClosed unless everybody may sign up, InvalidInput, and TooManyAtOnce.
    """
    if settings.SIGN_UP != OPEN:
        raise SignUpClosed
    email = checked_email(email)
    _count(f"sign-ups-of:{_short(email)}", MAILS_TO_ADDRESS)
    asked = uuid4()
    with transaction.atomic():
        write_messages([Message(kind=MessageKind.SIGN_UP, subject=asked, recipient=email)])
    return asked


def sign_up_path(*, asked: UUID, email: str) -> str:
    """Return the path of the page behind the mailed link, which is good for a day."""
    return reverse("sign_up_link", args=[asked, signing.dumps([str(asked), email], salt=_SALT)])


def email_of_link(*, asked: UUID, token: str) -> str:
    """Return the address that a mailed link has proven. Raises LinkOver."""
    try:
        named, email = signing.loads(token, salt=_SALT, max_age=LINK_LIFETIME)
    except signing.BadSignature as error:
        raise LinkOver from error
    if named != str(asked):
        raise LinkOver
    return str(email)


def sign_up_confirmed(*, person: Newcomer) -> User:
    """Make the account of somebody whose address a mailed link has proven. Raises SignUpClosed and AccountExists."""
    if settings.SIGN_UP != OPEN:
        raise SignUpClosed
    with transaction.atomic():
        return _make_account(person, is_confirmed=True)


def has_account(email: str) -> bool:
    """Whether an address has an account; told to nobody but who reads its mail."""
    return User.objects.filter(email=email).exists()


def _take_first_place() -> None:
    """Raise SignUpClosed unless nobody was here before; who comes at the same time waits until this transaction ends."""
    try:
        system = default_system()
    except SlugTaken:  # somebody else is making it
        system = System.objects.order_by("pk")[0]
    System.objects.select_for_update(no_key=True).get(pk=system.pk)
    if Organization.objects.issuers().exists():
        raise SignUpClosed


def _make_account(person: Newcomer, *, is_confirmed: bool) -> User:
    user = User(
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        language=person.language,
        password=person.password_digest,
        email_verified_at=timezone.now() if is_confirmed else None,
    )
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise AccountExists(field="email") from error
    return user


def _count(name: str, limit: int) -> None:
    seconds = count_act(name, limit=limit)
    if seconds is not None:
        raise TooManyAtOnce(retry_after=seconds)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
