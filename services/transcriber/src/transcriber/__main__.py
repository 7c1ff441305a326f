"""`python -m transcriber`."""

from chassis.process import main
from transcriber.app import build
from transcriber.settings import TranscriberSettings

main("transcriber", TranscriberSettings, build)
