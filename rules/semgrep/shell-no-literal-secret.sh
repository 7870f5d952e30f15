#!/bin/bash
set -euo pipefail
# ruleid: shell-no-literal-secret
export DB_PASSWORD='k4tze-auf-dem-dach'
# ruleid: shell-no-literal-secret
API_TOKEN="9f81c2d7e44b0a6655"
# ok: shell-no-literal-secret
export DB_PASSWORD="${DB_PASSWORD:?}"
# ok: shell-no-literal-secret
API_TOKEN=$(vault kv get -field=token secret/shop)
# ok: shell-no-literal-secret
SECRET_NAME="shop-db-2024"
# ok: shell-no-literal-secret
TOKEN_FILE=/var/run/secrets/token1
# ok: shell-no-literal-secret
DB_PASSWORD="changeme123"
