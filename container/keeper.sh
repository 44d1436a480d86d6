#!/bin/sh
# Runs the keeper in a container of its own. It reads its settings as JSON. Without a service it stays for a year, which is for ever.
set -eu
exec node --max-semi-space-size=1 /app/dist/src/keeper/main.js <<SETTINGS
{
  "tapDir": "$CONSENTRY_TAP_DIR",
  "socket": "$CONSENTRY_KEEPER_SOCKET",
  "limits": { "idleEndMs": 31536000000 }
}
SETTINGS
