"""Make an organization."""

from typing import Any

from django.core.management.base import CommandParser

from config.commands import AnsweringCommand
from config.exceptions import InvalidInput
from config.text import folded
from organizations.models import System, User
from organizations.services.organizations import create_organization


class Command(AnsweringCommand):
    """Make an organization with its signing keys; with --owner a user who exists becomes its owner."""

    help = "Make an organization with its signing keys."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the name and what may go with it."""
        super().add_arguments(parser)
        parser.add_argument("name")
        parser.add_argument("--slug", help="Short name in addresses. Default: made from the name.")
        parser.add_argument(
            "--system", help="Slug of the system. Default: the first one, made when there is none."
        )
        parser.add_argument(
            "--email", default="", help="Contact address; it stands in the badges' issuer profile."
        )
        parser.add_argument("--website", default="", help="Web address of the organization.")
        parser.add_argument("--language", choices=["en", "it"], default="en")
        parser.add_argument("--owner", help="E-mail of a user who becomes its owner.")

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:
        """Make it."""
        system = owner = None
        if options["system"]:
            system = System.objects.filter(slug=options["system"]).first()
            if system is None:
                raise InvalidInput(f"There is no system “{options['system']}”.", field="--system")
        if options["owner"]:
            owner = User.objects.filter(email=folded(options["owner"])).first()
            if owner is None:
                raise InvalidInput(
                    f"There is no user {options['owner']}: `createsuperuser` makes one.", field="--owner"
                )
        organization = create_organization(
            name=options["name"],
            slug=options["slug"],
            system=system,
            owner=owner,
            fields={
                "website": options["website"],
                "language": options["language"],
                "contact_info": {"email": options["email"] or None},
            },
            by=None,
        )
        values = {
            "id": str(organization.uuid),
            "slug": organization.slug,
            "public_url": organization.public_url,
        }
        return f"{organization.name}: {organization.slug}\n{organization.public_url}", values
