#!/bin/bash
set -euo pipefail
# ruleid: shell-no-tls-bypass
curl --fail --insecure https://registry.example.com/v2/
# ruleid: shell-no-tls-bypass
curl -fsSLk https://registry.example.com/v2/
# ruleid: shell-no-tls-bypass
export NODE_TLS_REJECT_UNAUTHORIZED=0
# ruleid: shell-no-tls-bypass
ssh -i key -o StrictHostKeyChecking=no deploy@web1 "./restart"
# ok: shell-no-tls-bypass
curl -fsSL --cacert ca.pem https://registry.example.com/v2/
# ok: shell-no-tls-bypass
ssh -o StrictHostKeyChecking=yes deploy@web1 "./restart"
# ok: shell-no-tls-bypass
curl -fsSLO https://example.com/a-k.tar.gz
# ruleid: shell-no-tls-bypass
sudo oc login -u system:admin --insecure-skip-tls-verify=true
# ruleid: shell-no-tls-bypass
rsync -az -e "ssh -o StrictHostKeyChecking=no" dist/ deploy@shop:/srv/shop
# ok: shell-no-tls-bypass
rsync -az -e "ssh -i key" dist/ deploy@shop:/srv/shop
