// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lintel/specs"
)

// BenchmarkJournal measures what the journal costs, turn by turn in one run: the same operation with and
// without, by 64 clients and by one, in front of a host that answers at once, of one that works for 2 ms and of
// one that works for 10 ms, as a transaction of a mainframe does. The journal lies on the disk of the temporary
// folder. The gateway is a process of its own; clients and host are in this one, and all share the processors:
// with the host that answers at once the throughput is what the processor gives, with the others what the waiting
// leaves. hand-speed-ratio compares with the hand-written handler, which records nothing. A request needs two
// records; syncs/op tells how many share one sync.
func BenchmarkJournal(b *testing.B) {
	for _, keys := range []struct{ name, header string }{{"keys=new", newKeys}, {"keys=none", ""}} {
		b.Run(keys.name, func(b *testing.B) {
			b.Run("host=0ms", func(b *testing.B) { againstJournal(b, keys.header, 0, 100) })
			b.Run("host=2ms", func(b *testing.B) { againstJournal(b, keys.header, 2*time.Millisecond, 50) })
			b.Run("host=10ms", func(b *testing.B) { againstJournal(b, keys.header, 10*time.Millisecond, 25) })
		})
	}
}

// againstJournal has few requests by a client that is alone in each round. headers are lines of every request.
func againstJournal(b *testing.B, headers string, work time.Duration, few int) {
	host := workingHost(b, work)
	var servers [3]*benchServer
	for i, kind := range [...]string{"bare", "recorded", "hand"} {
		servers[i] = startBenchServer(b, kind, host)
	}
	const many, clients = 3200, 64
	var took, cpu, alone, together [3][]float64 // without, with, by hand
	var syncs []float64
	round := func() {
		for i, server := range servers {
			var times []time.Duration
			before, groups := server.cost()
			took[i] = append(took[i], float64(timedLoad(b, server.address, headers, many, clients, &times)))
			after, more := server.cost()
			cpu[i] = append(cpu[i], float64(after-before))
			if i == 1 {
				syncs = append(syncs, (more-groups)/many)
			}
			together[i] = append(together[i], middle(times))
			timedLoad(b, server.address, headers, few, 1, &times)
			alone[i] = append(alone[i], middle(times))
		}
	}
	round()
	took, cpu, alone, together, syncs = [3][]float64{}, [3][]float64{}, [3][]float64{}, [3][]float64{}, nil
	for b.Loop() {
		round()
	}
	b.ReportMetric(ratioOf(took[0], took[1]), "speed-ratio")
	b.ReportMetric(ratioOf(took[2], took[1]), "hand-speed-ratio")
	b.ReportMetric(ratioOf(cpu[0], cpu[1]), "cpu-speed-ratio")
	b.ReportMetric(many/median(took[1])*1e9, "recorded/s")
	b.ReportMetric(median(cpu[0])/1e3/many, "bare-cpu-us/op")
	b.ReportMetric(median(cpu[1])/1e3/many, "recorded-cpu-us/op")
	b.ReportMetric(median(syncs), "syncs/op")
	b.ReportMetric(median(alone[1])-median(alone[0]), "added-p50-us")
	b.ReportMetric(median(together[1])-median(together[0]), "added-p50-us-of-64")
}

// journalGroups is how many groups of records a journal has brought to stable storage.
func journalGroups(tb testing.TB, h *house) float64 {
	tb.Helper()
	w := httptest.NewRecorder()
	h.gateway.Admin().ServeHTTP(w, httptest.NewRequestWithContext(tb.Context(), http.MethodGet, "http://localhost/metrics", http.NoBody))
	for line := range strings.Lines(w.Body.String()) {
		if text, ok := strings.CutPrefix(line, "lintel_journal_groups_total "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				tb.Fatal(err)
			}
			return n
		}
	}
	tb.Fatal("the journal does not count its groups")
	return 0
}

// ratioOf is the median of the ratios of the rounds.
func ratioOf(a, b []float64) float64 {
	var r []float64
	for i := range a {
		r = append(r, a[i]/b[i])
	}
	return median(r)
}

// middle is the median, in microseconds.
func middle(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2]) / float64(time.Microsecond)
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
