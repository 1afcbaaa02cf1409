"""Reports of monitoring: a page for people, metrics and rules for Prometheus, a dashboard for Grafana."""
