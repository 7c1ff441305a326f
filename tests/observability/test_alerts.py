"""Dashboard and alerts ask for metrics that there are, and the guide knows every alert."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.dead_letters import DeadLetterReason
from contracts.topology import STREAMS
from ops.bus.permissions import SERVICES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "observability"
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"][0]["rules"]
BOARD = json.loads((FOLDER / "grafana" / "dashboards" / "frontdesk.json").read_text())
ELSEWHERE = {
    "up",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "jetstream_consumer_num_pending",
    "jetstream_stream_total_bytes",
}
"""Prometheus' own, its Python client's, and those of nats-io/prometheus-nats-exporter (collector/jsz.go)."""


def documented() -> set[str]:
    rows = re.findall(r"^\| `(frontdesk_\w+)` \| (\w+) ", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE)
    return {name for name, _ in rows} | {f"{name}_bucket" for name, kind in rows if kind == "histogram"}


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in RULES)
    yield from (target["expr"] for panel in BOARD["panels"] for target in panel.get("targets", ()))


def test_every_metric_asked_for_exists() -> None:
    asked = {name for each in expressions() for name in re.findall(r"\b(?:frontdesk|jetstream|process)_\w+", each)}
    assert asked - documented() - ELSEWHERE == set()
    assert len(asked) > 20


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_gone_from_the_network_is_down(service: str) -> None:
    expression = next(rule["expr"] for rule in RULES if rule["alert"] == "ServiceDown")
    assert f'absent(up{{job="{service}"}})' in expression


def test_dead_letters_are_asked_for_by_their_reasons() -> None:
    asked = {reasons for each in expressions() for reasons in re.findall(r'outcome=~"(invalid[^"]+)"', each)}
    assert asked == {"|".join(reason.value for reason in DeadLetterReason)}


def test_the_alert_on_full_streams_knows_their_sizes() -> None:
    expression = next(rule["expr"] for rule in RULES if rule["alert"] == "StreamFilling")
    found = re.findall(r'stream_name="(\w+)"}\) > 0\.7 \* (\d+)', expression)
    assert found == [(stream.name, str(stream.max_bytes)) for stream in STREAMS]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_the_guide_says_what_an_alert_means(rule: dict[str, Any]) -> None:
    assert f"### {rule['alert']}\n" in (ROOT / "docs" / "operations.md").read_text()
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_panels_do_not_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        taken |= cells
