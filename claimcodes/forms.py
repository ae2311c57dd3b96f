"""What people type to claim a badge, the code that is meant by it, and what is refused in plain words."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.exceptions import BadgeAlreadyHeld, LimitReached, TemplateNotIssuable
from claimcodes.exceptions import ClaimCodeExpired, ClaimCodeUsedUp
from claimcodes.models import ClaimCode
from config.exceptions import RuleBroken
from config.text import LINK, folded
from organizations.exceptions import OrganizationDisabled
from organizations.models import System

MAX_EMAIL = 254
PLAIN = {"autocapitalize": "none", "spellcheck": "false"}


def _refuse_links(name: str) -> None:
    """Anybody may type anybody's address, and the mail that goes there says the name."""
    if LINK.search(name):
        raise ValidationError(_("Enter a name, without links."))


class ClaimForm(forms.Form):
    """A code, an address, and a name for the badge; and whose code it is, when several organizations have it.

    Bound with `is_claim=False` it looks up the code alone: nothing else has been typed yet. Once cleaned, `claim_code` is
    the one code that is meant; `is_unknown` tells that no code is spelled so, which the caller counts as a guess.
    """

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=255,
        widget=forms.TextInput(attrs=PLAIN | {"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter the code that you were given.")},
    )
    system = forms.CharField(label=gettext_lazy("Organization"), required=False, widget=forms.RadioSelect)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=MAX_EMAIL,
        help_text=gettext_lazy("The badge is issued to this address, and we send it there."),
        widget=forms.EmailInput(attrs=PLAIN | {"autocomplete": "email"}),
        error_messages={
            "required": gettext_lazy("Enter the address that the badge is for."),
            "invalid": gettext_lazy("This is not an e-mail address. It looks like name@example.org."),
        },
    )
    first_name = forms.CharField(
        label=gettext_lazy("First name"),
        max_length=255,
        required=False,
        validators=[_refuse_links],
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"),
        max_length=255,
        required=False,
        validators=[_refuse_links],
        help_text=gettext_lazy(
            "Your name stands on the badge and on its page, for everybody who has the link."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )

    def __init__(self, *args: Any, is_claim: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_claim = is_claim
        self.claim_code: ClaimCode | None = None
        self.is_unknown = False
        self.held_url = ""
        self.candidates: dict[str, ClaimCode] = {}

    @property
    def is_usable(self) -> bool:
        """Whether the code is known and nothing is wrong with it, so that its badge can be shown."""
        return self.claim_code is not None and "code" not in self.errors

    @property
    def has_choice(self) -> bool:
        """Whether it must be chosen whose code is meant."""
        return len(self.candidates) > 1

    def clean_code(self) -> str:
        """Find the codes that are spelled so, one per system at most."""
        code: str = self.cleaned_data["code"]
        # By way of the systems, of which there are few: the index of codes begins with the system.
        found = ClaimCode.objects.filter(
            system__in=System.objects.values("pk"), code_key=folded(code)
        ).select_related("system", "template__organization", "template__current_version")
        self.candidates = {row.system.slug: row for row in found.order_by("pk")}
        if not self.candidates:
            self.is_unknown = True
            raise ValidationError(
                _("We do not know this code. Compare it with the one you were given, character by character.")
            )
        widget = self.fields["system"].widget
        if isinstance(widget, forms.RadioSelect):
            widget.choices = [(slug, _name_of(row)) for slug, row in self.candidates.items()]
        return code

    def clean_system(self) -> str:
        """Settle which of the codes is meant."""
        slug: str = self.cleaned_data["system"]
        if self.has_choice and slug not in self.candidates:
            raise ValidationError(_("Several organizations have given out this code. Choose yours."))
        if self.has_choice:
            self.claim_code = self.candidates[slug]
        elif self.candidates:
            [self.claim_code] = self.candidates.values()
        return slug

    def clean_email(self) -> str:
        """Return the address. Refuses the few that are longer once their case is folded."""
        email: str = self.cleaned_data["email"]
        if len(folded(email)) > MAX_EMAIL:
            raise ValidationError(
                _("An e-mail address has at most %(limit)d characters.") % {"limit": MAX_EMAIL}
            )
        return email

    def clean(self) -> dict[str, Any]:
        """Say what is wrong with the code, unless claiming will say it."""
        if not self.is_claim and "email" in self.errors:
            del self.errors["email"]
        # A claim that is complete goes to the service even so: it knows who claimed with this code before.
        if self.claim_code is not None and (not self.is_claim or self.errors):
            refusal = reason_against(self.claim_code)
            if refusal is not None:
                self.refuse(refusal)
        return self.cleaned_data

    def refuse(self, refusal: RuleBroken) -> None:
        """Show a refusal beside the field that it is about."""
        if isinstance(refusal, BadgeAlreadyHeld):
            self.held_url = refusal.badge_url or ""
        self.add_error(_field_of(refusal), _words_of(refusal, self.claim_code))


def reason_against(claim_code: ClaimCode) -> RuleBroken | None:
    """Return why nobody new can claim with a code now, or None. For showing only: the service decides."""
    template = claim_code.template
    if not ClaimCode.objects.claimable().filter(pk=claim_code.pk).exists():
        is_over = claim_code.expires_at is not None and claim_code.expires_at <= timezone.now()
        return ClaimCodeExpired() if is_over else ClaimCodeUsedUp()
    if not template.organization.is_enabled:
        return OrganizationDisabled()
    if not template.is_issuable:
        return TemplateNotIssuable()
    if template.limit is not None and template.badges_count >= template.limit:
        return LimitReached()
    return None


def _name_of(claim_code: ClaimCode) -> str:
    """Name the organization of a code, and its system where that has another name."""
    organization, system = claim_code.template.organization.name, claim_code.system.name
    return organization if organization == system else f"{organization} ({system})"


def _field_of(refusal: RuleBroken) -> str | None:
    """Return the field beside which a refusal stands; None for the whole form."""
    if refusal.code == "badge_already_held":
        return "email"
    if refusal.code in {"invalid_input", "unsignable"}:
        field = (refusal.field or "").removeprefix("recipient_")
        return field if field in ClaimForm.base_fields else None
    return "code"


def _words_of(refusal: RuleBroken, claim_code: ClaimCode | None) -> str:
    """Say a refusal to whoever claims: the messages of the services speak to those who issue."""
    cannot_issue = _(
        "%(name)s cannot issue this badge at the moment. Your code was not used up: ask %(name)s."
    )
    words = {
        "claim_code_used_up": _(
            "This code has been used. If it was you, your badge is in the mail that we sent; else ask %(name)s."
        ),
        "claim_code_expired": _("The time to claim with this code is over. Ask %(name)s for another one."),
        "limit_reached": _(
            "All badges of this kind have been given out. Ask %(name)s whether there will be more."
        ),
        "template_not_issuable": _("%(name)s does not give out this badge at the moment."),
        "organization_disabled": _(
            "%(name)s does not issue badges at the moment. Your code was not used up."
        ),
        "not_enough_credits": cannot_issue,
        "key_not_usable": cannot_issue,
        "badge_already_held": _(
            "This address has the badge already, and it is given only once. Its link is in the mail that went there."
        ),
    }.get(refusal.code)
    if words is None or claim_code is None:
        return refusal.message
    return words % {"name": claim_code.template.organization.name}
