"""What tests look at after somebody came on a list or left it."""

from earners.models import EarnersList, ListMembership


def ada_of(listed: EarnersList) -> ListMembership:
    """Return Ada on the list."""
    return listed.memberships.get(earner__email="ada@example.org")


def counts(listed: EarnersList) -> tuple[int, int, int]:
    """Return the counter of the list, who stands on it, and the counter of the organization."""
    listed.refresh_from_db()
    listed.organization.refresh_from_db()
    return listed.earners_count, listed.memberships.count(), listed.organization.earners_count
