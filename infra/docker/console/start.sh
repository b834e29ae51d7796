#!/bin/sh
# Fills nginx.conf from the environment and replaces itself with nginx, which handles SIGTERM and SIGQUIT.
#   REAR_DIFF_HOST, REAR_DIFF_PORT_EXTERNAL  host and port of the API from this container (api, 8000); in
#                                            Kubernetes its full name, such as api.films.svc.cluster.local
#   REAR_DIFF_PREFIX                         path prefix of the API, without slashes (rear-diff)
#   BASE_PATH                                path below which a proxy serves API and console, such as /at; none
#   CENTER_CONSOLE_API_TIMEOUT               request timeout of the console in seconds (30)
set -eu

refuse() {
  echo "$1" >&2
  exit 1
}

here=$(dirname "$0")
REAR_DIFF_HOST=${REAR_DIFF_HOST:-api}
REAR_DIFF_PORT_EXTERNAL=${REAR_DIFF_PORT_EXTERNAL:-8000}
REAR_DIFF_PREFIX=$(printf %s "${REAR_DIFF_PREFIX:-rear-diff}" | sed 's|^/*||; s|/*$||')
BASE_PATH=$(printf %s "${BASE_PATH:-}" | sed 's|^/*||; s|/*$||')
BASE_PATH=${BASE_PATH:+/$BASE_PATH}
CENTER_CONSOLE_API_TIMEOUT=${CENTER_CONSOLE_API_TIMEOUT:-30}
CONSOLE_DIRECTORY=${CONSOLE_DIRECTORY:-/usr/share/nginx/html}
# What configure.ts has written.
HEADERS_FILE=${HEADERS_FILE:-$here/browser-headers.conf}
ROUTES_FILE=${ROUTES_FILE:-$here/routes.conf}
API_SEGMENTS=${API_SEGMENTS:-$(cat "$here/api-segments")}
RESOLVER=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
RESOLVER=${RESOLVER:-127.0.0.11}

# The values go into a configuration file without escaping.
case $REAR_DIFF_HOST in *[!A-Za-z0-9._:\[\]-]*) refuse "REAR_DIFF_HOST is '$REAR_DIFF_HOST'; set it to a host name or an address." ;; esac
case $REAR_DIFF_PORT_EXTERNAL in *[!0-9]*) refuse "REAR_DIFF_PORT_EXTERNAL is '$REAR_DIFF_PORT_EXTERNAL'; set it to a port." ;; esac
case $REAR_DIFF_PREFIX in '' | *[!A-Za-z0-9._~/-]*) refuse "REAR_DIFF_PREFIX is '$REAR_DIFF_PREFIX'; for this console use a path of letters, digits, dots, dashes and slashes." ;; esac
case $BASE_PATH in *[!A-Za-z0-9._~/-]*) refuse "BASE_PATH is '$BASE_PATH'; set it to a path of letters, digits, dots, dashes and slashes." ;; esac
case "/$REAR_DIFF_PREFIX$BASE_PATH/" in *//* | */./* | */../*) refuse "REAR_DIFF_PREFIX is '$REAR_DIFF_PREFIX' and BASE_PATH '$BASE_PATH'; each part between slashes needs a name, which . and .. are not." ;; esac
case "|$API_SEGMENTS|assets|flags|" in *"|${BASE_PATH#/}|"*) refuse "BASE_PATH is '$BASE_PATH', which the product serves itself; choose another name." ;; esac
case $CENTER_CONSOLE_API_TIMEOUT in *[!0-9]*) refuse "CENTER_CONSOLE_API_TIMEOUT is '$CENTER_CONSOLE_API_TIMEOUT'; set it to a number of seconds." ;; esac

export REAR_DIFF_HOST REAR_DIFF_PORT_EXTERNAL REAR_DIFF_PREFIX BASE_PATH CENTER_CONSOLE_API_TIMEOUT CONSOLE_DIRECTORY HEADERS_FILE ROUTES_FILE API_SEGMENTS RESOLVER
# shellcheck disable=SC2016 # The names, not the values: nginx has its own variables.
envsubst '$REAR_DIFF_HOST $REAR_DIFF_PORT_EXTERNAL $REAR_DIFF_PREFIX $BASE_PATH $CENTER_CONSOLE_API_TIMEOUT $CONSOLE_DIRECTORY $HEADERS_FILE $ROUTES_FILE $API_SEGMENTS $RESOLVER' \
  <"$here/nginx.conf" >/tmp/nginx.conf
exec nginx -c /tmp/nginx.conf -g 'daemon off;'
