"""Compute all counters anew."""

from typing import Any

from badges.services.counters import recount
from claimcodes.services import recount_uses
from config.commands import AnsweringCommand


class Command(AnsweringCommand):
    """Set every counter to what it counts, and say which were wrong. None should be."""

    help = "Compute all counters anew (badges, templates, earners, members, credits, uses) and say which were wrong."

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:  # noqa: ARG002
        """Recount."""
        wrong = recount() | {"claim_code.uses": recount_uses()}
        lines = [f"{name}: {count} corrected" for name, count in wrong.items() if count]
        return "\n".join(lines) or "All counters were right.", wrong
