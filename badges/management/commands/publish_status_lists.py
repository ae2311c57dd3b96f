"""Sign and publish all lists of revoked badges anew."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from badges.models import StatusList
from badges.services.statuses import publish_list
from config.commands import AnsweringCommand
from organizations.services.finding import find_organization


class Command(AnsweringCommand):
    """Sign all status lists anew from the badges as they are."""

    help = "Sign all lists of revoked badges anew, as after a signing key was revoked or a backup restored."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add whose lists."""
        super().add_arguments(parser)
        parser.add_argument("organization", nargs="?", help="Slug or id. Default: all organizations.")

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:
        """Publish, one transaction per list."""
        lists = StatusList.objects.order_by("pk")
        if options["organization"]:
            lists = lists.filter(organization=find_organization(options["organization"]))
        for status_list in lists:
            with transaction.atomic():
                publish_list(status_list)
        return f"Lists of revoked badges signed anew: {len(lists)}.", {"count": len(lists)}
