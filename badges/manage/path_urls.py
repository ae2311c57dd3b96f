"""The addresses of learning paths and outcomes; below /manage/<organization>/."""

from django.urls import path

from badges.manage import outcomes, paths

urlpatterns = [
    path("paths", paths.paths, name="paths"),
    path("paths/new", paths.new_path, name="new_path"),
    path("paths/<uuid:template_id>", paths.path, name="path"),
    path("paths/<uuid:template_id>/steps", paths.edit_path, name="edit_path"),
    path("paths/<uuid:template_id>/retry", paths.retry_path_award, name="retry_path_award"),
    path("paths/<uuid:template_id>/earners/<uuid:earner_id>", paths.path_earner, name="path_earner"),
    path("outcomes", outcomes.outcomes, name="outcomes"),
    path("outcomes/new", outcomes.new_outcome, name="new_outcome"),
    path("outcomes/<uuid:outcome_id>", outcomes.outcome, name="outcome"),
    path("outcomes/<uuid:outcome_id>/change", outcomes.edit_outcome, name="edit_outcome"),
    path("outcomes/<uuid:outcome_id>/delete", outcomes.remove_outcome, name="delete_outcome"),
    path("outcomes/<uuid:outcome_id>/secrets", outcomes.new_outcome_secrets, name="new_outcome_secrets"),
    path("outcomes/reports/<uuid:record_id>", outcomes.outcome_record, name="outcome_record"),
    path(
        "outcomes/reports/<uuid:record_id>/retry", outcomes.retry_outcome_record, name="retry_outcome_record"
    ),
]
