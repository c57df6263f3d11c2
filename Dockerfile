# Two stages: the first has pip and the sources, the second only what runs.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE CHANGELOG.md config.example.yaml ./
COPY exporter exporter
RUN python -m venv /opt/serverfleet \
 && /opt/serverfleet/bin/pip install --no-cache-dir --no-compile . \
 && /opt/serverfleet/bin/pip uninstall --yes pip

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="serverfleet-exporter" \
      org.opencontainers.image.description="Prometheus exporter for server fleets: HPE Compute Ops Management and Dell OpenManage Enterprise" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/serverfleet/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/serverfleet /opt/serverfleet
# nobody: no name, home or shell is needed, and nothing is written.
USER 65534:65534
EXPOSE 10450
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:10450/-/healthy', timeout=4)"]
ENTRYPOINT ["serverfleet-exporter"]
CMD ["run", "--config", "/etc/serverfleet/config.yaml"]
