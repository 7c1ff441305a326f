"""What every service stands on: settings, masked logs, the bus, health, metrics, shutdown."""
