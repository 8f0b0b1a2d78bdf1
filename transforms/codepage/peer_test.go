// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// needPeer skips the test, and says so on standard error, if a program of the
// second source is missing. With LINTEL_REQUIRE_PEERS=1 it fails instead.
func needPeer(t *testing.T, ok bool, what string) {
	t.Helper()
	if ok {
		return
	}
	if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is missing and LINTEL_REQUIRE_PEERS=1", what)
	}
	fmt.Fprintf(os.Stderr, "NOT CHECKED: %s: %s is missing\n", t.Name(), what)
	t.Skipf("%s is missing", what)
}

func hasProgram(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// listed is one line of gen/pages.txt.
type listed struct {
	name, class, source, iconv string
}

func readListed(t *testing.T) []listed {
	t.Helper()
	text, err := os.ReadFile("gen/pages.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []listed
	for _, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "|")
		out = append(out, listed{name: f[0], class: f[2], source: f[3], iconv: f[4]})
	}
	return out
}

func mustLookup(t testing.TB, name string) *Page {
	t.Helper()
	p, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
