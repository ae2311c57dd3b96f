"""The pictures of a badge template in the issuer API (reference openbadge_eu section 5.3)."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from badges.api.issuer_template_access import TEMPLATE, TemplateView
from badges.api.issuer_template_bodies import TemplateShape, template_body
from badges.api.issuer_template_inputs import PicturesInput
from badges.api.issuer_templates import TAG, picture_folder
from badges.models import BadgeTemplate
from badges.services.templates import update_template
from config.api.issuer.documentation import documented
from config.api.issuer.errors import Invalid
from config.api.issuer.views import answer
from config.api.issuer.wording import sentence
from organizations.pictures import storing_pictures


class PictureView(TemplateView):
    """A route of one of the pictures, which takes the other one too: the original prints one path for both."""

    takes_idempotency_key = False
    picture: ClassVar[str]

    def change(self, template: BadgeTemplate) -> HttpResponse:
        """Store what was sent: one picture at least."""
        sent = PicturesInput(data=self.sent(), context=self.get_serializer_context()).checked()
        pictures = {name: one for name, one in sent.items() if one is not None}
        if not pictures:
            raise Invalid({self.picture: [sentence("required", [self.picture])]})
        with storing_pictures(pictures, folder=picture_folder(self.organization), durable=True) as names:
            template = update_template(template=template, fields=names, by=self.actor)
        return answer({"data": template_body(template, self.organization)})

    def sent(self) -> Mapping[str, Any]:
        """Return the body."""
        return cast("Mapping[str, Any]", self.request.data)  # an object, as the parsers make it

    def remove(self, template: BadgeTemplate) -> HttpResponse:
        """Leave the template without the picture; versions that badges were issued from keep theirs."""
        update_template(template=template, fields={self.picture: ""}, by=self.actor)
        return HttpResponse(status=204)


class ImageRoute(PictureView):
    """`/api/v1/issuers/organization/badge_templates/{id}/image`"""

    picture = "image"

    @documented(
        "Give a badge template its picture",
        tag=TAG,
        description="Takes a `background_image` too, beside or instead of the `image`.",
        request={"multipart/form-data": PicturesInput},
        answer=TemplateShape,
        refusals=[409],
    )
    def post(self, request: Request, template_id: UUID) -> HttpResponse:
        """Store the picture."""
        return self.change(self.template(template_id))

    @documented("Take a badge template's picture away", tag=TAG, status=204, refusals=[409])
    def delete(self, request: Request, template_id: UUID) -> HttpResponse:
        """Have the default badge shown."""
        return self.remove(self.template(template_id))


class BackgroundImageRoute(PictureView):
    """`/api/v1/issuers/organization/badge_templates/{id}/background_image`"""

    picture = "background_image"

    @documented(
        "Give a badge template its background",
        tag=TAG,
        description="An `image` that is sent alone is taken for the background.",
        request={"multipart/form-data": PicturesInput},
        answer=TemplateShape,
        refusals=[409],
    )
    def post(self, request: Request, template_id: UUID) -> HttpResponse:
        """Store the background."""
        return self.change(self.template(template_id))

    def sent(self) -> Mapping[str, Any]:
        """Return the body; a file under the other name must not replace the badge's own picture."""
        body = super().sent()
        return {self.picture: body["image"]} if "image" in body and self.picture not in body else body

    @documented("Take a badge template's background away", tag=TAG, status=204, refusals=[409])
    def delete(self, request: Request, template_id: UUID) -> HttpResponse:
        """Have no background."""
        return self.remove(self.template(template_id))


urlpatterns = [
    path(f"{TEMPLATE}/image", ImageRoute.as_view()),
    path(f"{TEMPLATE}/background_image", BackgroundImageRoute.as_view()),
]
