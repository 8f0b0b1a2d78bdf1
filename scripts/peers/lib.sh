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

# java_peer NAME SOURCE BUILD: builds the Java program in SOURCE (*.java, pom.xml, META-INF if it has one) with the
# libraries that Maven brings, into BUILD/classes and BUILD/lib. Installs a JDK and Maven first if they are missing,
# and does nothing when all is up to date. Exits with 3 if something is missing that cannot be installed here.
java_peer() {
	command -v javac >/dev/null 2>&1 || install default-jdk-headless || java_missing "A JDK is missing."
	command -v mvn >/dev/null 2>&1 || install maven || java_missing "Maven is missing."
	javac --release 17 --version >/dev/null 2>&1 || java_missing "The JDK is older than Java 17, which $1 needs."
	mkdir -p "$3"
	exec 9>"$3/.lock"
	flock 9
	stamp=$({ javac --version; cat "$root/scripts/peers/lib.sh" "$2/pom.xml" "$2"/*.java; [ ! -d "$2/META-INF" ] || cat "$2"/META-INF/*; } | cksum)
	if [ -f "$3/stamp" ] && [ "$(cat "$3/stamp")" = "$stamp" ]; then
		return 0
	fi
	rm -rf "$3/stamp" "$3/lib" "$3/classes"
	mkdir -p "$3/classes"
	cp "$2/pom.xml" "$3"
	[ ! -d "$2/META-INF" ] || cp -R "$2/META-INF" "$3/classes"
	log=$(mktemp)
	(cd "$3" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib) >"$log" 2>&1 || {
		tail -n 5 "$log" >&2
		java_missing "$1 cannot be had from Maven."
	}
	javac -cp "$3/lib/*" -d "$3/classes" "$2"/*.java >"$log" 2>&1 || {
		tail -n 10 "$log" >&2
		exit 1
	}
	rm -f "$log"
	printf '%s' "$stamp" >"$3/stamp"
	say "$1 is ready in $3"
}

java_missing() {
	say "$1"
	say "On Debian or Ubuntu, as root: apt-get update && apt-get install -y default-jdk-headless maven (Java 17 or later)"
	exit 3
}
