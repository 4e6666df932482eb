#!/bin/sh
# Hand one complaint in with curl, safely: whatever fails on the way is tried again.
#   KULANSE_URL=https://kulanse.example.com KULANSE_API_KEY=kul_… ./send.sh complaint.json
# Prints the door's answer; exit code 0 when it was taken, 22 when it was refused (with reasons).
set -eu
curl --silent --show-error --fail-with-body \
  --retry 5 --retry-connrefused --max-time 30 \
  --header "Authorization: Bearer $KULANSE_API_KEY" \
  --header "Content-Type: application/json" \
  --data-binary "@$1" \
  "$KULANSE_URL/v1/complaints"
