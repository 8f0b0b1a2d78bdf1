// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"
)

// What lintel dev keeps of the last calls, in number and in bytes of JSON.
const (
	maxLastCalls     = 100
	maxLastCallBytes = 4 << 20
)

// lastCalls keeps the last exchanges with hosts in memory and serves them on the admin port.
type lastCalls struct {
	mu    sync.Mutex
	list  []json.RawMessage
	bytes int64
}

// callsAnswer is the answer of GET /calls.
type callsAnswer struct {
	FormatVersion string            `json:"formatVersion"`
	Calls         []json.RawMessage `json:"calls"`
}

func newLastCalls() *lastCalls { return &lastCalls{} }

func (l *lastCalls) add(x *taped) error {
	text, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if len(text) > maxLastCallBytes {
		return errors.New("it is larger than all that is kept")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list, l.bytes = append(l.list, text), l.bytes+int64(len(text))
	for len(l.list) > maxLastCalls || l.bytes > maxLastCallBytes {
		l.bytes -= int64(len(l.list[0]))
		l.list[0] = nil
		l.list = l.list[1:]
	}
	return nil
}

// size is 0: there is always room for the next one.
func (l *lastCalls) size() int64 { return 0 }

// Close implements kept.
func (l *lastCalls) Close() error { return nil }

// ServeHTTP answers with what is kept, the oldest first.
func (l *lastCalls) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	l.mu.Lock()
	answer := callsAnswer{FormatVersion: "1.0", Calls: append([]json.RawMessage{}, l.list...)}
	l.mu.Unlock()
	text, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, "the calls cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text)
}
