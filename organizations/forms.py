"""What forms of all apps are made of: they show what a service refused, and know the organization's clock."""

from django import forms

from config.exceptions import RuleBroken


class RefusableForm(forms.Form):
    """A form that shows what a service refused."""

    def refuse(self, refusal: RuleBroken) -> None:
        """Show a refusal beside the field that it is about, or at the top."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
