"""Metrics: what Prometheus reads, and nothing that was asked."""

from api.http.metrics import BOUNDS, Gauge, Metrics


def lines(metrics: Metrics, *gauges: Gauge) -> list[str]:
    return metrics.text(gauges).splitlines()


def test_requests_are_counted_by_method_route_and_status() -> None:
    metrics = Metrics()
    for status in (200, 200, 404):
        metrics.note_request(method="GET", route="/v1/runs", status=status, seconds=0.001)

    found = lines(metrics)

    assert 'kith_requests_total{method="GET",route="/v1/runs",status="200"} 2' in found
    assert 'kith_requests_total{method="GET",route="/v1/runs",status="404"} 1' in found


def test_durations_fall_under_every_bound_that_holds_them() -> None:
    metrics = Metrics()
    for seconds in (0.004, 0.005, 0.3, 60.0):
        metrics.note_query(name="/v1/runs", seconds=seconds)

    counts = {
        line.split('le="')[1].split('"')[0]: int(line.rsplit(" ", 1)[1])
        for line in lines(metrics)
        if line.startswith("kith_query_seconds_bucket")
    }

    assert counts["0.005"] == 2  # a bound holds what equals it
    assert counts["0.25"] == 2
    assert counts["0.5"] == 3
    assert counts["10.0"] == 3
    assert counts["+Inf"] == 4
    assert len(counts) == len(BOUNDS) + 1


def test_a_histogram_adds_up() -> None:
    metrics = Metrics()
    for seconds in (0.5, 0.25):
        metrics.note_request(method="GET", route="/r", status=200, seconds=seconds)

    found = lines(metrics)

    assert 'kith_request_seconds_sum{route="/r"} 0.75' in found
    assert 'kith_request_seconds_count{route="/r"} 2' in found


def test_a_gauge_has_a_line_for_each_value() -> None:
    ages = Gauge("kith_score_age_seconds", "Age", "algorithm", {"rfm": 60.0, "churn": 5.5})
    up = Gauge("kith_database_up", "Up", "", {"": 1.0})

    found = lines(Metrics(), ages, up)

    assert 'kith_score_age_seconds{algorithm="churn"} 5.5' in found
    assert 'kith_score_age_seconds{algorithm="rfm"} 60.0' in found
    assert "kith_database_up 1.0" in found


def test_labels_are_escaped() -> None:
    metrics = Metrics()
    metrics.note_query(name='a"b\\c\nd', seconds=0.1)

    assert r'kith_query_seconds_count{route="a\"b\\c\nd"} 1' in lines(metrics)


def test_every_name_has_its_type_and_the_text_ends_with_a_line_end() -> None:
    text = Metrics().text()

    assert "# TYPE kith_requests_total counter" in text
    assert "# TYPE kith_request_seconds histogram" in text
    assert "# TYPE kith_query_seconds histogram" in text
    assert text.endswith("\n")
