"""The staff's pages of organizations; importing this registers them."""

from organizations.admin import (
    audit,
    credentials,
    invitations,
    organizations,
    outbox,
    people,
    systems,
    wallet,
)

__all__ = ["audit", "credentials", "invitations", "organizations", "outbox", "people", "systems", "wallet"]
