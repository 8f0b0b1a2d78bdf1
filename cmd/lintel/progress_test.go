// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	g := &progress{w: &out, what: "records", size: 240e6, now: func() time.Time { return now }, begin: now, next: now.Add(progressEvery)}
	for i := range 1_200_000 {
		if i == 600_000 {
			now = now.Add(2 * time.Second)
		}
		g.step(int64(i+1) * 100)
	}
	g.clear()
	shown := strings.Split(out.String(), "\r")
	if len(shown) != 4 || shown[0] != "" || !strings.HasPrefix(shown[1], "600,") || !strings.HasSuffix(shown[1], " records, 60 MB of 240 MB, 25%, 30.0 MB/s") ||
		strings.TrimSpace(shown[2]) != "" || len(shown[2]) != len(shown[1]) || shown[3] != "" {
		t.Errorf("%q", shown)
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	if p := (&program{stdout: io.Discard, stderr: &out}).newProgress("records", 0); p.w != nil {
		t.Error("progress without a terminal")
	}
}

// manyRecords is a dataset that is made while it is read. It looks at the memory in use on the way.
type manyRecords struct {
	record []byte
	left   int
	heap   []uint64
}

func (m *manyRecords) Read(p []byte) (int, error) {
	n := 0
	for m.left > 0 && n+len(m.record) <= len(p) {
		n += copy(p[n:], m.record)
		if m.left--; m.left%250_000 == 0 {
			var s runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&s)
			m.heap = append(m.heap, s.HeapAlloc)
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// countLines counts what decode writes, and forgets it.
type countLines struct{ lines int }

func (c *countLines) Write(p []byte) (int, error) {
	c.lines += bytes.Count(p, []byte{'\n'})
	return len(p), nil
}

// TestDecodeMillion decodes a million records, and a million lines back, in a stream: the memory in use
// is the same at the end as near the beginning.
func TestDecodeMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("a million records")
	}
	write(t, map[string]string{"A.cpy": "       01  R.\n           05  A PIC X(10).\n           05  B PIC S9(7)V99 COMP-3.\n           05  C PIC 9(5).\n"})
	var out countLines
	for _, tt := range []struct {
		command string
		record  []byte
	}{
		{"decode", []byte("\xc1\xc2\xc3\x40\x40\x40\x40\x40\x40\x40\x12\x34\x56\x78\x9c\xf0\xf0\xf0\xf4\xf2")},
		{"encode", []byte(`{"a":"ABC","b":1234567.89,"c":42}` + "\n")},
	} {
		in := &manyRecords{record: tt.record, left: 1_000_000}
		out.lines = 0
		root := newRoot(&program{stdout: &out, stderr: io.Discard, env: os.LookupEnv})
		root.SetArgs([]string{tt.command, "A.cpy"})
		root.SetIn(in)
		if err := root.ExecuteContext(context.Background()); err != nil {
			t.Fatal(err)
		}
		if tt.command == "decode" && out.lines != 1_000_000 {
			t.Errorf("%d lines", out.lines)
		}
		if len(in.heap) != 4 || in.heap[3] > in.heap[0]+1<<20 {
			t.Errorf("%s: memory in use grew: %d", tt.command, in.heap)
		}
	}
}
