#!/bin/bash
set -euo pipefail
# ruleid: shell-no-printed-secret
echo "signing in with $DB_PASSWORD"
# ruleid: shell-no-printed-secret
printf 'token: %s\n' "${API_TOKEN}"
# ok: shell-no-printed-secret
echo "$REGISTRY_PASSWORD" | docker login --username ci --password-stdin registry.example.com
# ok: shell-no-printed-secret
echo "$API_TOKEN" > "$token_file"
# ok: shell-no-printed-secret
echo "the token is ${API_TOKEN:+set}"
# ok: shell-no-printed-secret
echo "secret name: $SECRET_NAME"
