"""BadgeKit programs: the named programmes of an issuer."""

from typing import Any

from django.http import HttpResponse
from django.utils.html import escape

from config.api.badgekit import BadgekitRequest, Fields, answer, not_found, paged
from organizations.api.badgekit import ScopedView
from organizations.api.badgekit_bodies import program_body
from organizations.api.badgekit_changes import changes, read_fields, read_slug, slug_conflict
from organizations.api.badgekit_documentation import PROGRAM_ROUTE, PROGRAMS_ROUTE
from organizations.api.badgekit_pictures import sent_picture, stored_picture
from organizations.exceptions import SlugTaken
from organizations.models import Organization, Program
from organizations.services.programs import archive_program, create_program, update_program


class ProgramsRoute(ScopedView):
    """`/systems/:slug/issuers/:slug/programs`"""

    described = PROGRAMS_ROUTE

    def get(self, request: BadgekitRequest) -> HttpResponse:
        """Answer the programs of the issuer."""
        programs = self.scope.owner.programs.filter(archived_at__isnull=True).order_by("pk")
        rows, page_data, link = paged(request, programs)
        body: dict[str, Any] = {"programs": [program_body(row) for row in rows]}
        if page_data is not None:
            body["pageData"] = page_data
        return answer(body, headers={"Link": link} if link else None)

    def post(self, request: BadgekitRequest) -> HttpResponse:
        """Make a program of the issuer."""
        fields = Fields(request.data)
        slug = read_slug(fields, is_new=True)
        values = _as_kept(read_fields(fields, is_new=True))
        source = sent_picture(request, fields)
        fields.check()
        owner = self.scope.owner
        try:
            with stored_picture(source, folder=_folder(owner)) as image:
                made = create_program(
                    organization=owner, slug=slug, image=image or "", by=self.actor, **values
                )
        except SlugTaken as refusal:
            raise slug_conflict("program", request.data) from refusal
        return answer({"status": "created", "program": program_body(made)}, 201)


class ProgramRoute(ScopedView):
    """`/systems/:slug/issuers/:slug/programs/:slug`"""

    described = PROGRAM_ROUTE

    def get(self, request: BadgekitRequest) -> HttpResponse:
        """Answer the program."""
        return answer({"program": program_body(self._program)})

    def put(self, request: BadgekitRequest) -> HttpResponse:
        """Change what was sent and differs."""
        program = self._program
        fields = Fields(changes(request.data, program_body(program)))
        read_slug(fields, is_new=False)
        values = _as_kept(read_fields(fields, is_new=False))
        source = sent_picture(request, fields)
        fields.check()
        folder = _folder(program.organization)
        with stored_picture(source, folder=folder, old=program.image.name) as image:
            picture = {"image": image} if image else {}
            program = update_program(program=program, fields=values | picture, by=self.actor)
        return answer({"status": "updated", "program": program_body(program)})

    def delete(self, request: BadgekitRequest) -> HttpResponse:
        """Put the program out of use; its badges stay badges of the issuer."""
        program = archive_program(program=self._program, by=self.actor)
        return answer({"status": "deleted", "program": program_body(program)})

    @property
    def _program(self) -> Program:
        program = self.scope.program
        if program is None:
            raise not_found("program", "slug", str(self.program_slug))
        return program


def _folder(organization: Organization) -> str:
    return f"organizations/{organization.uuid}/programs"


def _as_kept(values: dict[str, str]) -> dict[str, str]:
    """Return the fields as a program has them; BadgeKit's description is plain text, ours is HTML."""
    return {name: escape(value) if name == "description" else value for name, value in values.items()}
