// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"fmt"
	"io"
	"sync"
)

// defaultLogBuffer is how much a LogWriter holds for a slow sink, in bytes.
const defaultLogBuffer = 1 << 20

// LogWriter is an io.Writer before a sink of log lines that can be slow, stuck or full: Write never
// waits for it. What does not fit into the buffer is dropped whole, counted, and reported in a line
// of its own once there is room again.
type LogWriter struct {
	sink  io.Writer
	limit int

	mu      sync.Mutex
	pending []byte
	closed  bool
	dropped uint64 // all
	told    uint64 // of them, reported
	wake    chan struct{}
	done    chan struct{}
}

var _ io.Writer = (*LogWriter)(nil)

// NewLogWriter starts a LogWriter that holds at most limit bytes, 0 meaning 1 MiB. Close must be
// called after the last Write.
func NewLogWriter(sink io.Writer, limit int) *LogWriter {
	if limit <= 0 {
		limit = defaultLogBuffer
	}
	l := &LogWriter{sink: sink, limit: limit, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go l.run()
	return l
}

// Write takes one or more whole lines. It never fails: what cannot be kept is counted.
func (l *LogWriter) Write(lines []byte) (int, error) {
	l.mu.Lock()
	if l.closed || len(l.pending)+len(lines) > l.limit {
		l.dropped++
		l.mu.Unlock()
		return len(lines), nil
	}
	first := len(l.pending) == 0
	l.pending = append(l.pending, lines...)
	l.mu.Unlock()
	if first {
		l.signal()
	}
	return len(lines), nil
}

func (l *LogWriter) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Dropped returns how many writes were dropped.
func (l *LogWriter) Dropped() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dropped
}

// Close writes out what is pending, for as long as ctx allows. Later writes are dropped.
func (l *LogWriter) Close(ctx context.Context) error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.signal()
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("log sink is stuck: %w", ctx.Err())
	}
}

// run carries pending lines to the sink.
func (l *LogWriter) run() {
	defer close(l.done)
	var out []byte
	for range l.wake {
		for {
			l.mu.Lock()
			out, l.pending = l.pending, out[:0]
			lost, closed := l.dropped-l.told, l.closed
			l.told = l.dropped
			l.mu.Unlock()
			if lost > 0 && !closed {
				out = fmt.Appendf(out, "{\"level\":\"WARN\",\"msg\":\"log lines dropped\",\"count\":%d}\n", lost)
			}
			if len(out) == 0 {
				if closed {
					return
				}
				break
			}
			if _, err := l.sink.Write(out); err != nil {
				l.mu.Lock()
				l.dropped++
				l.told++
				l.mu.Unlock()
			}
		}
	}
}
