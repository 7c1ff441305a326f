"""RESULTS.md: what was measured, how, and whether it is what we want."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.contenders import CEILING, EXPRESS, FLASK, GATEWAY, Contender
from bench.measuring import CONNECTIONS, Measured, Plan

Results = Mapping[Contender, Sequence[Measured]]
"""Rounds of each contender."""


@dataclass(frozen=True)
class Target:
    """What the gateway is to reach."""

    words: str
    reached: float | None
    """None when it was not measured."""
    wanted: float
    most: bool = False
    """`wanted` may not be exceeded; otherwise it is the least."""

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.reached is not None and (self.reached <= self.wanted if self.most else self.reached >= self.wanted)

    def row(self) -> str:
        """A line of a table."""
        reached = "not measured" if self.reached is None else f"{self.reached:.2f}"
        verdict = "—" if self.reached is None else ("met" if self.met else "**missed**")
        return f"| {self.words} | {'≤' if self.most else '≥'} {self.wanted:g} | {reached} | {verdict} |"


def middle(rounds: Sequence[Measured]) -> Measured:
    """The round with the median throughput."""
    return sorted(rounds, key=lambda measured: measured.peak.per_second)[len(rounds) // 2]


def at_half(rounds: Sequence[Measured], share: float) -> float:
    """So many of the answers at half load came within this, in ms: the median of what each round says."""
    return median([one.half.percentile(share) for one in rounds])


def targets(results: Results) -> list[Target]:
    """How the gateway compares."""
    ours = results[GATEWAY]

    def times(other: Contender) -> float | None:
        """In the middle of what each round says: the machine's mood changes, but less within a round."""
        both = zip(ours, results.get(other, ()), strict=False)
        return median([we.peak.per_second / they.peak.per_second for we, they in both]) if other in results else None

    lost = sum(measured.lost for rounds in results.values() for measured in rounds)
    return [
        Target("times Express", times(EXPRESS), 3),
        Target("times Flask", times(FLASK), 5),
        Target("of the ceiling", times(CEILING), 0.8),
        Target("p99 at half load, ms", at_half(ours, 0.99), 15, most=True),
        Target("webhooks accepted and not in the stream exactly once, of everybody", lost, 0, most=True),
    ]


def written(results: Results, plan: Plan, machine: Sequence[str], command: str, skipped: Sequence[str]) -> str:
    """The whole document, except for the soak."""
    rounds = max(map(len, results.values()))
    return "\n".join(
        [
            "# What the gateway carries",
            "",
            f"Written by `{command}`. Do not edit; what it means is in [docs/performance.md](../docs/performance.md).",
            "",
            "One process on one core; NATS and the load on the other. Everybody answers Twilio's `sms/incoming`: check",
            "the signature, publish to a file-backed JetStream stream, await the PubAck, answer 200.",
            "",
            *(f"- {line}" for line in machine),
            *(f"- skipped: {line}" for line in skipped),
            "",
            "## Targets",
            "",
            "| the gateway | wanted | reached | |",
            "|---|---:|---:|---|",
            *(target.row() for target in targets(results)),
            "",
            f"## At the peak: {CONNECTIONS} connections, each sends once it was answered (wrk, {plan.peak} × 1 s)",
            "",
            "| | webhooks/s | p50 ms | p99 ms | CPU µs each | RSS MB | PSS MB | not 2xx | lost |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
            *(_peak_row(contender, rounds) for contender, rounds in results.items()),
            "",
            f"## At half of it: due at fixed times, late answers held against whoever is late ({plan.half} s)",
            "",
            "| | webhooks/s | p50 ms | p99 ms | p99.9 ms | slowest ms | not 2xx |",
            "|---|---:|---:|---:|---:|---:|---:|",
            *(_half_row(contender, rounds) for contender, rounds in results.items()),
            "",
            f"Of {rounds} rounds, the one with the median throughput; the range of all in brackets. Latencies at half",
            "load, and how many times one carries what another does, are medians of what each round says. In a round",
            "everybody takes turns of a second at the peak: neighbours of a shared machine change its speed within",
            "seconds. All have a NATS server of their own with a new stream, and its default `sync_interval` of two",
            "minutes but for the last.",
            "`lost` counts webhooks that were accepted and are not in the stream exactly once.",
            "",
        ]
    )


def _peak_row(contender: Contender, rounds: Sequence[Measured]) -> str:
    one, rates = middle(rounds), [measured.peak.per_second for measured in rounds]
    spread = f" ({min(rates):,.0f}–{max(rates):,.0f})" if len(rates) > 1 else ""
    return (
        f"| {contender.title} | {one.peak.per_second:,.0f}{spread} | {one.peak.p50_ms:.1f} | {one.peak.p99_ms:.1f} "
        f"| {one.cpu_us:.0f} | {one.rss_mb:.0f} | {one.pss_mb:.0f} | {one.peak.not_2xx + one.peak.broken} "
        f"| {sum(measured.lost for measured in rounds)} |"
    )


def _half_row(contender: Contender, rounds: Sequence[Measured]) -> str:
    one = middle(rounds)
    p50, p99, p999, slowest = (at_half(rounds, share) for share in (0.5, 0.99, 0.999, 1.0))
    return (
        f"| {contender.title} | {one.half_rate:,.0f} | {p50:.1f} | {p99:.1f} | {p999:.1f} | {slowest:.1f} "
        f"| {one.half.refused + one.half.broken} |"
    )
