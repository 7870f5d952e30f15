#!/usr/bin/env bash
# Validates SARIF logs with Microsoft's SARIF Multitool, GitHub's rules switched on. Usage: scripts/multitool.sh LOG-OR-FOLDER...
# Fails on any error or warning. The tool is installed once, below .cache/, by scripts/multitool/package-lock.json.
set -euo pipefail

here="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
cache="$here/.cache/multitool"
lock="$here/scripts/multitool"
tool="$cache/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"

if [ "$#" -eq 0 ]; then
  echo "usage: scripts/multitool.sh LOG-OR-FOLDER..." >&2
  exit 2
fi
if [ ! -f "$tool" ] || ! cmp -s "$lock/package-lock.json" "$cache/package-lock.json"; then
  rm -rf -- "$cache"
  mkdir -p -- "$cache"
  cp -- "$lock/package.json" "$lock/package-lock.json" "$cache/"
  npm ci --prefix "$cache" --ignore-scripts --no-audit --no-fund --silent >&2
  chmod u+x -- "$tool"
fi

logs=()
for given in "$@"; do
  if [ -d "$given" ]; then
    while IFS= read -r -d '' log; do logs+=("$log"); done < <(find "$given" -name '*.sarif' -type f -print0 | sort -z)
  else
    logs+=("$given")
  fi
done
if [ "${#logs[@]}" -eq 0 ]; then
  echo "no SARIF log below $*" >&2
  exit 2
fi

found="$(mktemp -d)"
trap 'rm -rf -- "$found"' EXIT
code=0
for log in "${logs[@]}"; do
  "$tool" validate "$log" --rule-kind "Sarif;Ghas" --level "Error;Warning" --config "$here/tests/reporters/multitool.xml" \
    --output "$found/found.sarif" --log ForceOverwrite > "$found/printed" 2>&1 || { cat -- "$found/printed"; code=1; }
  if grep -E '(error|warning) [A-Z]+[0-9]+:' -- "$found/printed" | grep -v "SARIF2004.*uses the 'rule' property"; then code=1; fi
  node -e '
    const results = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).runs[0].results || [];
    // A result of another tool names its rule in an extension by `rule` and, for viewers that read no more, by `ruleId` too.
    const twice = (result) => result.message.id === "Warning_AvoidDuplicativeResultRuleInformation";
    const bad = results.filter((result) => ["error", "warning", undefined].includes(result.level) && !twice(result));
    console.log(`${process.argv[2]}: ${bad.length} errors and warnings`);
    process.exit(bad.length ? 1 : 0);
  ' "$found/found.sarif" "$log" || code=1
done
exit "$code"
