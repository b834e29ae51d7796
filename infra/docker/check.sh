#!/usr/bin/env bash
# Puts docker-compose.yaml to the test, with containers and a volume of its own that it removes in the end:
#   - it starts from nothing, and API and console answer;
#   - the console's own container says what the API says, and passes on to it what is the API's, events as they come;
#   - what Flyway has migrated leaves nothing to do for packages/db/src/cli.ts, and the other way round;
#   - API and console stop by themselves.
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

# Runs the migrations' own program in the API's container, on the database $1.
ours() { docker compose exec -T -e "REAR_DIFF_PGSQL_DATABASE=$1" api node packages/db/src/cli.ts "${@:2}"; }
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

step 'Everything starts from nothing'
docker compose up --build --detach --wait --wait-timeout 300
curl --silent --show-error --fail-with-body --write-out '\n' "$url/rear-diff/readyz"
page=$(curl --silent --show-error --fail "$url/")
[[ $page == *'<div id="root">'* ]] || fail 'the page at / is not the console'

step 'The console on its own port is the same, in front of the same API'
# The headers that a browser is told by, and the body, spelled alike.
told() {
  curl --silent --show-error --fail --include "$1" | tr '[:upper:]' '[:lower:]' | tr -d '\r' | sort |
    grep -avE '^(server|date|connection|keep-alive|content-length|accept-ranges|etag|last-modified|x-request-id|vary):'
}
for path in / /training /config.json /manifest.webmanifest; do
  here=$(told "$console$path")
  there=$(told "$url$path")
  [ "$here" = "$there" ] || fail "$path is not the same as from the API"
done
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' "$console/api/nothing")" = 404 ] || fail 'the page answers what belongs to an API'
# What nginx refuses by itself has the one form of errors: the status expected, then what curl is asked.
refused() {
  local status=$1 reply
  shift
  reply=$(curl --silent --write-out '\n%{http_code} %{content_type}' "$@")
  [[ $reply == '{"success":false,'*$'\n'"$status application/problem+json"* ]] || fail "${*: -1} is not refused with $status: $reply"
}
refused 404 "$console/assets/none.js"
refused 404 --request POST "$console/training"
refused 400 "$console/rear-diff/%zz"
refused 431 --header "x-long: $(printf '%20000s' x | tr ' ' x)" "$console/"
head -c 2000000 /dev/zero | refused 413 --request PATCH --data-binary @- "$console/rear-diff/nothing"
# It never ends by itself, so curl ends it.
events=$(curl --silent --no-buffer --max-time 5 "$console/rear-diff/events" || true)
[[ $events == *'event: ready'* ]] || fail 'events do not come through'

step 'After Flyway, cli.ts finds every set valid and changes nothing'
before=$(histories automatic_transmission)
ours automatic_transmission validate --set all
ours automatic_transmission migrate --set all
[ "$(histories automatic_transmission)" = "$before" ] || fail 'cli.ts changed a history that Flyway had written'

step 'After cli.ts, Flyway finds every set valid and changes nothing'
docker compose exec -T postgres createdb --username=postgres other
ours other migrate --set all
before=$(histories other)
for set in atp console atp-extras; do
  for command in validate info migrate; do flyway other "$set" "$command"; done
done
[ "$(histories other)" = "$before" ] || fail 'Flyway changed a history that cli.ts had written'

step 'API and console stop by themselves'
for service in console api; do
  docker compose stop "$service"
  code=$(docker inspect --format '{{.State.ExitCode}}' "$(docker compose ps --all --quiet "$service")")
  [ "$code" = 0 ] || fail "$service ended with $code (137: it had to be killed)"
done

step 'All of it holds'
