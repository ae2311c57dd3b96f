"""The staff's pages of organizations; importing this registers them."""

from organizations.admin import credentials, organizations, outbox, people, systems, wallet

__all__ = ["credentials", "organizations", "outbox", "people", "systems", "wallet"]
