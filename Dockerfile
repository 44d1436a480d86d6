# The image of service, keeper, console and command: what these need and nothing else. It has no package manager, no compiler and no
# npm. docs/install-containers.md and compose.yaml say how it runs.
#
# npm's packages are pinned by package-lock.json. To pin the rest, name the base image by its digest:
#   docker build --build-arg NODE_IMAGE=docker.io/library/node@sha256:… .
ARG NODE_IMAGE=docker.io/library/node:24-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY bin ./bin
COPY src ./src
COPY lab ./lab
RUN npm run build && find dist -name "*.map" -delete

# The packages that run. The speech engine's parts are optional packages, so those are not left out.
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev
COPY container/prune-packages.sh /usr/local/lib/
RUN /usr/local/lib/prune-packages.sh node_modules

FROM ${NODE_IMAGE} AS ffmpeg
COPY container/ffmpeg.sh /usr/local/lib/
RUN /usr/local/lib/ffmpeg.sh /ffmpeg/usr/local/bin/ffmpeg

# The root of the image: programs that the service starts, node, the recogniser of spoken answers, and their libraries.
FROM ${NODE_IMAGE} AS root
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpocketsphinx3 pocketsphinx-en-us \
 && rm -rf /var/lib/apt/lists/*
COPY --from=ffmpeg /ffmpeg /
COPY --from=packages /app/node_modules /app/node_modules
COPY container/collect.sh /usr/local/lib/
RUN triplet=$(basename "$(dirname /usr/lib/*/libpocketsphinx.so.3)") \
 && /usr/local/lib/collect.sh /image \
      /usr/bin/dash /usr/bin/cat /usr/bin/flock /usr/bin/id /usr/bin/ls /usr/bin/mkfifo \
      /usr/local/bin/node /usr/local/bin/ffmpeg \
      "/usr/lib/$triplet/libpocketsphinx.so.3" "/usr/lib/$triplet/libsphinxbase.so.3" \
      /usr/share/pocketsphinx/model/en-us/en-us /usr/local/share/doc/ffmpeg \
      $(find /app/node_modules -name '*.node') \
 && ln -s dash /image/usr/bin/sh \
 && mkdir -m 1777 /image/tmp && mkdir /image/run
COPY container/etc /image/etc
COPY container/consentry /image/usr/local/bin/consentry

FROM scratch
COPY --from=root /image /
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY container/healthy.js container/keeper.sh ./container/
COPY asterisk/consentry.conf asterisk/entry.conf ./asterisk/
COPY voice/nets ./voice/nets
COPY prompts ./prompts
COPY migrations ./migrations
COPY tools/verify ./tools/verify
COPY --from=build /app/dist/bill-of-materials.json ./dist/
COPY --from=build /app/dist/src ./dist/src
# Any user but root; compose.yaml names the one who owns the folders on the host.
USER 10001:10001
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production UV_THREADPOOL_SIZE=64
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["node", "/app/container/healthy.js", "service"]
ENTRYPOINT ["node", "--initial-old-space-size=128", "/app/dist/src/cli.js"]
CMD ["serve"]
