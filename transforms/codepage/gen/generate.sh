#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the tables of package codepage anew, on Debian or Ubuntu: installs the
# ICU headers and a C compiler where they are missing, then runs the generator.
# glibc's iconv comes with the system.
set -eu
cd "$(dirname "$0")/.."
if ! pkg-config --exists icu-uc 2>/dev/null || ! command -v cc >/dev/null; then
	apt-get update
	apt-get install -y --no-install-recommends libicu-dev pkg-config gcc libc6-dev
fi
go generate .
