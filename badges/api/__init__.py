"""In the dialects of the APIs."""
