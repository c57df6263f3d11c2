"""Pictures of the dashboards with the numbers of a simulated fleet, drawn without Grafana."""
