# docker build -t grilse:0.1.0 .
# docker run --rm -v "$PWD:/work" grilse:0.1.0 demo --to demo
FROM python:3.13-slim AS build
COPY . /src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /src

FROM python:3.13-slim
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir "$(ls /wheels/grilse-*.whl)[postgres,objects]" && rm -r /wheels
RUN useradd --create-home grilse && mkdir /work && chown grilse /work
USER grilse
WORKDIR /work
ENTRYPOINT ["grilse"]
CMD ["--help"]
