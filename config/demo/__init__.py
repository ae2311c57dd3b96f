"""What the demo installation holds: two organizations with something in every room. All of it is made by the services."""

from config.demo.filling import fill

__all__ = ["fill"]
