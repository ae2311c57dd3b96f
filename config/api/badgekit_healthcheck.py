"""What the BadgeKit API says of itself, at its root and at `/healthcheck`: clients ask there before anything else."""

from django.http import HttpRequest, HttpResponse

from config.api.badgekit import BadgekitRequest, BadgekitView, answer
from config.version import VERSION

SPOKEN = (
    "0.2.22"  # the last version of badgekit-api: clients require a least one, and know the server by its name
)
WHO = {"app": "BadgeKit API", "version": SPOKEN, "server": f"Laurel {VERSION}"}


class HealthcheckRoute(BadgekitView):
    """`/healthcheck`"""

    is_public = True

    def get(self, request: BadgekitRequest) -> HttpResponse:
        """Answer name and version of the API and of the server, to everybody. `/health` tells of the database."""
        return answer(WHO)


def is_api_client(request: HttpRequest) -> bool:
    """Whether who asks for the start page wants what badgekit-api has there: it brings a token, or takes no page."""
    return request.headers.get("Authorization", "").startswith("JWT ") or not request.accepts("text/html")
