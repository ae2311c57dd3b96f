"""Random sequences of claim code operations through the BadgeKit API, held against a small model of the rules."""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from badges.models import Badge
from badges.services.counters import recount
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import recount_uses
from config.text import folded
from tests import factories
from tests.badgekit import Answer, BadgekitClient

CODES = st.sampled_from(["a", "A ", "b/c", "é", "random", "claim"])
EMAILS = st.sampled_from([None, "ada@example.org", "ADA@example.org", "bob@example.org", "eve@example.org"])
BADGES = st.sampled_from(["many", "three", "once"])  # without limit; three at most; one for each earner
LIMIT = 3


@dataclass
class Code:
    """What the model knows of a code."""

    code: str
    badge: str
    claimed: bool
    multiuse: bool
    email: str | None
    max_uses: int | None
    uses: int = 0
    claimers: set[str] = field(default_factory=set)


class Codes(RuleBasedStateMachine):
    """The seven operations and the change of a code, on three badges of one system."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        organization = factories.OrganizationFactory.create(slug="acme")
        self.system = organization.system
        for slug, rules in (("many", {}), ("three", {"limit": LIMIT}), ("once", {"is_unique": True})):
            factories.template(organization, title=slug, **rules)
        self.client = BadgekitClient.of(self.system)
        self.codes: dict[str, Code] = {}
        self.held: dict[str, list[str]] = {"many": [], "three": [], "once": []}

    def teardown(self) -> None:
        """See that what is counted along the way is what is there; leave the database as it was."""
        assert recount_uses() == 0
        assert not any(recount().values())
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def path(self, badge: str, code: str | None = None, rest: str = "") -> str:
        """Return the address of a code, or of all codes of a badge."""
        path = f"/systems/{self.system.slug}/badges/{badge}/codes"
        return path if code is None else f"{path}/{quote(code, safe='')}{rest}"

    def known(self, badge: str, code: str) -> Code | None:
        """Return the code where the badge has it."""
        found = self.codes.get(folded(code))
        return found if found is not None and found.badge == badge else None

    def check_code(self, answer: Answer, code: Code) -> None:
        """Hold an answered claimCode against the model."""
        shown = {"email": None} | answer.body["claimCode"]
        del shown["id"]
        assert shown == {
            "code": code.code,
            "claimed": code.claimed,
            "email": code.email,
            "multiuse": code.multiuse,
        }

    @rule(
        badge=BADGES,
        code=CODES,
        multiuse=st.booleans(),
        claimed=st.booleans(),
        most=st.sampled_from([None, 1, 2]),
    )
    def create(self, badge: str, code: str, multiuse: bool, claimed: bool, most: int | None) -> None:
        """Operation 4."""
        body = {"code": code, "multiuse": multiuse, "claimed": claimed, "maxUses": most}
        answer = self.client.post(self.path(badge), body)
        if folded(code) in self.codes:
            assert (answer.status, answer.body["code"]) == (409, "ResourceConflict")
            return
        made = Code(code, badge, claimed, multiuse, None, most if multiuse else None)
        self.codes[folded(code)] = made
        assert answer.status == 201
        self.check_code(answer, made)

    @rule(badge=BADGES, multiuse=st.booleans())
    def create_random(self, badge: str, multiuse: bool) -> None:
        """Operation 5."""
        answer = self.client.post(self.path(badge, "random"), {"multiuse": multiuse})
        assert answer.status == 201
        code = answer.body["claimCode"]["code"]
        self.codes[code] = Code(code, badge, False, multiuse, None, None)

    @rule(badge=BADGES, code=CODES)
    def read(self, badge: str, code: str) -> None:
        """Operation 2."""
        answer, known = self.client.get(self.path(badge, code)), self.known(badge, code)
        assert answer.status == (404 if known is None else 200)
        if known is not None:
            self.check_code(answer, known)

    @rule(code=CODES)
    def look_up(self, code: str) -> None:
        """Operation 3."""
        answer = self.client.get(f"/systems/{self.system.slug}/codes/{quote(code, safe='')}")
        known = self.codes.get(folded(code))
        assert answer.status == (404 if known is None else 200)
        if known is not None:
            assert answer.body["badge"]["slug"] == known.badge
            assert answer.body["badge"]["claimed"] == int(not self.is_open(known))

    @rule(badge=BADGES, code=CODES)
    def delete(self, badge: str, code: str) -> None:
        """Operation 6."""
        answer, known = self.client.delete(self.path(badge, code)), self.known(badge, code)
        assert answer.status == (404 if known is None else 200)
        if known is not None:
            self.check_code(answer, known)
            del self.codes[folded(code)]

    @staticmethod
    def is_open(code: Code) -> bool:
        """Whether somebody new may claim."""
        return (code.max_uses is None or code.uses < code.max_uses) if code.multiuse else not code.claimed

    @rule(badge=BADGES, code=CODES, email=EMAILS)
    def claim(self, badge: str, code: str, email: str | None) -> None:
        """Operation 7."""
        answer = self.client.post(self.path(badge, code, "/claim"), {"email": email})
        known = self.known(badge, code)
        key = folded(email) if email else None
        if known is None:
            assert answer.status == 404
        elif key is not None and known.multiuse and key in known.claimers:
            assert answer.status == 200
            own = answer.body["claimCode"]["email"]
            assert folded(own) == key
            self.check_code(answer, replace(known, email=own))
        elif not self.is_open(known):
            assert (answer.status, answer.body["code"]) == (400, "CodeAlreadyUsed")
        elif key is not None and badge == "once" and key in self.held["once"]:
            assert (answer.status, answer.body["code"]) == (409, "ResourceConflict")
            assert answer.body["details"]["assertionUrl"]
        elif key is not None and badge == "three" and len(self.held["three"]) >= LIMIT:
            assert (answer.status, answer.body["code"]) == (400, "LimitReached")
        else:
            known.uses += 1
            known.claimed = True
            if email and key:
                known.email = email
                known.claimers.add(key)
                self.held[badge].append(key)
            assert answer.status == 200
            self.check_code(answer, known)

    @rule(
        badge=BADGES,
        code=CODES,
        changes=st.fixed_dictionaries({}, optional={"multiuse": st.booleans(), "claimed": st.booleans()}),
    )
    def change(self, badge: str, code: str, changes: dict[str, Any]) -> None:
        """The change of a code."""
        answer, known = self.client.put(self.path(badge, code), changes), self.known(badge, code)
        if known is None:
            assert answer.status == 404
            return
        claimed, multiuse = changes.get("claimed", known.claimed), changes.get("multiuse", known.multiuse)
        if known.uses and (not claimed or (not multiuse and known.uses > 1)):
            assert (answer.status, answer.body["code"]) == (409, "ResourceConflict")
            return
        known.claimed, known.multiuse = claimed, multiuse
        known.max_uses = known.max_uses if multiuse else None
        assert answer.status == 200
        self.check_code(answer, known)

    @invariant()
    def database_agrees(self) -> None:
        """Codes, claims, badges and counts are what the model says; nothing more was issued."""
        rows = ClaimCode.objects.values_list("code_key", "is_claimed", "uses", "max_uses")
        assert {row[0]: row[1:] for row in rows} == {
            key: (code.claimed, code.uses, code.max_uses) for key, code in self.codes.items()
        }
        held = sorted(Badge.objects.values_list("template__slug", "earner__email_key"))
        assert held == sorted((badge, key) for badge, keys in self.held.items() for key in keys)
        assert Claim.objects.count() == sum(code.uses for code in self.codes.values())


@pytest.mark.django_db
def test_random_sequences_agree_with_the_rules() -> None:
    run_state_machine_as_test(
        Codes,
        settings=settings(
            max_examples=200,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
