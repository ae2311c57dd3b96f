"""Rows for tests, as the services make them, with the fixed test keys."""

from typing import Any

from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

from badges.models import Badge, BadgeTemplate
from badges.services.awards import Award
from badges.services.issuing import issue_badge
from badges.services.templates import create_template
from claimcodes.models import ClaimCode
from claimcodes.services import create_claim_code
from earners.services import Person
from organizations.encryption import encrypt
from organizations.enums import ApiScope, KeyAlgorithm, Role
from organizations.models import ApiKey, Organization, Program, SigningKey, System, User
from organizations.services.access import create_api_key
from organizations.services.members import add_member
from tests.keys import ED25519_PRIVATE, ED25519_PUBLIC, RSA_PRIVATE, RSA_PUBLIC

PASSWORD = "a long enough password"


class UserFactory(DjangoModelFactory[User]):
    """Somebody who signs in with PASSWORD."""

    class Meta:
        model = User

    email = Sequence(lambda number: f"user{number}@example.org")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(password=kwargs.pop("password", PASSWORD), **kwargs)


class SystemFactory(DjangoModelFactory[System]):
    """A system with the organization that stands for it."""

    class Meta:
        model = System
        skip_postgeneration_save = True

    slug = Sequence(lambda number: f"system-{number}")
    name = "Test system"
    url = "https://system.example.org"

    @post_generation  # type: ignore[untyped-decorator]
    def own(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Make the system's own organization."""
        OrganizationFactory.create(system=self, slug=self.slug, name=self.name, is_system_itself=True)


class OrganizationFactory(DjangoModelFactory[Organization]):
    """An organization with an active key of each algorithm: the fixed test keys."""

    class Meta:
        model = Organization
        skip_postgeneration_save = True

    system = SubFactory(SystemFactory)
    slug = Sequence(lambda number: f"organization-{number}")
    name = "Test organization"
    website = "https://organization.example.org"
    contact_info = LazyFunction(lambda: {"email": "badges@organization.example.org"})

    @post_generation  # type: ignore[untyped-decorator]
    def keys(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Give it the test keys."""
        for algorithm, public, private in (
            (KeyAlgorithm.ED25519, ED25519_PUBLIC, ED25519_PRIVATE),
            (KeyAlgorithm.RSA, RSA_PUBLIC, RSA_PRIVATE),
        ):
            SigningKey.objects.create(
                organization=self,  # type: ignore[misc]  # factory_boy calls this with the row
                algorithm=algorithm,
                public_bytes=public,
                encrypted_private_bytes=encrypt(private),
            )


class ProgramFactory(DjangoModelFactory[Program]):
    """A program of an organization."""

    class Meta:
        model = Program

    organization = SubFactory(OrganizationFactory)
    slug = Sequence(lambda number: f"program-{number}")
    name = "Test program"


def member(organization: Organization, role: Role, email: str, **fields: Any) -> User:
    """Return a new user who is a member with this role."""
    user = UserFactory.create(email=email, **fields)
    add_member(organization=organization, user=user, role=role, by=None)
    return user


def api_key(organization: Organization, *scopes: ApiScope) -> tuple[ApiKey, str]:
    """Return a key of the organization and its text; with all scopes unless some are named."""
    return create_api_key(organization=organization, name="test", scopes=scopes or tuple(ApiScope), by=None)


def template(organization: Organization, **fields: Any) -> BadgeTemplate:
    """Return a template that badges can be issued from."""
    values: dict[str, Any] = {
        "title": "Data literacy",
        "description": "<p>Reads and questions data.</p>",
        "assignment_criteria": "<p>Finish the <strong>course</strong> and the project.</p>",
        "tags": ["data"],
    }
    return create_template(organization=organization, fields=values | fields, by=None)


def badge(template: BadgeTemplate, email: str = "ada@example.org", **award: Any) -> Badge:
    """Return a badge issued to Ada Lovelace, or to another address."""
    return issue_badge(
        template=template,
        person=Person(email=email, first_name="Ada", last_name="Lovelace"),
        award=Award(**award),
        by=None,
    )


def claim_code(template: BadgeTemplate, **fields: Any) -> ClaimCode:
    """Return a claim code of the template."""
    return create_claim_code(template=template, by=None, **fields)
