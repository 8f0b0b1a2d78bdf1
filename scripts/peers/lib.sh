# SPDX-License-Identifier: Apache-2.0
#
# What the scripts of this folder share; they read it in with a dot.

say() { printf 'peers: %s\n' "$*" >&2; }

# install PACKAGE...: installs Debian packages; false if that cannot be done here, after saying why.
install() {
	if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
		say "$* can be installed only by root, with apt-get."
		return 1
	fi
	say "installing $*"
	log=$(mktemp)
	export DEBIAN_FRONTEND=noninteractive
	if apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 ||
		{ apt-get update >"$log" 2>&1 && apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1; }; then
		rm -f "$log"
		return 0
	fi
	tail -n 5 "$log" >&2
	rm -f "$log"
	return 1
}
