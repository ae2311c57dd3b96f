"""The staff's site itself: its name, its sign-in, and the pages of the frameworks' own tables."""

from typing import TYPE_CHECKING, Any

from allauth.account import admin as _account_admin  # noqa: F401  registers EmailAddress
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _mfa_admin  # noqa: F401  registers Authenticator
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from django_tasks_db import admin as _tasks_admin  # noqa: F401  registers DBTaskResult
from django_tasks_db.models import DBTaskResult

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

# This module is loaded with those of all apps, so before the site has any address: set later, the next
# line would do nothing. Who is not signed in goes through the one sign-in, which counts wrong passwords and
# asks for a second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = gettext_lazy("Laurel: administration")
admin.site.site_title = "Laurel"
admin.site.index_title = gettext_lazy("What is kept on this server")

# Their own pages show second factors' secrets and let addresses be added that open accounts; the queue only nudges, so
# what is under way stands with batches and messages. They are loaded above, so that they are not registered again.
admin.site.unregister([EmailAddress, Authenticator, DBTaskResult, Group])


@admin.register(Authenticator)
class AuthenticatorAdmin(ModelAdmin):
    """Second factors: who has one. Deleting one lets in again whoever lost theirs."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__first_name", "user__last_name")
    date_hierarchy = "created_at"
    fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody: people set up their own."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False


@admin.register(Group)
class GroupAdmin(auth_admin.GroupAdmin):
    """Groups of rights: superusers' alone, because whoever gives rights could give them all to themselves."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:  # noqa: ARG002
        """Superusers."""
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:  # noqa: ARG002
        """Superusers."""
        return _is_superuser(request)


def _is_superuser(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser


@admin.register(LogEntry)
class LogEntryAdmin(ModelAdmin):
    """What staff did here, and when."""

    list_display = ("action_time", "user", "content_type", "subject", "action_flag", "what")
    list_filter = ("action_flag", "content_type")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "change_message", "user__email")
    date_hierarchy = "action_time"
    fields = ("action_time", "user", "content_type", "subject", "action_flag", "what")
    readonly_fields = ("subject", "what")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:  # noqa: ARG002
        """Nobody: it is history."""
        return False

    @admin.display(description=gettext_lazy("Row"), ordering="object_repr")
    def subject(self, entry: LogEntry) -> SafeString | str:
        """Link to the row, where it still has a page."""
        url = entry.get_admin_url()
        return format_html('<a href="{}">{}</a>', url, entry.object_repr) if url else entry.object_repr

    @admin.display(description=gettext_lazy("What"))
    def what(self, entry: LogEntry) -> str:
        """Say what was done."""
        return entry.get_change_message()
