// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// gate is a sink that is stuck until it is opened.
type gate struct {
	open chan struct{}
	mu   sync.Mutex
	got  bytes.Buffer
	err  error
}

func (g *gate) Write(b []byte) (int, error) {
	<-g.open
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		return 0, g.err
	}
	return g.got.Write(b)
}

// O12: a sink that is stuck costs no request anything but its line, and that is counted.
func TestO12LogSinkStuck(t *testing.T) {
	sink := &gate{open: make(chan struct{})}
	l := NewLogWriter(sink, 100)
	for i := range 200 {
		if n, err := fmt.Fprintf(l, "line %03d\n", i); n != 9 || err != nil {
			t.Fatal(n, err)
		}
	}
	dropped := l.Dropped()
	if dropped == 0 {
		t.Error("nothing was dropped")
	}
	short, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := l.Close(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	close(sink.open)
	if err := l.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if n := strings.Count(sink.got.String(), "line "); uint64(n)+dropped != 200 || l.Dropped() != dropped {
		t.Errorf("%d written, %d dropped", n, dropped)
	}
	if _, _ = l.Write([]byte("late\n")); l.Dropped() != dropped+1 {
		t.Error("a late line is not counted")
	}
}

func TestLogWriterTellsOfDrops(t *testing.T) {
	sink := &gate{open: make(chan struct{})}
	l := NewLogWriter(sink, 10)
	for range 5 {
		_, _ = l.Write([]byte("12345678\n"))
	}
	close(sink.open)
	for !strings.Contains(text(sink), "dropped") {
		_, _ = l.Write([]byte("x\n"))
		time.Sleep(time.Millisecond)
	}
	if err := l.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func text(g *gate) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.got.String()
}

func TestLogSinkFails(t *testing.T) {
	sink := &gate{open: make(chan struct{}), err: errors.New("disk full")}
	close(sink.open)
	l := NewLogWriter(sink, 0)
	_, _ = l.Write([]byte("x\n"))
	if err := l.Close(context.Background()); err != nil || l.Dropped() != 1 {
		t.Errorf("%v, %d dropped", err, l.Dropped())
	}
}
