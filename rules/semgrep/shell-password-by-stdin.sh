#!/bin/bash
set -euo pipefail
# ruleid: shell-password-by-stdin
docker login -u ci -p "$REGISTRY_PASSWORD" registry.example.com
# ruleid: shell-password-by-stdin
mysqldump -u root -p"$DB_PASSWORD" shop > shop.sql
# ruleid: shell-password-by-stdin
helm registry login registry.example.com --username ci --password=$REGISTRY_PASSWORD
# ok: shell-password-by-stdin
echo "$REGISTRY_PASSWORD" | docker login -u ci --password-stdin registry.example.com
# ok: shell-password-by-stdin
mysqldump --defaults-extra-file="$options" shop > shop.sql
# ok: shell-password-by-stdin
docker run -p 8080:8080 shop
# ruleid: shell-password-by-stdin
oc login -u "$NAME" -p "$PASSWORD" https://api.example.org:6443
# ruleid: shell-password-by-stdin
oc login --token="$TOKEN" --server=https://api.example.org:6443
