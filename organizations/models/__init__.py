"""Who issues: systems, organizations, programs, their people, keys, wallet and outbox."""

from organizations.models.audit import AuditEntry
from organizations.models.credentials import ApiKey, BadgekitConsumer, SigningKey
from organizations.models.organizations import Organization, Program, System
from organizations.models.outbox import MailStop, Message
from organizations.models.people import Invitation, Membership, User
from organizations.models.requests import IdempotentRequest, RequestCount
from organizations.models.wallet import CreditTransaction

__all__ = [
    "ApiKey",
    "AuditEntry",
    "BadgekitConsumer",
    "CreditTransaction",
    "IdempotentRequest",
    "Invitation",
    "MailStop",
    "Membership",
    "Message",
    "Organization",
    "Program",
    "RequestCount",
    "SigningKey",
    "System",
    "User",
]
