#!/bin/sh
# Refuses changes of the OpenAPI document that break callers. Needs Go and jq.
#   infra/checks/openapi-changes.sh <before.json> <after.json>
# "infra/checks/openapi-changes.sh --planted <document.json>" plants a break of each kind and expects a refusal.
set -eu
cd "$(dirname "$0")"/../..
tool=github.com/oasdiff/oasdiff@v1.37.0
breaking() { go run "$tool" breaking "$1" "$2" --format singleline --fail-on ERR --severity-levels infra/checks/openapi-severity.txt; }

if [ "$1" != --planted ]; then
  breaking "$1" "$2"
  exit
fi
planted=$(mktemp)
trap 'rm "$planted"' EXIT
breaking "$2" "$2"
while read -r change; do
  jq "$change" "$2" >"$planted"
  if breaking "$2" "$planted" >/dev/null; then
    echo "Not refused: $change" >&2
    exit 1
  fi
done <<'END'
del(.paths["/rear-diff/flyway"])
del(.paths["/rear-diff/session"].delete)
del(.paths["/rear-diff/training"].get.parameters[] | select(.name == "q"))
(.paths["/rear-diff/training"].get.parameters[] | select(.name == "q")) += {required: true}
.paths["/rear-diff/flyway"].get.parameters += [{name: "team", in: "query", required: true, schema: {type: "string"}}]
(.paths["/rear-diff/training"].get.parameters[] | select(.name == "label")).schema.enum -= ["none"]
(.paths["/rear-diff/training"].get.parameters[] | select(.name == "q")).schema = {type: "integer"}
(.paths["/rear-diff/media/"].get.parameters[] | select(.name == "limit")).schema.maximum = 500
(.paths["/rear-diff/training/{imdb_id}/label"].patch.parameters[] | select(.name == "imdb_id")).schema.pattern = "^tt[0-9]{8}$"
.paths["/rear-diff/training/{imdb_id}/label"].patch.requestBody.content["application/json"].schema.required += ["decision_ms"]
del(.paths["/rear-diff/training/{imdb_id}/label"].patch.requestBody.content["application/json"].schema.properties.decision_ms)
.paths["/rear-diff/media/{hash}/approve"].patch.requestBody.required = true
del(.components.schemas.FlywayRow.properties.script)
.paths["/rear-diff/health"].get.responses["200"].content["application/json"].schema.required -= ["version"]
.paths["/rear-diff/health"].get.responses["200"].content["application/json"].schema.properties.version = {anyOf: [{type: "string"}, {type: "null"}]}
.components.schemas.FlywayRow.properties.checksum = {anyOf: [{type: "string"}, {type: "null"}]}
del(.paths["/rear-diff/training/{imdb_id}"].get.responses["404"])
del(.paths["/rear-diff/training/export"].get.responses["200"].content["text/csv"])
.paths["/rear-diff/training/{imdb_id}/label"].patch.security[] |= map_values(. + ["admin"])
END
