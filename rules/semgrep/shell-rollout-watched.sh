#!/bin/bash
# How a release goes out, as far as the script knows.
set -euo pipefail
# ok: shell-rollout-watched
helm upgrade shop charts/shop --dry-run
# ruleid: shell-rollout-watched
helm upgrade --install shop charts/shop \
  --namespace shop \
  --set image.tag="$TAG"
# ok: shell-rollout-watched
kubectl -n shop get pods
echo "released"
