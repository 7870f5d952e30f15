#!/bin/bash
set -euo pipefail
# ruleid: shell-plan-before-apply
terraform apply -auto-approve
# ruleid: shell-plan-before-apply
tofu -chdir=network apply -input=false -auto-approve -var region=eu-west-1
terraform plan -out=release.tfplan
# ok: shell-plan-before-apply
terraform apply -auto-approve release.tfplan
# ok: shell-plan-before-apply
terraform apply -input=false release.tfplan
# ok: shell-plan-before-apply
terraform apply -auto-approve tfplan || { echo "apply failed"; exit 1; }
