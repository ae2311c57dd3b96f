"""How dates are written in each language (FORMAT_MODULE_PATH of Django): short, the month in letters."""
