"""Say whether badges will verify elsewhere."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from badges.services.fetching import fetch
from badges.services.findings import Finding, Level, count, summary
from badges.services.verifiability import check_verifiability
from config.commands import AnsweringCommand
from organizations.services.finding import find_organization

MARKS = {Level.OK: "✓", Level.WARNING: "!", Level.ERROR: "✗"}


class Command(AnsweringCommand):
    """Print a line for each finding, and a summary. Status 1: badges would be refused elsewhere."""

    help = "Say whether badges will verify elsewhere, and what to do. Status 1: they would be refused."
    has_errors = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add whose badges, and whether to look from outside."""
        super().add_arguments(parser)
        parser.add_argument("organization", nargs="?", help="Slug or id. Default: all organizations.")
        parser.add_argument(
            "--no-fetch",
            action="store_false",
            dest="is_fetching",
            help="Do not ask the published addresses, as before the server runs.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer, then tell scripts by the status."""
        super().handle(*args, **options)
        if self.has_errors:
            sys.exit(1)

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:
        """Check."""
        organization = find_organization(options["organization"]) if options["organization"] else None
        findings = check_verifiability(organization, fetch=fetch if options["is_fetching"] else None)
        self.has_errors = count(findings, Level.ERROR) > 0
        conclusion = summary(findings)
        if not options["is_fetching"]:
            conclusion += " The published addresses were not asked (--no-fetch)."
        values = {
            "verifiable": not self.has_errors,
            "fetched": options["is_fetching"],
            "summary": conclusion,
            "counts": {level.value: count(findings, level) for level in Level},
            "findings": [finding.to_json() for finding in findings],
        }
        return "\n".join([*map(_line, findings), "", conclusion]), values


def _line(finding: Finding) -> str:
    sentences = [f"{finding.subject}: {finding.message}", finding.advice]
    return f"{MARKS[finding.level]} {' '.join(sentence for sentence in sentences if sentence)}"
