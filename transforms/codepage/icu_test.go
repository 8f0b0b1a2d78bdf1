// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// icuDump compiles gen/icu/icudump.c and asks it for the converters.
func icuDump(t *testing.T, requests string) []string {
	t.Helper()
	needPeer(t, hasProgram("cc") && hasProgram("pkg-config") &&
		exec.Command("pkg-config", "--exists", "icu-uc").Run() == nil, "a C compiler or ICU (libicu-dev)")
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "icu-uc").Output()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "icudump")
	args := append([]string{"-o", program, "gen/icu/icudump.c"}, strings.Fields(string(flags))...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	cmd := exec.Command(program)
	cmd.Stdin = strings.NewReader(requests)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// TestAgainstICU compares the pages, in both directions, with the ICU of this
// machine: what the generator read, past all packing and unpacking.
func TestAgainstICU(t *testing.T) {
	var requests strings.Builder
	pages := map[string]*Page{}
	kept := map[string]string{} // corrections of gen/pages.txt by converter
	for _, l := range readListed(t) {
		source, fixes, _ := strings.Cut(l.source, ";")
		name, ok := strings.CutPrefix(source, "icu:")
		if !ok {
			continue
		}
		kind := "S"
		if l.class == "M" {
			kind = "M"
		}
		if l.class == "A" {
			fixes += ",1A=,1C=,7F="
		}
		fmt.Fprintln(&requests, kind, name)
		pages[name], kept[name] = mustLookup(t, l.name), fixes
	}
	var p *Page
	var fixes string
	seen := 0
	for _, line := range icuDump(t, requests.String()) {
		f := strings.Fields(line)
		switch f[0] {
		case "V":
			if f[1] != icuVersion {
				t.Logf("the tables are from ICU %s, compared with ICU %s", icuVersion, f[1])
			}
		case "P":
			p, fixes = pages[f[1]], kept[f[1]]
		default:
			if f[0] == "S" && strings.Contains(fixes, f[1]+"=") {
				continue
			}
			seen++
			checkICULine(t, p, f)
		}
	}
	if seen < 140_000 {
		t.Errorf("only %d mappings compared", seen)
	}
}

func checkICULine(t *testing.T, p *Page, f []string) {
	t.Helper()
	code, err := strconv.ParseUint(f[1], 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	var text []rune
	for _, hex := range f[3:] {
		r, err := strconv.ParseUint(hex, 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, rune(r))
	}
	bytes := []byte{byte(code)}
	if f[0] == "D" {
		bytes = []byte{shiftOut, byte(code >> 8), byte(code), shiftIn}
	}
	back := f[2] == "="
	got, err := p.AppendDecode(nil, bytes)
	if f[0] == "S" && !back { // a second byte for one character: it must stand for itself
		if p.Assigned(bytes[0]) {
			t.Errorf("%s: byte %s counts as assigned", p.Name(), f[1])
		}
		return
	}
	if err != nil || string(got) != string(text) {
		t.Errorf("%s: %s decodes to %U, %v; ICU says %U", p.Name(), f[1], []rune(string(got)), err, text)
	}
	if out, err := p.AppendEncode(nil, []byte(string(text))); err != nil || slices.Equal(out, bytes) != back {
		t.Errorf("%s: %U encodes to %X, %v; ICU says %s %s", p.Name(), text, out, err, f[1], f[2])
	}
}

// TestSwappedAgainstICU compares the newline variants that ICU has by that name.
func TestSwappedAgainstICU(t *testing.T) {
	var requests strings.Builder
	for _, name := range []string{
		"ibm-37", "ibm-1047", "ibm-1140", "ibm-1141", "ibm-1142", "ibm-1143", "ibm-1144", "ibm-1145",
		"ibm-1146", "ibm-1147", "ibm-1148", "ibm-1149", "ibm-1153", "ibm-12712", "ibm-16804",
	} {
		fmt.Fprintln(&requests, "S", name+swapped)
	}
	var p *Page
	for _, line := range icuDump(t, requests.String())[1:] {
		f := strings.Fields(line)
		if f[0] == "P" {
			p = mustLookup(t, f[1])
			continue
		}
		checkICULine(t, p, f)
	}
}
