"""Users who sign in, and what they are in organizations."""

import uuid
from collections.abc import Collection
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.text import folded
from organizations.enums import Language, Role
from organizations.models.organizations import Organization


class UserManager(BaseUserManager["User"]):
    """Makes users, who are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without a password they cannot sign in until they have set one."""
        user = self.model(email=folded(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a member of staff who may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by e-mail in any case."""
        return self.get(email=folded(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in: a member of organizations, or staff. The address is kept folded, so that case splits nobody."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May sign in to the admin."))
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off instead of deleting the account.")
    )
    email_verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="user_language_known"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        """Return first and last name, or the address when neither is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def get_short_name(self) -> str:
        """Return the first name, or the address when it is not known."""
        return self.first_name or self.email

    @property
    def actor_label(self) -> str:
        """How records name the user."""
        return self.email

    @property
    def sees_everything(self) -> bool:
        """Whether the user sees all organizations: superusers alone. Other staff act in the admin by their permissions."""
        return self.is_active and self.is_superuser

    @property
    def visible_organization_ids(self) -> Collection[int]:
        """Primary keys of the organizations that the user is a member of, as a query."""
        if not self.is_active:
            return []
        return Membership.objects.filter(user=self).values("organization")  # type: ignore[return-value]


class Membership(models.Model):
    """What a user is in an organization."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.ISSUER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["organization", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organization} · {self.get_role_display()}"


class Invitation(models.Model):
    """An address that was asked to become a member. The link in its mail is made of `uuid` and the server's secret key.

    Open until it is accepted, declined or withdrawn, or has expired; an organization has one open invitation of an address.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role, default=Role.ISSUER)
    invited_by = models.CharField(max_length=255)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it was accepted, declined or withdrawn.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(ended_at__isnull=True),
                name="invitation_open_once",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.organization}"
