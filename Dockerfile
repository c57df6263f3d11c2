# Two stages: the first has pip and the sources, the second only what runs.
ARG PYTHON=3.13
# A release names the base by digest: --build-arg BASE=python:3.13-slim@sha256:...
ARG BASE=python:${PYTHON}-slim

FROM ${BASE} AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE CHANGELOG.md config.example.yaml ./
COPY deploy deploy
COPY grafana grafana
COPY prometheus prometheus
COPY requirements requirements
COPY exporter exporter
# Every package is one of requirements/, by the hash of its file.
# Compiled here, since nothing can be written where it runs: it starts in half the time.
RUN python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/build.txt \
 && /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /opt/wheel . \
 && python -m venv /opt/serverfleet \
 && /opt/serverfleet/bin/python -m pip install --no-cache-dir --no-compile --require-hashes -r requirements/run.txt \
 && /opt/serverfleet/bin/python -m pip install --no-cache-dir --no-compile --no-deps --no-index /opt/wheel/*.whl \
 && /opt/serverfleet/bin/python -m pip uninstall --yes pip setuptools \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/serverfleet/lib

FROM ${BASE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="serverfleet-exporter" \
      org.opencontainers.image.description="Prometheus exporter for server fleets: HPE Compute Ops Management and Dell OpenManage Enterprise" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/serverfleet/serverfleet-exporter" \
      org.opencontainers.image.documentation="https://github.com/serverfleet/serverfleet-exporter/blob/main/README.md" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# What installs packages has no place beside what runs.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/ensurepip \
           /usr/local/lib/python3*/site-packages/pip*
ENV PATH=/opt/serverfleet/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/serverfleet /opt/serverfleet
# A volume mounted here is writable: for --state.file, the only thing that is ever written.
RUN install -d -o 65534 -g 65534 -m 0700 /var/lib/serverfleet-exporter
# nobody: no name, home or shell is needed.
USER 65534:65534
EXPOSE 10450
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:10450/-/healthy', timeout=4)"]
ENTRYPOINT ["serverfleet-exporter"]
CMD ["run", "--config", "/etc/serverfleet/config.yaml"]
