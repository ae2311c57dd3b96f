"""What changes badges and their templates: the only place where their rows are written together."""
