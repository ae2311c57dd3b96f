"""What changes organizations: the only place where their rows are written together."""
