"""Who issues: systems, organizations, programs, their people, keys, wallet and outbox."""

from organizations.models.credentials import ApiKey, BadgekitConsumer, SigningKey
from organizations.models.organizations import Organization, Program, System
from organizations.models.outbox import Message
from organizations.models.people import Membership, User
from organizations.models.wallet import CreditTransaction

__all__ = [
    "ApiKey",
    "BadgekitConsumer",
    "CreditTransaction",
    "Membership",
    "Message",
    "Organization",
    "Program",
    "SigningKey",
    "System",
    "User",
]
