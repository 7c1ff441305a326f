"""`python -m gateway`: run the service."""

from chassis.process import main
from gateway.app import build, crew
from gateway.settings import GatewaySettings

if __name__ == "__main__":
    main("gateway", GatewaySettings, build, crew)
