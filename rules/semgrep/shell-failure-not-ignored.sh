#!/bin/bash
set -euo pipefail
# ruleid: shell-failure-not-ignored
kubectl -n shop apply -f manifests/ || true
# ruleid: shell-failure-not-ignored
alembic upgrade head || :
# ok: shell-failure-not-ignored
helm upgrade shop ./chart --atomic || { helm rollback shop; exit 1; }
# ok: shell-failure-not-ignored
kubectl get pods || true
# ok: shell-failure-not-ignored
kubectl delete job migrate --ignore-not-found
