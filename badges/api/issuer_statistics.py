"""Statistics in the issuer API (seed 000): of a year, and of the organization. Neither is wrapped in `data`."""

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from badges.enums import TemplateType
from badges.services.statistics import figures_of, year_figures
from badges.services.tallies import month_of
from config.api.issuer.documentation import documented
from config.api.issuer.fields import Input, Shape, WholeField
from config.api.issuer.views import answer
from organizations.api.issuer_access import OrganizationView

TAG = "Statistics"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class YearStatisticsShape(Shape):
    """Badges issued in each month of a year; those of learning paths are in both lists."""

    labels = serializers.ListField(child=serializers.CharField())
    badges = serializers.ListField(child=serializers.IntegerField())
    learning_paths = serializers.ListField(child=serializers.IntegerField())


class StatisticsShape(Shape):
    """Badges issued here, neither revoked nor imported."""

    badges_count = serializers.IntegerField()
    earners_count = serializers.IntegerField(help_text="Earners known to the organization.")
    badges_expired_count = serializers.IntegerField()
    credits_left = serializers.IntegerField()
    badge_assignees_ratio = serializers.IntegerField(help_text="Badges for each earner, rounded.")
    shared_by_user_count = serializers.IntegerField(help_text="Badges that are public.")
    badges_by_type = serializers.DictField(child=serializers.IntegerField(), help_text="Every type.")
    learning_paths_by_type = serializers.DictField(
        child=serializers.IntegerField(), help_text="Only types that there are."
    )
    top_5_badge_templates_assigned = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="By title, the most assigned first; of two with one title the second has its code in brackets.",
    )


class YearInput(Input):
    """Which year."""

    year = WholeField(required=False, allow_null=True, min_value=1, max_value=9999)


class YearStatisticsRoute(OrganizationView):
    """`/api/v1/issuers/organization/year-statistics`"""

    @documented(
        "Badges by month of a year",
        tag=TAG,
        answer=YearStatisticsShape,
        wrapped=False,
        refusals=[422],
        parameters=[OpenApiParameter("year", int, description="The current year where it is not said.")],
        examples=[
            OpenApiExample(
                "A year without badges",
                {"labels": MONTHS, "badges": [0] * 12, "learning_paths": [0] * 12},
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer the months of a year in the organization's time zone."""
        asked = YearInput(data=request.query_params.dict()).checked().get("year")
        figures = year_figures(self.organization, asked or month_of(self.organization, timezone.now()).year)
        return answer({"labels": MONTHS, "badges": figures.badges, "learning_paths": figures.learning_paths})


class StatisticsRoute(OrganizationView):
    """`/api/v1/issuers/organization/statistics`"""

    @documented(
        "The organization in figures",
        tag=TAG,
        answer=StatisticsShape,
        wrapped=False,
        examples=[
            OpenApiExample(
                "Statistics",
                {
                    "badges_count": 755,
                    "earners_count": 150,
                    "badges_expired_count": 6,
                    "credits_left": 39806,
                    "badge_assignees_ratio": 5,
                    "shared_by_user_count": 12,
                    "badges_by_type": {
                        TemplateType.PARTICIPATION.value: 167,
                        TemplateType.SKILLS.value: 189,
                        TemplateType.QUALIFICATION.value: 392,
                        TemplateType.KNOWLEDGE.value: 7,
                    },
                    "learning_paths_by_type": {TemplateType.KNOWLEDGE.value: 5},
                    "top_5_badge_templates_assigned": {
                        "Farm-to-Table Culinary Expert": 300,
                        "Data Science Professional": 108,
                    },
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer the figures as they are now."""
        figures = figures_of(self.organization)
        return answer(
            {
                "badges_count": figures.badges,
                "earners_count": figures.earners,
                "badges_expired_count": figures.expired,
                "credits_left": self.organization.credits_left,
                "badge_assignees_ratio": figures.per_earner,
                "shared_by_user_count": figures.public,
                "badges_by_type": figures.by_type,
                "learning_paths_by_type": figures.paths_by_type,
                "top_5_badge_templates_assigned": figures.top,
            }
        )


urlpatterns = [
    path("issuers/organization/year-statistics", YearStatisticsRoute.as_view()),
    path("issuers/organization/statistics", StatisticsRoute.as_view()),
]
