// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"sync"
	"time"
)

// Act is what a scripted host does once it holds a whole request.
type Act int

const (
	// Reply answers with one clean message.
	Reply Act = iota
	// Drip answers in slices of one byte, Step.Gap apart.
	Drip
	// Twice answers with the same message two times.
	Twice
	// Chatter answers, and Step.Gap later sends bytes that nobody asked for.
	Chatter
	// ReplyAndEnd answers and ends the connection in order.
	ReplyAndEnd
	// Never does not answer and keeps the connection open.
	Never
	// CutBefore ends the connection in order without an answer.
	CutBefore
	// ResetBefore breaks the connection without an answer.
	ResetBefore
	// HalfClose ends the host's direction without an answer, and keeps reading.
	HalfClose
	// CutWithin ends the connection after Step.Bytes bytes of the answer, frame included.
	CutWithin
	// StallWithin stops after Step.Bytes bytes of the answer and keeps the connection open.
	StallWithin
	// Garbage answers with bytes that are no message of the wire.
	Garbage
	// BadLength answers with Step.Length as length field and then with the message.
	BadLength
	// Endless answers with Step.Length as length field and then with bytes without end.
	Endless
)

// String is the name of the act, for the names of tests.
func (a Act) String() string {
	return [...]string{
		"reply", "drip", "twice", "chatter", "reply-and-end", "never", "cut-before",
		"reset-before", "half-close", "cut-within", "stall-within", "garbage", "bad-length", "endless",
	}[a]
}

// Step is an act with its particulars. The zero value echoes the request.
type Step struct {
	Do Act
	// Body is the answer; nil means the request.
	Body []byte
	// After is how long the host waits before it acts.
	After time.Duration
	// Gap is the time between slices of Drip, and before the bytes of Chatter.
	Gap time.Duration
	// Bytes is how much of the answer CutWithin and StallWithin send.
	Bytes int
	// Length is the length field of BadLength and Endless.
	Length uint32
	// Taken, if set, is closed once the reply was taken: ReplyAndEnd waits for it on a wire whose end takes along what is
	// still on its way.
	Taken <-chan struct{}
	// Done, if set, is called when the act is over: all is sent, and what it ends has ended.
	Done func()
}

// Script decides what the host does with its n-th whole request, counted from 0. It is called from
// many goroutines.
type Script func(n int, request []byte) Step

// Ledger counts the whole requests that a host saw: the ground truth about what it may have done.
type Ledger struct {
	mu    sync.Mutex
	seen  map[string]int
	total int
}

// NewLedger returns an empty ledger.
func NewLedger() *Ledger { return &Ledger{seen: map[string]int{}} }

// Add enters a request and returns its number, counted from 0.
func (l *Ledger) Add(request []byte) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[string(request)]++
	l.total++
	return l.total - 1
}

// Total is the number of requests seen.
func (l *Ledger) Total() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

// Times is how often this very request was seen.
func (l *Ledger) Times(request []byte) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[string(request)]
}
