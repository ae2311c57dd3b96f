"""Dates in Italian: 22 nov 2026, 14:05. Months are small there, and Django's "M" begins them with a capital."""

DATE_FORMAT = "j b Y"
DATETIME_FORMAT = "j b Y, H:i"
YEAR_MONTH_FORMAT = "b Y"
