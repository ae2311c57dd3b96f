"""Print a new key for KEY_ENCRYPTION_KEYS."""

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Print a new key; nothing is stored."""

    help = (
        "Print a new key for KEY_ENCRYPTION_KEYS."
        " To rotate: put it first, restart, run re_encrypt_secrets, drop the old one."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print it."""
        self.stdout.write(Fernet.generate_key().decode())
