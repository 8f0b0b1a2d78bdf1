// SPDX-License-Identifier: Apache-2.0

package filestore_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
	"lintel/gateway/journal/journaltest"
)

// BenchmarkOpen measures what a journal with many entries costs: the start, the memory of each entry, and a turn of the
// garbage collector with all of them there.
func BenchmarkOpen(b *testing.B) {
	const entries = 100_000
	disk := &filestore.Memory{}
	recordMany(b, disk, entries)
	var started, collected time.Duration
	var before, after runtime.MemStats
	for b.Loop() {
		start := time.Now()
		s, err := filestore.Open(filestore.Options{Disk: disk})
		if err != nil {
			b.Fatal(err)
		}
		started += time.Since(start)
		runtime.GC()
		runtime.ReadMemStats(&after)
		start = time.Now()
		runtime.GC()
		collected += time.Since(start)
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		s = nil
		runtime.GC()
		runtime.ReadMemStats(&before)
	}
	b.ReportMetric(float64(started.Microseconds())/float64(b.N)/entries, "start-us/entry")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/entries, "heap-B/entry")
	b.ReportMetric(float64(collected.Microseconds())/float64(b.N), "collector-us")
}

// recordMany records exchanges that ended.
func recordMany(tb testing.TB, disk filestore.Disk, entries int) {
	tb.Helper()
	s, err := filestore.Open(filestore.Options{Disk: disk})
	if err != nil {
		tb.Fatal(err)
	}
	ctx := context.Background()
	free := make(chan struct{}, 1000)
	for n := range entries {
		free <- struct{}{}
		go func() {
			defer func() { <-free }()
			e := journaltest.Entry(n)
			if _, err := s.Insert(ctx, e); err != nil {
				tb.Error(err)
			}
			if err := s.Move(ctx, journal.Change{ID: e.ID, To: journal.Complete, At: e.Begun, Proof: "reply", Reply: []byte("reply")}); err != nil {
				tb.Error(err)
			}
		}()
	}
	for range cap(free) {
		free <- struct{}{}
	}
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
}
