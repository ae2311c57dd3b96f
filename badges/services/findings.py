"""What a check found: one plain sentence, how bad it is, and what to do about it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"  # some software will not accept the badges, or they lack something
    ERROR = "error"  # badges cannot be issued, or others' software will refuse them


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One answer of a check.

    `code` names what was looked at and is stable; `subject` is whom it is about, in the words of people;
    `message` says what is the case and why it matters; `advice` says what to do, and is empty where there is
    nothing to do.
    """

    code: str
    level: Level
    subject: str
    message: str
    advice: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the finding as a program reads it."""
        return {name: str(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Reporter:
    """Makes findings of one code about one subject."""

    code: str
    subject: str

    def ok(self, message: str, advice: str = "") -> Finding:
        """Return that all is well."""
        return self._finding(Level.OK, message, advice)

    def warning(self, message: str, advice: str) -> Finding:
        """Return that something is lacking."""
        return self._finding(Level.WARNING, message, advice)

    def error(self, message: str, advice: str) -> Finding:
        """Return that badges will be refused."""
        return self._finding(Level.ERROR, message, advice)

    def _finding(self, level: Level, message: str, advice: str) -> Finding:
        return Finding(code=self.code, level=level, subject=self.subject, message=message, advice=advice)


def count(findings: Sequence[Finding], level: Level) -> int:
    """Return how many findings are of a level."""
    return sum(finding.level is level for finding in findings)


def summary(findings: Sequence[Finding]) -> str:
    """Return what the findings come to, in one or two sentences."""
    errors, warnings = count(findings, Level.ERROR), count(findings, Level.WARNING)
    if not errors and not warnings:
        return _("Nothing was found that would keep badges from verifying elsewhere.")
    sentences = []
    if errors:
        sentences.append(
            ngettext(
                "%(count)d thing must be put right before badges verify everywhere.",
                "%(count)d things must be put right before badges verify everywhere.",
                errors,
            )
            % {"count": errors}
        )
    if warnings:
        sentences.append(
            ngettext("%(count)d thing could be better.", "%(count)d things could be better.", warnings)
            % {"count": warnings}
        )
    return " ".join(sentences)
