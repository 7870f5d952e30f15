#!/bin/bash
set -e
work=$(mktemp -d)
# ok: shell-guarded-removal
rm -rf "$work"/*
# ok: shell-guarded-removal
rm -rf "${release_dir:?}"/*
# ruleid: shell-guarded-removal
rm -rf "$RELEASE_DIR"/*
# ruleid: shell-guarded-removal
sudo rm -r -f ${TARGET}/var
# ok: shell-guarded-removal
rm -f "$TARGET"/shop.pid
# ok: shell-guarded-removal
rm -rf "$TARGET"/shop-cache-1
