"""What is counted, in Prometheus' text format. Read from the store when asked: nothing is counted twice or lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from report.desk.port import Desk, View
from rules.errors import UserError
from store import kept, outbox, passes


def metrics_text(desk: Desk) -> bytes:
    """Raises StoreError when the store is unusable."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_DeskCollector(desk))
    return generate_latest(registry)


class _DeskCollector(Collector):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        heartbeat = self._desk.heartbeat()
        with self._desk.store.reading() as session:
            read_at = passes.complete_ends(session)
            mails = outbox.counts(session)
            message_count = kept.count_messages(session)
        yield _gauge(
            "baosong_last_successful_poll_timestamp_seconds",
            "When the newest complete pass over an account, or import, ended.",
            {(source,): moment.timestamp() for source, moment in read_at.items()},
            "source",
        )
        blind = float(heartbeat.is_blind(self._desk.now()))
        yield _gauge("baosong_blind", "1 when the mailbox has not been seen for too long.", {(): blind})
        yield _gauge("baosong_messages", "Messages that are kept.", {(): message_count})
        queues = {("unread",): heartbeat.waiting, ("failed",): heartbeat.failed}
        yield _gauge(
            "baosong_queue_messages", "Kept messages not read yet, and those nothing could read.", queues, "queue"
        )
        outgoing = {(state.value,): count for state, count in mails.items()}
        yield _gauge("baosong_outbox_mails", "Outgoing mail by state.", outgoing, "state")
        yield from self._of_campaigns()

    def _of_campaigns(self) -> Iterator[Metric]:
        views = [view for view in map(self._view, (one.key for one in self._desk.campaigns())) if view]
        statuses: Counter[tuple[str, ...]] = Counter()
        findings: Counter[tuple[str, ...]] = Counter()
        review: dict[tuple[str, ...], float] = {}
        for view in views:
            key, assessments = (
                view.campaign.key,
                [(name, one) for unit in view.report.units for name, one in unit.assessments.items()],
            )
            statuses.update((key, name, one.status.value) for name, one in assessments)
            findings.update((key, found.code.value) for _, one in assessments for found in one.findings)
            review[key, "unattributed"] = len(view.unattributed)
            review[key, "doubtful"] = sum(one.needs_review for _, one in assessments)
        yield _gauge("baosong_assessments", "How units stand now.", dict(statuses), "campaign", "deliverable", "status")
        yield _gauge("baosong_findings", "What is wrong with what arrived.", dict(findings), "campaign", "code")
        yield _gauge("baosong_review_waiting", "What waits for a person.", review, "campaign", "queue")

    def _view(self, campaign_key: str) -> View | None:
        try:
            return self._desk.view(campaign_key=campaign_key)
        except UserError:  # the configuration has been read again meanwhile
            return None


def _gauge(name: str, words: str, values: Mapping[Any, float], *labels: str) -> Metric:
    """`values` by tuples of the labels' values."""
    family = GaugeMetricFamily(name, words, labels=labels)
    for of, value in sorted(values.items()):
        family.add_metric(of, value)
    return family
