"""For machines that watch the server: is it there, is it ready, what does it do.

Owns ``/healthz`` (this process answers), ``/readyz`` (queries and searches are answered) and
``/metrics`` (Prometheus, https://prometheus.io/docs/instrumenting/exposition_formats/).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.registry import Collector

from assembly_kg.engine.question import Question
from assembly_kg.engine.search import index
from assembly_kg.errors import EngineError, EngineUnavailable
from assembly_kg.web.observe import BUCKETS, Observer
from assembly_kg.web.site import repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from assembly_kg.engine.question import Engine

__all__ = ["blueprint"]

blueprint = Blueprint("health", __name__)
_PROBE = Question("ASK {}")
_PROBE_SECONDS = 5.0


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8", headers=_NOT_KEPT)


@blueprint.get("/readyz")
def readyz() -> Response:
    """Queries and searches are answered; else the problem document that says why not."""
    engine = cast("Engine", current_app.extensions["assembly_kg.engine"])
    engine.answer(_PROBE, _PROBE_SECONDS)
    with suppress(EngineError):  # an engine may be too slow or too narrow for the search
        index(repository())  # made now, so that nobody's first search waits for it
    return Response("ready\n", content_type="text/plain; charset=utf-8", headers=_NOT_KEPT)


@blueprint.get("/metrics")
def metrics() -> Response:
    """What the server did since it started, for Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(current_app.extensions))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST, headers=_NOT_KEPT)


_NOT_KEPT = {"Cache-Control": "no-store"}


class _Collector(Collector):
    def __init__(self, extensions: dict[str, Any]) -> None:
        self._observer: Observer = extensions["assembly_kg.observer"]
        self._engine: Engine = extensions["assembly_kg.engine"]

    def collect(self) -> Iterator[Metric]:
        yield from self._requests()
        yield from self._pool()
        yield from self._release()

    def _requests(self) -> Iterator[Metric]:
        seen = self._observer.snapshot()
        requests = CounterMetricFamily(
            "assembly_kg_requests", "Requests answered.", labels=["route", "method", "status"]
        )
        for (route, method, status), number in seen.requests.items():
            requests.add_metric([route, method, status], number)
        yield requests
        seconds = HistogramMetricFamily(
            "assembly_kg_request_seconds", "Time to the response's headers.", labels=["route"]
        )
        for route, counts in seen.seconds.items():
            total = 0
            buckets = []
            for bound, number in zip(BUCKETS, counts, strict=True):
                total += number
                buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
            seconds.add_metric([route], buckets, seen.total_seconds.get(route, 0.0))
        yield seconds
        outcomes = CounterMetricFamily(
            "assembly_kg_answers", "Answers of /sparql by where they came from.", labels=["outcome"]
        )
        for outcome, number in seen.outcomes.items():
            outcomes.add_metric([outcome], number)
        yield outcomes

    def _pool(self) -> Iterator[Metric]:
        statistics: dict[str, Any] = getattr(self._engine, "statistics", dict)()
        if not statistics:
            return
        workers = GaugeMetricFamily(
            "assembly_kg_workers", "Query workers by what they do.", labels=["state"]
        )
        for state in ("idle", "quick", "long"):
            workers.add_metric([state], statistics[state])
        yield workers
        ended = CounterMetricFamily(
            "assembly_kg_workers_ended", "Workers that were ended, by cause.", labels=["cause"]
        )
        for cause, number in statistics["ended"].items():
            ended.add_metric([cause], number)
        yield ended
        yield CounterMetricFamily(
            "assembly_kg_queries_evaluated",
            "Queries that workers have ended.",
            value=statistics["answered"],
        )

    def _release(self) -> Iterator[Metric]:
        try:
            catalogue = self._engine.catalogue()
        except EngineUnavailable:
            return
        yield InfoMetricFamily(
            "assembly_kg_release",
            "What is served.",
            {"release": catalogue.release, "version": catalogue.version},
        )
        yield GaugeMetricFamily(
            "assembly_kg_quads", "Quads in all graphs together.", value=catalogue.size
        )
