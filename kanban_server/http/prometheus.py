"""The server's metrics in Prometheus' format.

They are counted where the work happens (`rules.metrics`) and only read here. Loaded at the first request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.exposition import generate_latest

from kanban_server import __version__
from kanban_server.entry.state import State
from kanban_server.rules.metrics import Histogram

__all__ = ["CONTENT_TYPE", "render_metrics"]

RESYNC_REASONS = ("trimmed", "epoch", "ahead")


def render_metrics(state: State, live_claims: int) -> bytes:
    """All metrics as of now; `live_claims` is the number of live claims."""
    registry = CollectorRegistry()
    registry.register(KanbanCollector(state, live_claims))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class KanbanCollector:
    """Collects the server's own metrics."""

    def __init__(self, state: State, live_claims: int) -> None:
        self._state = state
        self._live_claims = live_claims

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        build_info = [((__version__, self._state.database.dialect), 1)]
        yield _gauge("kanban_info", "Which server this is.", build_info, "version", "database")
        yield from self._requests()
        yield from self._writes()
        yield from self._streams()
        deliveries = [((result,), n) for result, n in self._state.deliveries.counts.items()]
        yield _counter("kanban_deliveries", "Posts to webhooks.", deliveries, "result")
        if self._state.redis_bus is not None:
            yield _gauge(
                "kanban_redis_up", "Whether Redis can be reached.", [((), int(self._state.redis_bus.connected))]
            )
        yield _gauge("kanban_claims", "Claims that live.", [((), self._live_claims)])

    def _requests(self) -> Iterator[Metric]:
        requests = self._state.requests
        answered, clients = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
        for (method, route, status, client), n in requests.answered.items():
            answered[method, route, str(status)] += n
            clients[client,] += n
        labels = ("method", "route", "status")
        yield _counter("kanban_requests", "Requests that were answered.", answered.items(), *labels)
        yield _counter("kanban_client_requests", "Requests by the kind of client.", clients.items(), "client")
        yield _histogram("kanban_request_seconds", "From a request to the first byte of its answer.", requests.seconds)

    def _writes(self) -> Iterator[Metric]:
        writes = self._state.database.counts
        results = [(("kept",), writes.kept), (("refused",), writes.refused)]
        yield _counter("kanban_writes", "Changes that were requested.", results, "result")
        yield _counter("kanban_events", "Events that were committed.", [((), writes.events)])
        yield _histogram("kanban_commit_changes", "Changes that shared a commit.", writes.sizes)

    def _streams(self) -> Iterator[Metric]:
        counts, streams = self._state.hub.counts, self._state.hub.streams()
        connections = Counter((stream.client,) for stream in streams)
        yield _gauge("kanban_connections", "Open streams.", connections.items(), "client")
        lag = max((stream.subscriber.lag() for stream in streams), default=0)
        yield _gauge("kanban_stream_lag_events", "Events that the slowest reader has yet to take.", [((), lag)])
        help_text = "From a commit until its events were written to every socket that takes them."
        yield _histogram("kanban_event_seconds", help_text, counts.seconds)
        yield _counter("kanban_replays", "Readers who were given older events.", [((), counts.replays)])
        resyncs = [((reason,), counts.resyncs.get(reason, 0)) for reason in RESYNC_REASONS]
        yield _counter("kanban_resyncs", "Cursors that could not be served.", resyncs, "reason")


LabeledValues = Iterable[tuple[tuple[str, ...], float]]
"""Pairs of label values and number."""


def _gauge(name: str, help_text: str, values: LabeledValues, *labels: str) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def _counter(name: str, help_text: str, values: LabeledValues, *labels: str) -> Metric:
    family = CounterMetricFamily(name, help_text, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def _histogram(name: str, help_text: str, histogram: Histogram) -> Metric:
    return HistogramMetricFamily(
        name, help_text, buckets=list(histogram.cumulative_counts()), sum_value=histogram.total
    )
