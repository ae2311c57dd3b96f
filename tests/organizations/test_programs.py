"""Programs belong to their organizations, change, and go out of use; its log tells."""

import pytest

from organizations.exceptions import SlugTaken
from organizations.models import AuditEntry, Organization, Program, User
from organizations.services.programs import archive_program, create_program, update_program
from tests import factories


def test_program_belongs_to_its_organization(acme: Organization, globex: Organization) -> None:
    program = create_program(organization=acme, name="Evening", by=None)

    assert create_program(organization=globex, name="Evening", by=None).slug == program.slug == "evening"
    assert update_program(program=program, fields={"name": "Night"}, by=None).name == "Night"
    with pytest.raises(SlugTaken):
        create_program(organization=acme, name="Other", slug="evening", by=None)


def test_an_archived_program_keeps_its_templates_and_its_slug(acme: Organization) -> None:
    program = create_program(organization=acme, name="Evening", image="a/b.png", by=None)
    template = factories.template(acme, program=program)

    archive_program(program=program, by=None)

    assert factories.badge(template).template == template
    with pytest.raises(SlugTaken):
        create_program(organization=acme, name="Evening", slug="evening", by=None)
    assert Program.objects.get().image.name == "a/b.png"


def test_log_tells_who_made_changed_and_archived_a_program(acme: Organization, alice: User) -> None:
    program = create_program(organization=acme, name="Evening", by=alice)
    update_program(program=program, fields={"name": "Night", "image": "a/b.png", "url": ""}, by=alice)
    update_program(program=program, fields={"name": "Night"}, by=alice)
    archived = [archive_program(program=program, by=alice).archived_at for _time in range(2)]

    entries = AuditEntry.objects.filter(subject=program.uuid).order_by("pk")

    assert archived[0] == archived[1]
    assert [(entry.user, entry.act, entry.subject_label, entry.details) for entry in entries] == [
        (alice, "program.created", "Evening", {}),
        (alice, "program.changed", "Night", {"name": ["Evening", "Night"], "image": [None, "new"]}),
        (alice, "program.archived", "Night", {}),
    ]
