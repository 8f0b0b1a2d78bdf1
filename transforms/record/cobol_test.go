// SPDX-License-Identifier: Apache-2.0

package record

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// cobolProgram moves the fields of the mixed record into DISPLAY items and back, as often as its
// argument says, and shows what came out of two of them.
func cobolProgram() string {
	var display, there, back strings.Builder
	field := regexp.MustCompile(`(?m)^05 (\S+) PIC (\S+?)( COMP(-3)?)?\.$`)
	for _, m := range field.FindAllStringSubmatch(bookMixed(), -1) {
		fmt.Fprintf(&display, "05 D-%s PIC %s.\n", m[1], m[2])
		fmt.Fprintf(&there, "MOVE %s TO D-%s\n", m[1], m[1])
		fmt.Fprintf(&back, "MOVE D-%s TO %s\n", m[1], m[1])
	}
	return `IDENTIFICATION DIVISION.
PROGRAM-ID. MIXED.
DATA DIVISION.
WORKING-STORAGE SECTION.
` + bookMixed() + "01 D.\n" + display.String() + `01 ARG PIC X(12).
01 ROUNDS PIC S9(9) COMP-5.
PROCEDURE DIVISION.
ACCEPT ARG FROM ARGUMENT-VALUE
COMPUTE ROUNDS = FUNCTION NUMVAL(ARG)
INITIALIZE R
MOVE "ABCDEFGH IJKLMNOP QRST" TO CUST-NAME
MOVE -1234567890.50 TO BALANCE AVAILABLE
MOVE 12345678.50 TO LIMIT-AMT
MOVE 4.125 TO RATE
MOVE -4711 TO SEQ-NO
PERFORM ROUNDS TIMES
` + there.String() + back.String() + `END-PERFORM
DISPLAY D-BALANCE " " D-SEQ-NO
STOP RUN.
`
}

// buildCobol compiles the program with GnuCOBOL. Without cobc it skips, or fails where peers are
// required.
func buildCobol(b *testing.B) string {
	b.Helper()
	cobc, err := exec.LookPath("cobc")
	if err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			b.Fatal("GnuCOBOL (cobc) is required and not installed")
		}
		b.Skip("SKIPPED, NOT MEASURED: GnuCOBOL (cobc) is not installed")
	}
	dir := b.TempDir()
	source, program := filepath.Join(dir, "mixed.cob"), filepath.Join(dir, "mixed")
	if err := os.WriteFile(source, []byte(cobolProgram()), 0o600); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, cobc, "-x", "-O2", "-free", "-o", program, source)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("cobc: %v\n%s", err, out)
	}
	return program
}

// runCobol runs the program and returns how long it took.
func runCobol(b *testing.B, program string, times int) time.Duration {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	start := time.Now()
	out, err := exec.CommandContext(ctx, program, strconv.Itoa(times)).CombinedOutput()
	took := time.Since(start)
	if err != nil || times > 0 && !strings.HasSuffix(strings.TrimSpace(string(out)), "-000004711") {
		b.Fatalf("program: %v\n%s", err, out)
	}
	return took
}

// BenchmarkAgainstCobol compares one record decoded to JSON and encoded again with a GnuCOBOL
// program, compiled with -O2, that moves the same 20 fields into DISPLAY items and back. They take
// turns; the start of the program is measured apart and taken off. The metric "ratio" is the
// codec's records a second divided by the program's: more is better.
func BenchmarkAgainstCobol(b *testing.B) {
	program := buildCobol(b)
	c := compile(b, bookMixed(), Options{})
	msg, err := c.EncodeJSON(nil, []byte(docMixed()))
	if err != nil {
		b.Fatal(err)
	}
	const records = 100_000
	var doc, back []byte
	var ratios, ours, theirs []float64
	for b.Loop() {
		start := time.Now()
		for range records {
			if doc, err = c.DecodeJSON(doc[:0], msg); err != nil {
				b.Fatal(err)
			}
			if back, err = c.EncodeJSON(back[:0], doc); err != nil {
				b.Fatal(err)
			}
		}
		our := time.Since(start).Seconds()
		empty := runCobol(b, program, 0)
		their := max(runCobol(b, program, records)-empty, time.Millisecond).Seconds()
		ratios = append(ratios, their/our)
		ours = append(ours, records/our)
		theirs = append(theirs, records/their)
	}
	b.ReportMetric(median(ratios), "speed-ratio")
	b.ReportMetric(median(ours), "plan-records/s")
	b.ReportMetric(median(theirs), "cobol-records/s")
	b.ReportMetric(0, "ns/op")
}
