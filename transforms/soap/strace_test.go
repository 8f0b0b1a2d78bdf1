// SPDX-License-Identifier: Apache-2.0

package soap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestX11Opens: while documents that ask for files and hosts are read, the process opens no file and no
// socket. The reading is done by this test itself, run again under strace; the marks tell where it begins and ends.
func TestX11Opens(t *testing.T) {
	if testing.Short() {
		t.Skip("starts another program")
	}
	if out, err := exec.Command("../../scripts/peers/strace.sh").CombinedOutput(); err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatalf("strace is missing and LINTEL_REQUIRE_PEERS=1: %v\n%s", err, out)
		}
		t.Skipf("strace is missing: %v\n%s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command("strace", "-f", "-qq", "-e", "trace=%file,%network,open,openat,write", "-o", file, self, "-test.run", "^TestReadsHostile$", "-test.count=1") //nolint:gosec // this test itself
	cmd.Env = append(os.Environ(), "LINTEL_TEST_HOSTILE=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "ptrace") && os.Getenv("LINTEL_REQUIRE_PEERS") != "1" {
			t.Skipf("this machine does not let strace look: %s", out)
		}
		t.Fatalf("%v\n%s", err, out)
	}
	trace, err := os.ReadFile(file) //nolint:gosec // of this test
	if err != nil {
		t.Fatal(err)
	}
	_, rest, begun := strings.Cut(string(trace), "reading begins")
	during, _, ended := strings.Cut(rest, "reading ends")
	if !begun || !ended {
		t.Fatalf("the marks are missing:\n%s", trace)
	}
	for _, line := range strings.Split(during, "\n")[1:] {
		if regexp.MustCompile(`^\d+ +[a-z0-9_]+\(`).MatchString(line) && !regexp.MustCompile(`^\d+ +write\((2,|[0-9]+, "\\0|[0-9]+, "\\1)`).MatchString(line) {
			t.Errorf("while reading: %s", line)
		}
	}
}
