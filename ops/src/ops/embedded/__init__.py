"""The real NATS server and a real Postgres from their wheels, for one machine."""
