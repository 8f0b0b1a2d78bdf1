#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds an ActiveMQ Artemis broker, the third AMQP 1.0 broker that tests talk to; Maven brings its parts. Installs a JDK
# and Maven first if they are missing. Does nothing when all is up to date.
#
#   scripts/peers/artemis.sh [BUILD-FOLDER]      default: .build/artemis below the repository
#
# Exit codes: 0 built, 3 something is missing that cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
java_peer "ActiveMQ Artemis" "$root/adapters/amqp/amqptest/testdata/artemis" "${1:-$root/.build/artemis}"
