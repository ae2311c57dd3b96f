"""What an inspection of anybody's badge found: each check in plain words, and what they come to."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from badges.services.verifying import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedCheck:
    """One check: `name`, what was asked, what was found, what that means, and what to do about it (may be empty)."""

    name: str
    asks: str
    finding: Finding
    words: str
    advice: str = ""


@dataclass(slots=True, kw_only=True)
class Inspection:
    """What a badge says of itself, and what was found about it at `at`. Texts are the badge's own and may be empty.

    `form` names the kind of badge. `issuer_domain` is where the issuer is published, if anywhere. `is_ours` when it was
    found to be from an organization of this server; `own_path` is its page here. `picture` is as it came, not to be shown
    before it is made anew.
    """

    at: datetime
    form: str
    title: str = ""
    description: str = ""
    issuer_name: str = ""
    issuer_domain: str = ""
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    image_url: str = ""
    is_ours: bool = False
    own_path: str = ""
    picture: bytes | None = None
    checks: list[InspectedCheck] = field(default_factory=list)

    @property
    def outcome(self) -> Finding:
        """What the checks come to: failed when one did, passed when all did."""
        findings = {check.finding for check in self.checks}
        if Finding.FAILED in findings:
            return Finding.FAILED
        return Finding.UNKNOWN if Finding.UNKNOWN in findings or not findings else Finding.PASSED

    def signature(self, finding: Finding, words: str, advice: str = "") -> None:
        """Add what was found about the signature."""
        self._add(_("Signature"), _("Is it as its issuer wrote it?"), finding, words, advice)

    def place(self, finding: Finding, words: str, advice: str = "") -> None:
        """Add what was found about the place of a badge that is not signed, but published."""
        self._add(_("Published"), _("Does it stand where its issuer publishes?"), finding, words, advice)

    def issuer(self, finding: Finding, words: str, advice: str = "") -> None:
        """Add what was found about who issued it."""
        self._add(_("Issuer"), _("Is it really from who it says?"), finding, words, advice)

    def revocation(self, finding: Finding, words: str, advice: str = "") -> None:
        """Add whether it was taken back."""
        self._add(_("Not revoked"), _("Has its issuer taken it back?"), finding, words, advice)

    def times(self, finding: Finding, words: str, advice: str = "") -> None:
        """Add whether it is valid today."""
        self._add(_("Not expired"), _("Is it valid today?"), finding, words, advice)

    def recipient(self, finding: Finding, words: str, advice: str = "") -> None:
        """Add whether it was issued to the address that was asked about."""
        self._add(_("Recipient"), _("Was it issued to this address?"), finding, words, advice)

    def _add(self, name: str, asks: str, finding: Finding, words: str, advice: str) -> None:
        self.checks.append(InspectedCheck(name=name, asks=asks, finding=finding, words=words, advice=advice))
