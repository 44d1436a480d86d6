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

# The packages that run, without the embedded PostgreSQL.
FROM node:24-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev --omit=optional

FROM node:24-trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist/src ./dist/src
COPY --from=build /app/dist/bill-of-materials.json ./dist/
COPY prompts ./prompts
COPY migrations ./migrations
COPY asterisk/consentry.conf ./asterisk/
# Any user but root; compose.yaml names the one who owns the folders on the host.
USER node
ENV NODE_ENV=production UV_THREADPOOL_SIZE=64
ENTRYPOINT ["node", "--initial-old-space-size=128", "/app/dist/src/cli.js"]
CMD ["serve"]
