"""The Grafana dashboards: written in `pages`, put together from `parts`, kept in `dashboards`."""
