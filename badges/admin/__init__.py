"""The staff's pages of badges; importing this registers them."""

from badges.admin import badges, batches, outcomes, paths, templates, verifiability

__all__ = ["badges", "batches", "outcomes", "paths", "templates", "verifiability"]
