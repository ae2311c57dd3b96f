"""Who receives: earners of an organization, lists of them, and accounts of persons across organizations."""

import uuid

from django.db import models

from earners.enums import ListStatus, ListType
from earners.querysets import LoginTokenQuerySet
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
    """A person across organizations, known by one or more e-mail addresses that they proved to be theirs."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.uuid)


class AccountEmail(models.Model):
    """One address of an account. An address belongs to one account at most."""

    account = models.ForeignKey(EarnerAccount, on_delete=models.CASCADE, related_name="emails")
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=254, unique=True, editable=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.email


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
