#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs RabbitMQ, a broker that the tests of AMQP 1.0 start for themselves, on loopback and with
# data of their own (Debian, Ubuntu). No service is started. Does nothing when it is there.
#
# Exit codes: 0 it is there, 3 it is missing and cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"

have() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && command -v erl >/dev/null 2>&1; }

have && exit 0
[ "$(uname -s)" = Linux ] || { say "RabbitMQ is installed by this script on Linux only."; exit 3; }

# The package would start a broker that nobody asked for: for as long as it installs, services may not.
policy=/usr/sbin/policy-rc.d
made=
if [ "$(id -u)" = 0 ] && [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod +x "$policy"
	made=1
fi
ok=1
install rabbitmq-server || ok=
[ -z "$made" ] || rm -f "$policy"
[ -n "$ok" ] && have || {
	say "RabbitMQ is missing. On Debian or Ubuntu, as root: apt-get update && apt-get install -y --no-install-recommends rabbitmq-server"
	exit 3
}
say "RabbitMQ is installed"
