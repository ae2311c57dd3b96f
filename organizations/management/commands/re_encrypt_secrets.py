"""Encrypt all kept secrets with the newest of KEY_ENCRYPTION_KEYS."""

from typing import Any

from config.commands import AnsweringCommand
from organizations.services.keys import re_encrypt_secrets


class Command(AnsweringCommand):
    """Encrypt all kept secrets anew; afterwards the older keys may be dropped."""

    help = "Encrypt all kept secrets with the first of KEY_ENCRYPTION_KEYS; afterwards the others may be dropped."

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:  # noqa: ARG002
        """Do it."""
        count = re_encrypt_secrets()
        return f"{count} secrets are encrypted with the newest key now. The older keys may be dropped.", {
            "count": count
        }
