"""The editor of a badge template: its form and its rows as one, and what a change will mean."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _

from badges.manage.template_forms import TemplateForm, initial_of
from badges.manage.template_rows import AlignmentRows, CriterionRows, ResultRows, RowSet
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.alignments import EVERY, Alignment, PastedLine, read_alignments, used_alignments
from badges.services.template_fields import drafted
from config.exceptions import RuleBroken
from organizations.models import Organization

FURTHER = (
    "other_org",
    "other_org_info",
    "strapline",
    "application_scope",
    "earner_description",
    "consumer_description",
    "issuer_url",
    "rubric_url",
    "time_value",
    "time_units",
    "evidence_type",
    "badgekit_type",
)
ROWS: dict[str, type[RowSet]] = {
    "criteria": CriterionRows,
    "alignments": AlignmentRows,
    "result_descriptions": ResultRows,
}


class TemplateEditor:
    """What is shown and typed of a template, or of a new one.

    `data` is what was sent. `seen` in it is when the template was last changed as the page was made: who saves over what
    somebody else saved meanwhile is told so first.
    """

    def __init__(
        self,
        *,
        organization: Organization,
        template: BadgeTemplate | None = None,
        data: QueryDict | None = None,
    ) -> None:
        self.organization = organization
        self.template = template
        self.data = data
        self.form = TemplateForm(data, initial=initial_of(template, organization), organization=organization)
        version = template.current_version if template else None
        self.rows = {
            name: rows(data, prefix=name, initial=list(getattr(version, name)) if version else [])
            for name, rows in ROWS.items()
        }

    @property
    def criteria(self) -> RowSet:
        """The rows of criteria."""
        return self.rows["criteria"]

    @property
    def alignments(self) -> RowSet:
        """The rows of alignments."""
        return self.rows["alignments"]

    @property
    def result_descriptions(self) -> RowSet:
        """The rows of results."""
        return self.rows["result_descriptions"]

    @property
    def further_fields(self) -> list[BoundField]:
        """The fields that few need, behind a fold."""
        return [self.form[name] for name in FURTHER]

    @property
    def has_further(self) -> bool:
        """Whether one of them says something, or is wrong."""
        return any(field.value() or field.errors for field in self.further_fields)

    @property
    def seen(self) -> str:
        """When the template was last changed, as the page tells it back."""
        return self.template.updated_at.isoformat() if self.template else ""

    def is_valid(self) -> bool:
        """Tell whether it can be handed to the services; else the forms say what is wrong."""
        is_form_valid = self.form.is_valid()
        rows_valid = [rows.is_valid() for rows in self.rows.values()]
        if self.form.cleaned_data.get("alignments_paste"):
            self._check_pasted()
        if (
            self.data is not None
            and self.template is not None
            and self.data.get("seen", self.seen) != self.seen
        ):
            self.form.add_error(
                None,
                _(
                    "Somebody else changed this template while you were editing it. Look at its versions. What you typed is"
                    " still here: save again to replace what they wrote."
                ),
            )
        return is_form_valid and all(rows_valid) and not self.form.errors

    def given(self) -> dict[str, Any]:
        """Return what was typed, as services take it; of what is wrong nothing. Pasted lines are alignments too."""
        fields = self.form.given()
        for name, rows in self.rows.items():
            if rows.is_bound:
                fields[name] = rows.kept()
        pasted = [
            line.alignment
            for line in self._pasted()
            if line.alignment is not None and line.alignment.get("name")
        ]
        known = {item["url"] for item in fields.get("alignments", [])}
        fields["alignments"] = [
            *fields.get("alignments", []),
            *(item for item in pasted if item["url"] not in known),
        ]
        return fields

    @cached_property
    def draft(self) -> BadgeTemplateVersion:
        """What the template would say, saved nowhere."""
        fields: dict[str, Any] = {}
        if self.form.is_bound:
            self.form.is_valid()  # what is wrong is left as it was
            fields = self.given()
        return drafted(organization=self.organization, template=self.template, fields=fields)

    def refuse(self, refusal: RuleBroken) -> None:
        """Show a refusal of the services beside the field or in the row that it is about, or at the top."""
        whole, _dot, rest = (refusal.field or "").partition(".")
        index, _dot, key = rest.partition(".")
        field = f"type_data_{rest}" if whole == "type_data" else whole
        if whole not in self.rows or not index.isdigit():
            self.form.add_error(field if field in self.form.fields else None, refusal.message)
            return
        rows = self.rows[whole].kept_forms
        if int(index) < len(rows):
            row = rows[int(index)]
            row.add_error(key if key in row.fields else None, refusal.message)
        else:
            self.form.add_error("alignments_paste", refusal.message)

    def with_more(self, name: str, *, chosen: str = "") -> "TemplateEditor":
        """Return the editor with what was typed and another row of a list, without saying what is wrong so far.

        For alignments the rows are those of the pasted lines, of which those that cannot be read stay with the reason, or
        the one with the link `chosen` that the organization used before; without either an empty one.
        """
        data = self.data.copy() if self.data is not None else QueryDict(mutable=True)
        pasted = data.get("alignments_paste", "").strip()
        unread: list[PastedLine] = []
        if name != "alignments" or not (chosen or pasted):
            data[f"{name}-TOTAL_FORMS"] = str(self.rows[name].total_form_count() + 1)
        elif chosen:
            used = used_alignments(self.organization, at_most=EVERY)
            _append(data, self.alignments, [item for item in used if item["url"] == chosen])
        else:
            lines = read_alignments(pasted, organization=self.organization)
            _append(data, self.alignments, [line.alignment for line in lines if line.alignment is not None])
            unread = [line for line in lines if line.alignment is None]
            data["alignments_paste"] = "\n".join(line.text for line in unread)
        editor = TemplateEditor(organization=self.organization, template=self.template, data=data)
        editor._hush()
        for number, line in enumerate(unread, start=1):
            editor.form.add_error("alignments_paste", _of_line(number, line.error))
        return editor

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        """All that is wrong, in the order of the page: the id of the field, its label, the error."""
        rows = [form for name in ROWS for form in self.rows[name].forms]
        found = [("", "", error) for error in map(str, self.form.non_field_errors())]
        for form in (self.form, *rows):
            if form is not self.form:
                found += [
                    (form[next(iter(form.fields))].id_for_label, "", error)
                    for error in map(str, form.non_field_errors())
                ]
            found += [
                (field.id_for_label, str(field.label), error)
                for field in form
                for error in map(str, field.errors)
            ]
        found += [
            ("", "", error)
            for rows in self.rows.values()
            if rows.is_bound
            for error in map(str, rows.non_form_errors())
        ]
        return found

    def _hush(self) -> None:
        """Show nothing of what is wrong: nobody asked to save."""
        _ = self.draft  # reads what is right, which is all that the preview shows
        for form in (self.form, *(form for rows in self.rows.values() for form in rows.forms)):
            form.errors.clear()

    def _pasted(self) -> list[PastedLine]:
        text = self.form.cleaned_data.get("alignments_paste") or ""
        return read_alignments(text, organization=self.organization)

    def _check_pasted(self) -> None:
        for line in self._pasted():
            error = line.error
            if line.alignment is not None and not line.alignment.get("name"):
                error = _("It has no name. Write: name | link.")
            if error:
                self.form.add_error("alignments_paste", _of_line(line.number, error))


def _of_line(number: int, error: str) -> str:
    return _("Line %(number)d: %(error)s") % {"number": number, "error": error}


def _append(data: QueryDict, rows: RowSet, items: Sequence[Alignment]) -> None:
    """Write items into what was sent: into rows that are empty, then behind the last; what is there already is left out."""
    empty = [form.prefix for form in rows.forms if form.is_blank]
    there = {data.get(form.add_prefix("url")) for form in rows.forms}
    total = rows.total_form_count()
    for item in items:
        if item["url"] in there:
            continue
        there.add(item["url"])
        if empty:
            prefix = empty.pop(0)
        else:
            prefix, total = f"{rows.prefix}-{total}", total + 1
        for key, value in item.items():
            data[f"{prefix}-{key}"] = value or ""
    data[f"{rows.prefix}-TOTAL_FORMS"] = str(total)
