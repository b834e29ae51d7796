#!/usr/bin/env bash
# Tests docker-compose.yaml with its own containers and volume, which it removes at the end:
#   - a first start works, and API and console reply;
#   - the console's container returns the same pages as the API and forwards API requests, including events;
#   - after migrations by Flyway, packages/db/src/cli.ts finds nothing to do, and the other way round;
#   - the worker works beside the API, and all of them stop gracefully.
set -euo pipefail
cd "$(dirname "$0")/../.."

export COMPOSE_PROJECT_NAME=automatic-transmission-check
export POSTGRES_PASSWORD=only-for-this-check
export API_PORT=${API_PORT:-8099} CONSOLE_PORT=${CONSOLE_PORT:-8509}
url=http://127.0.0.1:$API_PORT
console=http://127.0.0.1:$CONSOLE_PORT

step() { printf '\n== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
end() {
  local code=$?
  [ "$code" -eq 0 ] || docker compose logs --tail 100 || true
  docker compose down --volumes --timeout 15
  exit "$code"
}
trap end EXIT

# Runs the project's migration runner in the API's container, on the database $1.
runner() { docker compose exec -T -e "REAR_DIFF_PGSQL_DATABASE=$1" api node packages/db/src/cli.ts "${@:2}"; }
# Runs Flyway on the database $1 with the settings of the set $2.
flyway() {
  docker compose run --rm --no-deps -T -e "FLYWAY_URL=jdbc:postgresql://postgres:5432/$1" "migrate-$2" "${@:3}"
}
histories() {
  local table
  for table in public.flyway_schema_history console.flyway_schema_history console.flyway_extras_history; do
    docker compose exec -T postgres psql --username=postgres --dbname="$1" -At -c "SELECT '$table', * FROM $table ORDER BY installed_rank"
  done
}

step 'First start'
docker compose up --build --detach --wait --wait-timeout 300
curl --silent --show-error --fail-with-body --write-out '\n' "$url/rear-diff/readyz"
page=$(curl --silent --show-error --fail "$url/")
[[ $page == *'<div id="root">'* ]] || fail 'the page at / is not the console'

step 'The worker shows that it lives'
alive=$(docker compose exec -T postgres psql --username=postgres --dbname=automatic_transmission -At \
  -c 'SELECT count(*) FROM console.worker WHERE stopped_at IS NULL')
[ "$alive" = 1 ] || fail "$alive workers live"

step "The console's container serves the same console and API"
# Headers and body, normalised.
normalised() {
  curl --silent --show-error --fail --include "$1" | tr '[:upper:]' '[:lower:]' | tr -d '\r' | sort |
    grep -avE '^(server|date|connection|keep-alive|content-length|accept-ranges|etag|last-modified|x-request-id|vary):'
}
for path in / /training /config.json /manifest.webmanifest; do
  here=$(normalised "$console$path")
  there=$(normalised "$url$path")
  [ "$here" = "$there" ] || fail "$path differs from the API's"
done
# The status, and where a redirect leads.
answer() { curl --silent --output /dev/null --write-out '%{http_code} %{redirect_url}' "$@"; }
for base in "$console" "$url"; do
  for path in /media/d6f3a0c1e2b4958677a8b9c0d1e2f3a4b5c6d7e8 /Predictions/; do
    [ "$(answer "$base$path")" = '200 ' ] || fail "$base$path is not a page"
  done
  [ "$(answer "$base/nothing/here")" = '404 ' ] || fail "$base/nothing/here is not 404"
  [ "$(answer "$base/get-media/")" = "308 $base/media" ] || fail "$base/get-media/ does not lead to /media"
done
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' "$console/api/nothing")" = 404 ] || fail 'the console returns a page for an API path'
# Errors of nginx itself have the format of the API: the expected status, then the arguments of curl.
refused() {
  local status=$1 reply
  shift
  reply=$(curl --silent --write-out '\n%{http_code} %{content_type}' "$@")
  [[ $reply == '{"success":false,'*$'\n'"$status application/problem+json"* ]] || fail "${*: -1} does not return $status: $reply"
}
refused 404 "$console/assets/none.js"
refused 404 --request POST "$console/training"
refused 400 "$console/rear-diff/%zz"
refused 431 --header "x-long: $(printf '%20000s' x | tr ' ' x)" "$console/"
head -c 2000000 /dev/zero | refused 413 --request PATCH --data-binary @- "$console/rear-diff/nothing"
# The stream never ends, so curl stops it.
events=$(curl --silent --no-buffer --max-time 5 "$console/rear-diff/events" || true)
[[ $events == *'event: ready'* ]] || fail 'events do not arrive'

step 'After Flyway, cli.ts finds every set valid and changes nothing'
before=$(histories automatic_transmission)
runner automatic_transmission validate --set all
runner automatic_transmission migrate --set all
[ "$(histories automatic_transmission)" = "$before" ] || fail 'cli.ts changed a history that Flyway had written'

step 'After cli.ts, Flyway finds every set valid and changes nothing'
docker compose exec -T postgres createdb --username=postgres other
runner other migrate --set all
before=$(histories other)
for set in atp console atp-extras; do
  for command in validate info migrate; do flyway other "$set" "$command"; done
done
[ "$(histories other)" = "$before" ] || fail 'Flyway changed a history that cli.ts had written'

step 'API, worker and console stop gracefully'
for service in console worker api; do
  docker compose stop "$service"
  code=$(docker inspect --format '{{.State.ExitCode}}' "$(docker compose ps --all --quiet "$service")")
  [ "$code" = 0 ] || fail "$service exited with $code (137: killed)"
done

step 'Passed'
