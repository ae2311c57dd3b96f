"""Who receives: earners of an organization, lists of them, and accounts of persons across organizations."""

import uuid

from django.db import models

from earners.enums import AccountAct, ChallengePurpose, ListStatus, ListType, SignInPurpose
from earners.querysets import AccountEmailQuerySet, ChallengeQuerySet, LoginTokenQuerySet, SignInQuerySet
from organizations.models import Organization
from organizations.querysets import OwnedQuerySet


class Earner(models.Model):
    """A person known to an organization by an e-mail address.

    `email` is as first given, `email_key` its folded form, by which it is unique (design.md section 3). The names are the
    latest given ones; a badge and a list keep their own.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        db_index=False,  # the constraint's index begins with it
        related_name="earners",
    )
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=254, editable=False)
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email_key"], name="earner_once_per_organization"
            ),
        ]
        indexes = [
            # An account has what organizations gave to its addresses, whichever they are.
            models.Index(fields=["email_key"], name="earner_email_key"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def full_name(self) -> str:
        """First and last name, or an empty string."""
        return f"{self.first_name} {self.last_name}".strip()


class EarnersList(models.Model):
    """A named list of earners of an organization (seed 002)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="earners_lists")
    name = models.CharField(max_length=255)
    description = models.TextField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=ListStatus, default=ListStatus.ENABLED)
    type = models.CharField(max_length=10, choices=ListType, default=ListType.LIST)
    earners_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=ListStatus.values), name="earners_list_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(type__in=ListType.values), name="earners_list_type_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ListMembership(models.Model):
    """An earner on a list, with the names and metadata that this list gives."""

    earners_list = models.ForeignKey(
        EarnersList,
        on_delete=models.CASCADE,
        db_index=False,  # the constraint's index begins with it
        related_name="memberships",
    )
    earner = models.ForeignKey(Earner, on_delete=models.CASCADE, related_name="list_memberships")
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    metadata = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["earners_list", "earner"], name="list_membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.earners_list} · {self.earner}"


class EarnerAccount(models.Model):
    """A person across organizations, known by one or more e-mail addresses that they proved to be theirs.

    `epoch` counts how often they ended all sessions: a browser's session is good for the epoch that it began in. `name` and
    `collection_uuid` are those of the page on which they show their public badges; without the latter there is none.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    epoch = models.PositiveIntegerField(default=0, editable=False)
    name = models.CharField(max_length=120, blank=True)
    collection_uuid = models.UUIDField(unique=True, null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.uuid)


class AccountEmail(models.Model):
    """One address of an account. An address belongs to one account at most.

    `closed_at` is since when it signs nobody in: its person reads its mail no longer, and perhaps somebody else does. Its
    badges stay with the account.
    """

    account = models.ForeignKey(EarnerAccount, on_delete=models.CASCADE, related_name="emails")
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=254, unique=True, editable=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountEmailQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.email

    @property
    def signs_in(self) -> bool:
        """Whether it opens its account."""
        return self.verified_at is not None and self.closed_at is None


class LoginToken(models.Model):
    """Opens an account to a program of the earner's token API. Shown once, kept as a digest."""

    account = models.ForeignKey(EarnerAccount, on_delete=models.CASCADE, related_name="login_tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LoginTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.account} · {self.created_at:%Y-%m-%d}"


class Passkey(models.Model):
    """A key pair that a person's device made for this server: it keeps the private half, `credential` has the public one.

    `credential` is the attested credential data (WebAuthn Level 2, section 6.5.1), `credential_id` the base64url of the id
    in it. `sign_count` is the highest that the device has told; most devices always tell 0.
    """

    account = models.ForeignKey(EarnerAccount, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1364, unique=True, editable=False)  # 1023 bytes at most
    credential = models.BinaryField()
    sign_count = models.PositiveBigIntegerField(default=0, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class AccountNotice(models.Model):
    """That who gets into an account has changed: its addresses are told by mail.

    `detail` is the name of the passkey, or the address. The row is deleted when no mail can wait for it any more.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(EarnerAccount, on_delete=models.CASCADE, related_name="notices")
    act = models.CharField(max_length=20, choices=AccountAct)
    detail = models.CharField(max_length=254)
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(act__in=AccountAct.values), name="account_notice_act_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} · {self.created_at:%Y-%m-%d %H:%M}"


class Challenge(models.Model):
    """Something that a browser is to come back with, once and soon: a passkey's signature, or an identity provider's word.

    What it is asked is made of `uuid` and the server's secret key (services/challenges.py). `browser_digest` is that of the
    secret which the browser holds in a cookie. `account` is the one to which a passkey or an address is to be added,
    `issuer` the identity provider.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(max_length=15, choices=ChallengePurpose)
    account = models.ForeignKey(
        EarnerAccount, on_delete=models.CASCADE, null=True, blank=True, related_name="challenges"
    )
    issuer = models.CharField(max_length=500, blank=True)
    browser_digest = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=ChallengePurpose.values), name="challenge_purpose_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="new_passkey") | models.Q(account__isnull=False),
                name="challenge_adds_to_an_account",
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="provider") | ~models.Q(issuer=""),
                name="challenge_names_its_provider",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} · {self.created_at:%Y-%m-%d %H:%M}"


class SignIn(models.Model):
    """A proof that somebody reads the mail of an address: asked for, mailed, and given once, by a code or a link.

    Neither is kept: both are made of `uuid` and the server's secret key when the mail is sent (services/mailed_secrets.py).
    `browser_digest` is that of the secret which the browser that asked holds in a cookie. `account` is the one to which an
    address is to be added. `confirmed_at` is when the person let a program in by the link, which then fetches its token.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(max_length=10, choices=SignInPurpose)
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=254, editable=False)
    account = models.ForeignKey(
        EarnerAccount, on_delete=models.CASCADE, null=True, blank=True, related_name="sign_ins"
    )
    browser_digest = models.CharField(max_length=64, blank=True, editable=False)
    language = models.CharField(max_length=10)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["email_key", "-id"], name="sign_in_address")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=SignInPurpose.values), name="sign_in_purpose_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="address") | models.Q(account__isnull=False),
                name="sign_in_adds_to_an_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.created_at:%Y-%m-%d %H:%M}"
