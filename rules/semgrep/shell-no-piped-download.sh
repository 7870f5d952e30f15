#!/bin/bash
set -euo pipefail
# ruleid: shell-no-piped-download
curl -fsSL https://get.example.com/install.sh | bash
# ruleid: shell-no-piped-download
wget -qO- https://get.example.com/install.sh | sudo bash -s -- --yes
# ruleid: shell-no-piped-download
bash <(curl -s https://get.example.com/install.sh)
# ruleid: shell-no-piped-download
sh -c "$(curl -fsSL https://get.example.com/install.sh)"
# ok: shell-no-piped-download
curl -fsSL https://api.example.com/versions | jq -r '.latest'
# ok: shell-no-piped-download
curl -fsSL https://api.example.com/versions | python3 -c 'import json, sys; print(json.load(sys.stdin)["latest"])'
# ok: shell-no-piped-download
curl -fsSL https://example.com/key.asc | sudo tee /etc/apt/keyrings/example.asc > /dev/null
# ok: shell-no-piped-download
curl -fsSLo install.sh https://get.example.com/install.sh
echo "$INSTALL_SUM  install.sh" | sha256sum --check
bash install.sh
