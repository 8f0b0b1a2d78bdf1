// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// iconv converts bytes by glibc, leaving out what it cannot convert.
func iconv(t *testing.T, charset string, in []byte) []rune {
	t.Helper()
	cmd := exec.Command("iconv", "-c", "-f", charset, "-t", "UTF-16BE")
	cmd.Stdin = bytes.NewReader(in)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if stderr.Len() > 0 { // -c makes it end with 1 and say nothing
		t.Fatalf("iconv -f %s: %v: %s", charset, err, stderr.String())
	}
	units := make([]uint16, len(out)/2)
	for i := range units {
		units[i] = uint16(out[2*i])<<8 | uint16(out[2*i+1])
	}
	return utf16.Decode(units)
}

// iconvCodes converts each code by itself, with a NUL behind it to tell them apart.
func iconvCodes(t *testing.T, charset string, codes [][]byte) []string {
	t.Helper()
	var in []byte
	for _, c := range codes {
		in = append(append(in, c...), 0)
	}
	parts := strings.Split(string(iconv(t, charset, in)), "\x00")
	if len(parts) != len(codes)+1 {
		t.Fatalf("iconv -f %s: %d parts for %d codes", charset, len(parts), len(codes))
	}
	return parts[:len(codes)]
}

// hasGlibcIconv tells glibc's iconv from others, which have few EBCDIC pages.
func hasGlibcIconv() bool {
	out, err := exec.Command("iconv", "--version").Output()
	return err == nil && (bytes.Contains(out, []byte("GNU libc")) || bytes.Contains(out, []byte("GLIBC")))
}

// TestAgainstIconv compares every single-byte table with glibc's. The
// differences are listed, with their reasons, in testdata/glibc.txt.
func TestAgainstIconv(t *testing.T) {
	needPeer(t, hasGlibcIconv(), "iconv of glibc")
	known := iconvDiffers(t)
	seen := 0
	for _, l := range readListed(t) {
		if l.iconv == "" || l.class == "M" {
			continue
		}
		seen++
		p := mustLookup(t, l.name)
		var codes [][]byte
		for b := 1; b < 256; b++ {
			codes = append(codes, []byte{byte(b)})
		}
		var got []string
		for i, theirs := range iconvCodes(t, l.iconv, codes) {
			b := byte(i + 1)
			ours := p.DecodeTable()[b]
			if !p.Assigned(b) {
				ours = 0
			}
			their := rune(0)
			if theirs != "" {
				their = []rune(theirs)[0]
			}
			if (ours == 0 || their == 0) && ours+their == rune(b) { // only one of the two fills with the C1 control
				continue
			}
			if ours != their {
				got = append(got, fmt.Sprintf("%02X:%04X/%04X", b, ours, their))
			}
		}
		unlisted := slices.DeleteFunc(slices.Clone(got), func(d string) bool { return strings.Contains(known[l.name].bytes+" ", d+" ") })
		if len(unlisted) > 0 {
			t.Errorf("%s: differences to glibc that are not listed: %s", l.name, strings.Join(unlisted, " "))
		}
		if len(got) > 0 && known[l.name].why == "" {
			t.Errorf("%s: differences without a reason", l.name)
		}
	}
	if seen < 80 {
		t.Errorf("only %d pages compared", seen)
	}
}

// TestDoublesAgainstIconv compares the double bytes of the mixed pages, in the direction of decoding.
func TestDoublesAgainstIconv(t *testing.T) {
	needPeer(t, hasGlibcIconv(), "iconv of glibc")
	for _, l := range readListed(t) {
		if l.class != "M" {
			continue
		}
		p := mustLookup(t, l.name)
		var codes [][]byte
		for i := range cellCount {
			c := cellCode(i)
			codes = append(codes, []byte{shiftOut, byte(c >> 8), byte(c), shiftIn})
		}
		var got []string
		same := 0
		for i, theirs := range iconvCodes(t, l.iconv, codes) {
			ours, err := p.AppendDecode(nil, codes[i])
			if err != nil {
				ours = nil
			}
			if string(ours) != theirs {
				got = append(got, fmt.Sprintf("%X:%X/%X", codes[i][1:3], []rune(string(ours)), []rune(theirs)))
			} else if theirs != "" {
				same++
			}
		}
		if len(got) > 0 {
			t.Errorf("%s: %d differences to glibc: %.2000s", l.name, len(got), strings.Join(got, " "))
		}
		if same < 9000 {
			t.Errorf("%s: only %d pairs compared", l.name, same)
		}
	}
}

// differs lists where glibc disagrees with a table, and why ours stays.
type differs struct {
	why   string
	bytes string // byte:ours/theirs, 0000 for none
}

// iconvDiffers reads testdata/glibc.txt: page|reason|differences.
func iconvDiffers(t *testing.T) map[string]differs {
	t.Helper()
	text, err := os.ReadFile("testdata/glibc.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]differs{}
	for _, line := range strings.Split(string(text), "\n") {
		if f := strings.Split(line, "|"); len(f) == 3 && line[0] != '#' {
			out[f[0]] = differs{why: f[1], bytes: f[2]}
		}
	}
	return out
}
