"""OpenTelemetry's own SDK counts and measures, and its exporter sends to the address given."""
import sys

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

exporter = OTLPMetricExporter(endpoint=sys.argv[1] + "/v1/metrics")
reader = PeriodicExportingMetricReader(exporter, export_interval_millis=600_000)
resource = Resource.create({"service.name": "shop", "host.name": "web1"})
provider = MeterProvider(metric_readers=[reader], resource=resource)
meter = provider.get_meter("test")
meter.create_counter("orders").add(3, {"route": "/"})
took = meter.create_histogram("took")
for milliseconds in (1, 20, 300):
    took.record(milliseconds)
provider.shutdown()
