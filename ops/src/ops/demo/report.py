"""What the demo prints: what was sent, what the database says, and whether that is right."""

import click


class Report:
    """Collects verdicts while it prints."""

    def __init__(self) -> None:
        self.failures = 0

    def chapter(self, title: str) -> None:
        """A new thing that happens."""
        click.echo(f"\n{click.style(title, bold=True)}")

    def line(self, label: str, text: object) -> None:
        """Something to read."""
        click.echo(f"  {label:<13}{text}")

    def check(self, claim: str, *, holds: bool) -> None:
        """A claim with its verdict."""
        self.failures += not holds
        mark = click.style("✓", fg="green") if holds else click.style("✗", fg="red", bold=True)
        click.echo(f"  {mark} {claim}")
