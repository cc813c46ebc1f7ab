#!/bin/sh
# Makes .env: the name of the place, and all keys and passwords, at random. Asks nothing and never overwrites.
#
#   sh deploy/env.sh kreis.example.org      a server with that name in the DNS
#   sh deploy/env.sh localhost              this machine alone, to try it
#   sh deploy/env.sh kreis.home             a name that only your own network knows
#
# KREIS_HTTP_PORT and KREIS_HTTPS_PORT in the environment choose other ports than 80 and 443.
set -eu
umask 077

fail() {
	echo "Kreis: $*" >&2
	exit 1
}

host=${1-}
[ $# -eq 1 ] && [ -n "$host" ] || fail "say under which name the place is reached: sh deploy/env.sh kreis.example.org"
case $host in
*[!a-z0-9.-]* | .* | -* | *. | *..*)
	fail "'$host' is no name of a host. Small letters, digits, dots and hyphens only; no https://, no port." ;;
esac

cd "$(dirname "$0")/.."
[ ! -e .env ] && [ ! -L .env ] || fail ".env is there already, and stays as it is. Without its keys the data cannot be read: keep a copy."

# Names that no authority gives certificates for: caddy makes its own, and browsers ask whether to trust it.
case $host in
localhost | *.localhost | *.local | *.lan | *.home | *.internal | *.intranet | *.test | *.home.arpa) tls=internal ;;
*[!0-9.]*.*) tls=public ;;
*) tls=internal ;;
esac

http=${KREIS_HTTP_PORT:-80} https=${KREIS_HTTPS_PORT:-443}
for port in "$http" "$https"; do
	case $port in '' | *[!0-9]*) fail "'$port' is no port." ;; esac
done
case $https in 443) at= ;; *) at=:$https ;; esac

# So that the addresses of those who come by IPv6 are seen: limits count by them. Docker finds a network for it since 27.
ipv6=false ipv6_why=
engine=$(docker version --format '{{.Server.Version}}' 2>/dev/null) || engine=
engine=${engine%%.*}
case $engine in '' | *[!0-9]*) engine=0 ;; esac
# An address that reaches further than its own cable; the file says that it is empty, whatever stands in it.
if grep -q '^[^ ]* [^ ]* [^ ]* 00 ' /proc/net/if_inet6 2>/dev/null; then
	if [ "$engine" -ge 27 ]; then ipv6=true; elif [ "$engine" -gt 0 ]; then ipv6_why="Docker is older than 27"; else
		ipv6_why="Docker does not answer here"
	fi
fi

random() { # BYTES: as hexadecimal digits, which need no quoting anywhere
	found=$(od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n')
	[ ${#found} -eq $(($1 * 2)) ] || fail "there is no randomness to be had from /dev/urandom."
	printf %s "$found"
}

draft=.env.new
rm -f "$draft"
trap 'rm -f "$draft"' EXIT
secret=$(random 32) seal=$(random 32) kreis=$(random 24) postgres=$(random 24) redis=$(random 24)
cat >"$draft" <<END
# Made by deploy/env.sh. Keep a copy of this file apart from the server, and show it to nobody.
KREIS_HOST=$host
KREIS_BASE_URL=https://$host$at
KREIS_HTTP_PORT=$http
KREIS_HTTPS_PORT=$https
KREIS_TLS=$tls
KREIS_IPV6=$ipv6

# Signs cookies and links. If it changes, everybody has to sign in again.
KREIS_SECRET_KEY=$secret
# Encrypts what must be read again. If it is lost, so are second factors and the mail password.
# To change it put the new one in front: KREIS_SEAL_KEY=new,old
KREIS_SEAL_KEY=$seal
# Between the containers. The first two are written into the database when it is made.
KREIS_DATABASE_PASSWORD=$kreis
POSTGRES_PASSWORD=$postgres
KREIS_REDIS_PASSWORD=$redis

# More settings, such as those of mail, may stand below: docs/operations.md, "Every setting". The first pages that you
# see in the browser ask for mail, too; what is said there counts.
END
# The container's own account reads it, however private this checkout is.
chmod a+rx deploy/postgres
chmod a+r deploy/postgres/account.sh
# No second start at the same time can have made one: this fails where .env is there.
ln "$draft" .env
[ -z "$ipv6_why" ] ||
	echo "Kreis: IPv6 stays off, for $ipv6_why: all who come by it share one address, and its limits (KREIS_IPV6 in .env)."
echo "Kreis: .env is made. Keep a copy of it apart from this machine. Now: docker compose up -d"
