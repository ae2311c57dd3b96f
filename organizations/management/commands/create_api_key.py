"""Make an API key of an organization."""

from typing import Any

from django.core.management.base import CommandParser

from config.commands import AnsweringCommand
from organizations.enums import ApiScope
from organizations.services.access import create_api_key
from organizations.services.finding import find_organization


class Command(AnsweringCommand):
    """Make an API key and print it, for the only time."""

    help = "Make an API key of an organization and print it, for the only time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add whose key it is and what it may do."""
        super().add_arguments(parser)
        parser.add_argument("organization", help="Slug or id.")
        parser.add_argument("--name", required=True, help="What uses the key.")
        parser.add_argument("--scopes", default="read,write,issue", help="Default: read,write,issue.")

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:
        """Make it."""
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        key, text = create_api_key(
            organization=find_organization(options["organization"]),
            name=options["name"],
            scopes=[ApiScope(scope) if scope in ApiScope.values else scope for scope in scopes],
            by=None,
        )
        values = {"id": str(key.uuid), "name": key.name, "scopes": key.scopes, "api_key": text}
        return f"{text}\nKeep it now: it is not shown again.", values
