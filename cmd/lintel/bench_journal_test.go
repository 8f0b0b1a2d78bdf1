// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lintel/specs"
)

// BenchmarkJournal measures what the journal costs: the same operation with and without, turn by turn, by
// 64 clients and by one. The journal lies on the disk of the temporary folder.
func BenchmarkJournal(b *testing.B) {
	host := echoHost(b)
	plain := serveHTTP(b, benchHouse(b, host).gateway)
	recorded := serveHTTP(b, recordedHouse(b, host).gateway)
	const many, few = 6400, 300
	load(b, plain, "", many, 64)
	load(b, recorded, "", many, 64)
	var ratios, added []float64
	for b.Loop() {
		without, with := load(b, plain, "", many, 64), load(b, recorded, "", many, 64)
		ratios = append(ratios, float64(without)/float64(with))
		alone, kept := load(b, plain, "", few, 1), load(b, recorded, "", few, 1)
		added = append(added, float64(kept-alone)/few/float64(time.Microsecond))
	}
	b.ReportMetric(median(ratios), "speed-ratio")
	b.ReportMetric(median(added), "added-us/req")
}

// recordedHouse is benchHouse with an operation that is recorded.
func recordedHouse(tb testing.TB, address string) *house {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/bench")); err != nil {
		tb.Fatal(err)
	}
	file := filepath.Join(dir, "transforms", "quote.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	text := strings.Replace(string(src), "safe: true", "safe: false\nidempotency: optional", 1)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	ws, findings := specs.Load(dir, func(name string) (string, bool) { return address, name == "BENCH_ADDRESS" })
	p, more := compile(ws)
	if findings = append(findings, more...); findings.HasErrors() {
		tb.Fatal(findings)
	}
	log := newLogging(io.Discard)
	tb.Cleanup(log.close)
	h, err := build(p, ws.Config.Backends, log, nil, journalPlace{dir: tb.TempDir()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = h.Close() })
	return h
}
