"""`python -m recorder`."""

from chassis.process import main
from recorder.app import build
from recorder.settings import RecorderSettings

main("recorder", RecorderSettings, build)
