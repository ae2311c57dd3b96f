"""Find an organization by what a person types at the command line."""

import uuid

from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from organizations.models import Organization


def find_organization(text: str) -> Organization:
    """Return the organization with this id, or slug where only one has it. Raises InvalidInput naming what there is."""
    try:
        found: list[Organization] = list(Organization.objects.filter(uuid=uuid.UUID(text)))
    except ValueError:
        found = list(Organization.objects.issuers().filter(slug=text)[:2])
    if len(found) != 1:
        slugs = ", ".join(Organization.objects.issuers().order_by("slug").values_list("slug", flat=True)[:20])
        raise InvalidInput(
            _("No single organization is called “%(text)s”. Give its id or one of these: %(slugs)s.")
            % {"text": text, "slugs": slugs or _("(there is none yet: create_organization)")}
        )
    return found[0]
