"""How far an actor's word reaches in an organization: nobody gives or takes more than they have."""

from collections.abc import Iterable, Mapping

from organizations.actors import Actor
from organizations.enums import ApiScope, Role
from organizations.exceptions import RoleTooLow
from organizations.models import ApiKey, Membership, Organization, User

# What a member may do, in the browser and through its session; an API key has scopes of its own.
ROLE_SCOPES: Mapping[str, frozenset[ApiScope]] = {
    Role.VIEWER: frozenset({ApiScope.READ}),
    Role.ISSUER: frozenset({ApiScope.READ, ApiScope.ISSUE}),
    Role.ADMIN: frozenset(ApiScope),
    Role.OWNER: frozenset(ApiScope),
}
RANKS = (Role.VIEWER, Role.ISSUER, Role.ADMIN, Role.OWNER)


def require_rank(
    *, organization: Organization, roles: Iterable[str], permission: str, by: Actor | None
) -> None:
    """Raise RoleTooLow unless `by` may give, change and take all these roles in the organization.

    An admin may up to admin, an owner everything; an API key with the scope write is as an admin. The server (None) may
    everything, and so may staff who have `permission` ("organizations.change_membership"). Read in the transaction that
    changes roles, with the organization's row held, or else a role may change in between.
    """
    rank = _rank(organization, permission, by)
    if rank < RANKS.index(Role.ADMIN) or any(RANKS.index(Role(role)) > rank for role in roles):
        raise RoleTooLow


def require_giving(*, role: str, by: Actor | None) -> None:
    """Raise RoleTooLow for an API key that gives a role which may more than its own scopes; taking one is no gain."""
    if isinstance(by, ApiKey) and not all(by.has_scope(scope) for scope in ROLE_SCOPES[role]):
        raise RoleTooLow


def require_scopes(
    *, organization: Organization, scopes: Iterable[str], permission: str, by: Actor | None
) -> None:
    """Raise RoleTooLow unless `by` may give and take API keys with these scopes: an admin all, a key those of its own."""
    if _rank(organization, permission, by) < RANKS.index(Role.ADMIN):
        raise RoleTooLow
    if isinstance(by, ApiKey) and not all(by.has_scope(ApiScope(scope)) for scope in scopes):
        raise RoleTooLow


def _rank(organization: Organization, permission: str, by: Actor | None) -> int:
    """Return the place of an actor's role among RANKS; -1 for none."""
    if by is None or by.sees_everything:
        return RANKS.index(Role.OWNER)
    if isinstance(by, ApiKey):
        is_writer = by.organization_id == organization.pk and by.has_scope(ApiScope.WRITE)
        return RANKS.index(Role.ADMIN) if is_writer else -1
    if not isinstance(by, User):
        return -1
    if by.is_staff and by.has_perm(permission):
        return RANKS.index(Role.OWNER)
    role = (
        Membership.objects.filter(organization=organization, user=by).values_list("role", flat=True).first()
    )
    return RANKS.index(Role(role)) if role is not None else -1
