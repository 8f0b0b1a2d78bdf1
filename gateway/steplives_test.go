// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
)

// TestStepInquiryAfterCrash cuts the life of the gateway off at every use of the disk, and the next one as well. In the
// end it is always known what was done, and what the host did stands or falls as a whole.
func TestStepInquiryAfterCrash(t *testing.T) {
	for _, tt := range []struct {
		name, play string
		end        journal.State
		undone     string // if b was sent
	}{
		{"not done", "a: ok / inquiry ok / undo ok\nb: lost / inquiry refused / undo ok\nc: ok", journal.NotApplied, "undo a"},
		{"done and taken back", "a: ok / inquiry ok / undo ok\nb: lost / inquiry told / undo ok\nc: ok", journal.NotApplied, "undo b, undo a"},
		{"done, and the last", "a: ok / inquiry ok / undo ok\nb: lost / inquiry ok", journal.Complete, ""},
		{"all done", "a: ok / inquiry ok / undo ok\nb: ok / inquiry ok", journal.Complete, ""},
		{"done, and stays", "a: ok / inquiry ok / undo ok\nb: lost / inquiry ok\nc: ok", journal.Complete, "undo a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			use, died := 0, true
			for died {
				use++
				synctest.Test(t, func(t *testing.T) {
					l := &lives{world: newWorld(t), play: tt.play}
					l.world.close()
					died = l.live(use)
					l.live(use/2 + 3)
					l.live(0)
					l.check(use, tt.end, tt.undone)
				})
			}
			if use < 10 {
				t.Errorf("the disk is used %d times", use)
			}
		})
	}
}

// lives are processes one after the other before the same hosts.
type lives struct {
	*world
	play  string
	asked []string // under mu of the world
	dead  atomic.Bool
}

// live starts a process, sends a request and waits. The process dies when it uses its disk for the n-th time, if n is
// not 0; it tells whether it did.
func (l *lives) live(n int) (died bool) {
	var uses atomic.Int32
	l.dead.Store(false)
	l.disk.Fault = func(string) error {
		if used := uses.Add(1); n > 0 && int(used) >= n {
			l.dead.Store(true)
			return errors.New("the process is dead")
		}
		return nil
	}
	l.open()
	_, steps := play(l.play)
	for i := range steps {
		s := &steps[i]
		s.Backend = l.before(s.Backend, s.Name)
		if s.Undo != nil {
			s.Undo.Backend = l.before(s.Undo.Backend, s.Undo.Name)
		}
		if s.Inquiry != nil {
			s.Inquiry.Backend = l.knowing(s.Inquiry.Backend, s.Name)
		}
	}
	l.serve(func(_ *Options, r *Route) { r.Steps, r.Answer = steps, func() Answerer { return fakeAnswer{} } })
	l.pay(keyA, "{}")
	l.resolving(func() { time.Sleep(2 * time.Minute) })
	died = l.dead.Load()
	l.disk.Crash()
	l.world.close()
	time.Sleep(10 * time.Second)
	return died
}

// before notes what a host is asked; a process that is dead asks nobody.
func (l *lives) before(b Exchanger, name string) Exchanger {
	return exchange(func(ctx context.Context, c adapters.Call) (adapters.Message, error) {
		if intent := c.Before; intent != nil {
			c.Before = nil
			if err := intent(ctx); err != nil {
				return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Withheld, Cause: err}
			}
		}
		if l.dead.Load() {
			return host(ctx, c, "unreachable")
		}
		l.mu.Lock()
		l.asked = append(l.asked, name)
		l.mu.Unlock()
		return b.Exchange(ctx, c)
	})
}

// knowing is a host that is asked whether it did a step: it does not say so of one that it never got.
func (l *lives) knowing(b Exchanger, name string) Exchanger {
	return exchange(func(ctx context.Context, c adapters.Call) (adapters.Message, error) {
		l.mu.Lock()
		got := slices.Contains(l.asked, name)
		l.mu.Unlock()
		switch {
		case l.dead.Load():
			return host(ctx, c, "unreachable")
		case !got:
			return host(ctx, c, "refused")
		}
		return b.Exchange(ctx, c)
	})
}

// check compares the journal at the end with what hosts were asked.
func (l *lives) check(use int, end journal.State, undone string) {
	l.open()
	defer l.world.close()
	var undos []string
	for _, what := range l.asked {
		if strings.HasPrefix(what, "undo") {
			undos = append(undos, what)
		}
	}
	if !slices.Contains(l.asked, "b") { // the last life is whole, and sends what the others did not
		end, undone = journal.NotApplied, "undo a"
	}
	list, err := l.journal.List(l.t.Context(), journal.Filter{})
	if err != nil {
		l.t.Fatal(err)
	}
	for i := range list {
		if e := &list[i]; e.State.Open() || e.Parent.IsZero() && e.State != end {
			l.t.Errorf("%d: journal: %s; asked %s", use, l.entries(), l.asked)
			return
		}
	}
	if slices.Contains(l.asked, "a") && once(undos) != undone {
		l.t.Errorf("%d: journal: %s; asked %s", use, l.entries(), l.asked)
	}
	for _, step := range []string{"a", "b", "c"} {
		if first := slices.Index(l.asked, step); first >= 0 && slices.Contains(l.asked[first+1:], step) {
			l.t.Errorf("%d: %s was sent twice: %s", use, step, l.asked)
		}
	}
}
