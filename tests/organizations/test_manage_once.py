"""Forms that make something are sent twice, and make it once."""

import re
from typing import Any

import pytest

from badges.models import BadgeTemplate
from claimcodes.models import ClaimCode
from earners.models import EarnersList
from organizations.models import CreditTransaction, Organization, User
from tests.at_work import Member
from tests.racing import race

FORMS: list[tuple[str, Any, dict[str, Any]]] = [
    ("new_claim_codes", ClaimCode, {"uses": "single", "how": "random", "count": "2"}),
    ("new_list", EarnersList, {"name": "Spring"}),
    ("new_credit_request", CreditTransaction, {"credits": "5"}),
    ("duplicate_template", BadgeTemplate, {"title": "Copy"}),
]


def shown(member: Member, name: str, *args: Any) -> dict[str, Any]:
    """Return what a form has hidden in it that says which one it is."""
    page = member.get(name, *args).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(sent_once)" value="(\w{32})">', page))


@pytest.mark.parametrize(("name", "model", "fields"), FORMS, ids=[name for name, _, _ in FORMS])
def test_form_sent_again_leads_to_what_was_made(
    acme: Organization, alice: User, template: BadgeTemplate, name: str, model: Any, fields: dict[str, Any]
) -> None:
    member = Member(alice, acme)
    args = [template.uuid] if name == "duplicate_template" else []
    fields = {"template": str(template.uuid), **fields}
    one, another = (fields | shown(member, name, *args) for _ in range(2))

    first = member.post(name, *args, **one)
    made = model.objects.count()
    again = member.post(name, *args, **one)

    assert (again.status_code, again["Location"]) == (302, first["Location"])
    assert model.objects.count() == made
    assert member.post(name, *args, **another).status_code == 302
    assert model.objects.count() > made


def test_refused_form_is_corrected_and_sent_again(acme: Organization, alice: User) -> None:
    member = Member(alice, acme)
    form = shown(member, "new_list")

    refused = [member.post("new_list", name="", **form).status_code for _ in range(2)]

    assert refused == [400, 400]
    assert member.post("new_list", name="Spring", **form).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_double_clicks_make_one(acme: Organization, alice: User) -> None:
    member = Member(alice, acme)
    form = shown(member, "new_list")

    answers = race(lambda number: str(member.post("new_list", name="Spring", **form)["Location"]), times=4)

    assert set(answers) == {member.url("list", EarnersList.objects.get().uuid)}
