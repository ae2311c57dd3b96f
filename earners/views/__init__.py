"""The pages of persons who earned badges: signing in by mail, their addresses, programs and sessions."""
