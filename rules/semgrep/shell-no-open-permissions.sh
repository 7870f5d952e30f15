#!/bin/bash
set -euo pipefail
# ruleid: shell-no-open-permissions
chmod -R 777 /srv/shop
# ruleid: shell-no-open-permissions
chmod a+rwx release.sh
# ok: shell-no-open-permissions
chmod 750 /srv/shop
# ok: shell-no-open-permissions
chmod +x release.sh
