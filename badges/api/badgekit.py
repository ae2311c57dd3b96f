"""The addresses of badges in the BadgeKit API."""

from badges.api.badgekit_badges import BadgeRoute, BadgesRoute
from organizations.api.badgekit import in_each_scope

urlpatterns = [
    *in_each_scope("badges", BadgesRoute, "badges"),
    *in_each_scope("badges/<str:badge_slug>", BadgeRoute, "badge"),
]
