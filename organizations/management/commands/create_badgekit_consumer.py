"""Make a consumer of the BadgeKit API."""

from typing import Any

from django.core.management.base import CommandParser

from config.commands import AnsweringCommand
from config.exceptions import InvalidInput
from organizations.models import System
from organizations.services.access import create_badgekit_consumer


class Command(AnsweringCommand):
    """Make a BadgeKit consumer of a system and print its key and secret, the latter for the only time."""

    help = "Make a BadgeKit consumer of a system and print its key and secret, for the only time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add whose consumer it is."""
        super().add_arguments(parser)
        parser.add_argument("system", help="Slug of the system.")
        parser.add_argument("--description", default="", help="What uses it.")

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:
        """Make it."""
        system = System.objects.filter(slug=options["system"]).first()
        if system is None:
            slugs = ", ".join(System.objects.values_list("slug", flat=True)[:20])
            raise InvalidInput(
                f"There is no system “{options['system']}”. There are: {slugs or 'none'}.", field="system"
            )
        consumer, secret = create_badgekit_consumer(
            system=system, description=options["description"], by=None
        )
        values = {"system": system.slug, "key": consumer.key, "secret": secret}
        return f"key: {consumer.key}\nsecret: {secret}\nKeep the secret now: it is not shown again.", values
