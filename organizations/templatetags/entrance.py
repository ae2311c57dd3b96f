"""What pages for everybody ask about the way in."""

from django import template

from organizations.services.sign_up import sign_up_state

register = template.Library()

register.simple_tag(sign_up_state)
