#!/bin/sh
# Brings what runs to what this folder holds (after `git pull`), one web after the other: somebody always answers.
#
#   sh deploy/update.sh             build, bring the tables up to date, exchange what changed
#   sh deploy/update.sh --restart   build nothing; only start every web anew, one after the other
set -eu
cd "$(dirname "$0")/.."
[ -e .env ] || { echo "Kreis: there is no .env. First: sh deploy/env.sh YOUR.NAME" >&2; exit 1; }

webs() { docker compose ps -q web; }

is_healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$1" 2>/dev/null)" = healthy ]; }

wait_for() { # one more web than before: until it answers, 120 s at most
	left=120
	while [ "$left" -gt 0 ]; do
		waiting=
		for each in $(webs); do is_healthy "$each" || waiting=yes; done
		[ -n "$waiting" ] || return 0
		sleep 1
		left=$((left - 1))
	done
	echo "Kreis: a new web does not become healthy; the old ones go on. See: docker compose logs web" >&2
	exit 1
}

if [ "${1-}" != --restart ]; then
	# With the newest Python and caddy; PostgreSQL and Redis: docs/operations.md, "A newer version".
	docker compose build --pull
	# First, and beside the old webs: each version's tables serve the one before it, too.
	docker compose up -d migrate
fi

old=$(webs)
count=$(echo "$old" | grep -c .) || { echo "Kreis: no web runs. Start all: docker compose up -d" >&2; exit 1; }
for web in $old; do
	# Waits for the tables. Not with --no-deps: compose would take such a web for another one, and make it anew below.
	docker compose up -d --no-recreate --scale "web=$((count + 1))" web
	wait_for
	# Finishes what it was asked; its pages go to another one (realtime/draining.py).
	docker stop "$web" >/dev/null
	docker rm "$web" >/dev/null
done

[ "${1-}" = --restart ] || docker compose up -d --scale "web=$count"
echo "Kreis: up to date."
