"""The addresses of issuing and of batches; below /manage/<organization>/."""

from django.urls import path

from badges.manage import batch_acts, batches, issue

BATCH = "issue/batches/<uuid:batch_id>"

urlpatterns = [
    path("issue", issue.choose_template, name="issue"),
    path("issue/recipients", issue.choose_recipients, name="issue_recipients"),
    path("issue/details", issue.describe, name="issue_details"),
    path("issue/summary", issue.summary, name="issue_summary"),
    path("issue/batches", batches.batches, name="batches"),
    path(BATCH, batches.batch, name="batch"),
    path(f"{BATCH}/progress", batches.batch_progress, name="batch_progress"),
    path(f"{BATCH}/failed.csv", batch_acts.failed_rows, name="batch_failed_rows"),
    path(f"{BATCH}/pause", batch_acts.pause, name="pause_batch"),
    path(f"{BATCH}/resume", batch_acts.resume, name="resume_batch"),
    path(f"{BATCH}/stop", batch_acts.stop, name="stop_batch"),
    path(f"{BATCH}/retry", batch_acts.retry, name="retry_batch"),
    path(f"{BATCH}/reschedule", batch_acts.reschedule, name="reschedule_batch"),
]
