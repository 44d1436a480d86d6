#!/bin/sh
# Runs the keeper in a container of its own. It reads its settings as JSON; the password of ARI is of letters and digits.
set -eu
exec node --max-semi-space-size=1 /app/dist/src/keeper/main.js <<SETTINGS
{
  "tapDir": "$CONSENTRY_TAP_DIR",
  "socket": "$CONSENTRY_DATA/run/keeper.sock",
  "ari": {
    "url": "${ARI_URL:-http://127.0.0.1:8088}",
    "username": "$ARI_USERNAME",
    "password": "$(cat "$ARI_PASSWORD_FILE")",
    "app": "${ARI_APP:-consentry}"
  }
}
SETTINGS
