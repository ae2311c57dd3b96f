"""The logo of an organization: given, and taken off."""

from collections.abc import Mapping
from typing import Any

from organizations.actors import Actor
from organizations.models import Organization
from organizations.pictures import Picture, replacing_picture
from organizations.services.organizations import update_organization


def change_logo(
    *, organization: Organization, picture: Picture, fields: Mapping[str, Any], by: Actor | None
) -> Organization:
    """Store a logo and change the other fields, both or neither; the files of the old logo are deleted.

    Must not run in a transaction of the caller's. Raises what update_organization raises.
    """
    folder = f"organizations/{organization.uuid}/organization-logos"
    with replacing_picture(picture, folder=folder, old=str(organization.logo)) as name:
        return update_organization(organization=organization, fields={**fields, "logo": name}, by=by)
