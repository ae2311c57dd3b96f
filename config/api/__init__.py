"""The dialects of the APIs: one leaf for each, and the table of contents of all."""
