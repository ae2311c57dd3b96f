"""Where a BadgeKit path leads: a system, an issuer in it, a program of that; and who may go there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import URLPattern, path

from config.api.badgekit import ApiError, BadgekitRequest, BadgekitView, not_found
from organizations.api.badgekit_tokens import identify
from organizations.enums import ApiScope
from organizations.models import ApiKey, Organization, Program, System

if TYPE_CHECKING:
    from badges.querysets import BadgeTemplateQuerySet
    from organizations.actors import MasterKey
    from organizations.models import BadgekitConsumer

# {X} of the documentation, below `systems/`: the three ways to say where something is.
SCOPES = (
    ("system", "<str:system_slug>"),
    ("issuer", "<str:system_slug>/issuers/<str:issuer_slug>"),
    ("program", "<str:system_slug>/issuers/<str:issuer_slug>/programs/<str:program_slug>"),
)


def in_each_scope(route: str, view: type[ScopedView], name: str) -> list[URLPattern]:
    """Return the addresses `{X}/route` in all three scopes, named `badgekit_system_NAME` and so on."""
    return [
        path(f"{prefix}/{route}", view.as_view(), name=f"badgekit_{scope}_{name}") for scope, prefix in SCOPES
    ]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a path leads, and who asks. The path only narrows down: what it reaches belongs to all that it names."""

    system: System
    organization: Organization | None
    program: Program | None
    actor: MasterKey | BadgekitConsumer | ApiKey

    @property
    def owner(self) -> Organization:
        """The organization that owns what is made here: the system's own where no issuer is named."""
        return self.organization or self.system.organizations.get(is_system_itself=True)

    def templates(self) -> BadgeTemplateQuerySet:
        """Return the badge templates that the path reaches, archived ones too, deleted ones and archived issuers' not.

        The badges of a deleted program stay badges of its issuer, as they did in the old server. An API key reaches those
        of its own organization alone, whatever the path.
        """
        every: BadgeTemplateQuerySet = self.system.badge_templates.all()
        templates = every.undeleted().filter(organization__archived_at__isnull=True)
        if isinstance(self.actor, ApiKey):
            templates = templates.filter(organization=self.actor.organization_id)
        if self.organization is not None:
            templates = templates.filter(organization=self.organization)
        if self.program is not None:
            templates = templates.filter(program=self.program)
        return templates


class ScopedView(BadgekitView):
    """A view below a system. `self.actor` is who asks, `self.scope` where; the methods get the rest of the path.

    `needs` names the scope that an API key must have for a method. With `is_scope_read_early` a path that leads nowhere is
    404 before the method runs; a view that finds what it wants by one query of its own looks at `scope` only to say why not.
    """

    needs: ClassVar[dict[str, ApiScope]] = {
        "GET": ApiScope.READ,
        "POST": ApiScope.WRITE,
        "PUT": ApiScope.WRITE,
        "DELETE": ApiScope.WRITE,
    }
    is_scope_read_early: ClassVar[bool] = True
    actor: MasterKey | BadgekitConsumer | ApiKey
    system_slug: str
    issuer_slug: str | None
    program_slug: str | None

    def prepare(self, request: BadgekitRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Take the scope out of the path and settle who asks. Raises ApiError 403 and 404."""
        rest = dict(kwargs)
        self.system_slug = rest.pop("system_slug")
        self.issuer_slug = rest.pop("issuer_slug", None)
        self.program_slug = rest.pop("program_slug", None)
        self.actor = identify(request, self.system_slug)
        if isinstance(self.actor, ApiKey):
            self._check_key(self.actor, self.needs[request.method])
        elif self.is_scope_read_early:
            _ = self.scope
        return rest

    @cached_property
    def scope(self) -> Scope:
        """Where the path leads. Raises ApiError 404 for the outermost part that is not there, or is archived."""
        system = System.objects.filter(slug=self.system_slug, archived_at__isnull=True).first()
        if system is None:
            raise not_found("system", "slug", self.system_slug)
        organization, program = None, None
        if self.issuer_slug is not None:
            issuers = system.organizations.filter(is_system_itself=False, archived_at__isnull=True)
            organization = issuers.filter(slug=self.issuer_slug).first()
            if organization is None or not self._is_visible(organization):
                raise not_found("issuer", "slug", self.issuer_slug)
            organization.system = system
            if self.program_slug is not None:
                programs = organization.programs.filter(archived_at__isnull=True)
                program = programs.filter(slug=self.program_slug).first()
                if program is None:
                    raise not_found("program", "slug", self.program_slug)
                program.organization = organization
        return Scope(system, organization, program, self.actor)

    def _is_visible(self, organization: Organization) -> bool:
        """Whether who asks may know of it: an API key knows its own organization alone."""
        return not isinstance(self.actor, ApiKey) or self.actor.organization_id == organization.pk

    def _check_key(self, key: ApiKey, needed: ApiScope) -> None:
        """Let an API key act for its own organization alone, within its scopes."""
        scope = self.scope
        if scope.organization is None and key.organization_id != scope.owner.pk:
            raise ApiError(
                403,
                "NotAuthorized",
                "This API key is for the paths of its own issuer: /systems/:slug/issuers/:slug",
            )
        if not key.has_scope(needed):
            raise ApiError(403, "NotAuthorized", f"This API key lacks the scope: {needed.value}")
