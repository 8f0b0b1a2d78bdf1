// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// BenchmarkSync measures what the disk gives: bare writes of frames as large as those of the journal, through the cache, into
// a file that has the room, and an fdatasync for each, in one loop. A journal that writes past the cache can be a little quicker.
func BenchmarkSync(b *testing.B) {
	for _, records := range []int{1, 32} {
		b.Run(fmt.Sprintf("records=%d", records), func(b *testing.B) {
			const record = 1200
			frame := bytes.Repeat([]byte{0x5a}, records*record)
			f, err := os.OpenFile(filepath.Join(b.TempDir(), "sync"), os.O_RDWR|os.O_CREATE, 0o600)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			room := make([]byte, 16<<20)
			if _, err := f.WriteAt(room, 0); err != nil {
				b.Fatal(err)
			}
			if err := syscall.Fdatasync(int(f.Fd())); err != nil {
				b.Fatal(err)
			}
			var times []time.Duration
			for at := 0; b.Loop(); at = (at + len(frame)) % (len(room) - len(frame)) {
				start := time.Now()
				if _, err := f.WriteAt(frame, int64(at)); err != nil {
					b.Fatal(err)
				}
				if err := syscall.Fdatasync(int(f.Fd())); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
			}
			b.ReportMetric(middle(times), "p50-us")
		})
	}
}
