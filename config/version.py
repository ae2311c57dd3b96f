"""The version of this software, as pyproject.toml has it: what runs may be no installed package. A leaf."""

VERSION = "0.1.0"
