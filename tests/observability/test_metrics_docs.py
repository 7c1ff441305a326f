"""docs/metrics.md says of every metric what the code says."""

import importlib
import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from gateway.outcomes import Outcome

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "metrics.md").read_text()
MODULES = {
    "Every service": ("chassis.metrics", "chassis.crew_http"),
    "Gateway": ("gateway.metrics",),
    "Recorder": ("recorder.metrics",),
    "Responder": ("responder.metrics",),
    "Transcriber": ("transcriber.metrics",),
}


def metrics(*modules: str) -> list[MetricWrapperBase]:
    """What these modules define, in their order."""
    return [
        each
        for module in modules
        for each in vars(importlib.import_module(module)).values()
        if isinstance(each, MetricWrapperBase) and each._documentation
    ]


def row(metric: MetricWrapperBase) -> str:
    """As it has to be written."""
    name = f"{metric._name}_total" if metric._type == "counter" else metric._name
    labels = ", ".join(f"`{label}`" for label in metric._labelnames)
    return f"| `{name}` | {metric._type} | {labels} | {metric._documentation} |"


@pytest.mark.parametrize("heading", MODULES)
def test_every_metric_is_documented_as_it_is(heading: str) -> None:
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    written = [line for line in section.splitlines() if line.startswith("| `")]
    assert written == list(dict.fromkeys(row(metric) for metric in own(heading)))


def own(heading: str) -> list[MetricWrapperBase]:
    """Those that the heading's modules do not just import from another heading's."""
    shared = [] if heading == "Every service" else metrics(*MODULES["Every service"])
    return [metric for metric in metrics(*MODULES[heading]) if metric not in shared]


def test_no_metric_is_defined_elsewhere() -> None:
    definition = re.compile(r"^\w+ = (Counter|Gauge|Histogram|BulkHistogram|Summary|Info|Enum)\(", re.MULTILINE)
    sources = [file for folder in ("chassis", "services") for file in (ROOT / folder).glob("**/src/**/*.py")]
    defining = {file.relative_to(ROOT) for file in sources if definition.search(file.read_text())}
    known = {module.replace(".", "/") + ".py" for modules in MODULES.values() for module in modules}
    assert {file.as_posix().partition("/src/")[2] for file in defining} == known


def test_every_outcome_is_named() -> None:
    section = DOCUMENT.partition("\n## Gateway\n")[2].partition("\n| metric")[0]
    assert {each.value for each in Outcome} <= set(re.findall(r"`([a-z_]+)`", section))


def test_names_follow_the_conventions() -> None:
    for metric in (each for modules in MODULES.values() for each in metrics(*modules)):
        assert metric._name.startswith("frontdesk_"), metric._name
        assert metric._type != "histogram" or metric._name.endswith("_seconds"), metric._name
