#!/bin/bash
set -euo pipefail
# ruleid: shell-confirmed-destruction
terraform -chdir=infrastructure destroy -auto-approve
# ruleid: shell-confirmed-destruction
kubectl --context "$CONTEXT" delete namespace shop
# ok: shell-confirmed-destruction
kubectl delete pod shop-1
# ok: shell-confirmed-destruction
kubectl delete ns shop --dry-run=server
if [ "$ENVIRONMENT" = preview ]; then
  # ok: shell-confirmed-destruction
  terraform destroy -auto-approve
fi
drop() {
  read -r -p "Type the database's name: " answer
  test "$answer" = "$1"
  # ok: shell-confirmed-destruction
  dropdb "$1"
}
