"""`python -m responder`."""

from chassis.process import main
from responder.app import NAME, build
from responder.settings import ResponderSettings

main(NAME, ResponderSettings, build)
