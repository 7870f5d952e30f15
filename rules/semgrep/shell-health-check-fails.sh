#!/bin/bash
set -euo pipefail
# ruleid: shell-health-check-fails
curl -s https://shop.example.com/healthz
# ruleid: shell-health-check-fails
if curl --silent "https://shop.example.com/ready" > /dev/null; then
  echo "released"
fi
# ok: shell-health-check-fails
curl -fsS --retry 5 https://shop.example.com/healthz
# ok: shell-health-check-fails
status=$(curl -s -o /dev/null -w '%{http_code}' https://shop.example.com/healthz)
# ok: shell-health-check-fails
curl -s https://shop.example.com/status | grep -q '"ok"'
