"""Earners and their lists in the dialects of the APIs."""
