"""The Grafana dashboards: written down in `pages`, put together by `build`, kept in `dashboards`."""
