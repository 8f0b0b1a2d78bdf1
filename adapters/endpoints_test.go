// SPDX-License-Identifier: Apache-2.0

package adapters_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
)

// way is an endpoint of a test: it counts what it is given.
type way struct {
	moody
	calls    int
	distrust int
	closed   bool
	probe    error
}

func (w *way) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	w.calls++
	return w.moody.Exchange(ctx, m)
}
func (w *way) Distrust()                   { w.distrust++ }
func (w *way) Close() error                { w.closed = true; return nil }
func (w *way) Probe(context.Context) error { return w.probe }

// ways makes endpoints that all work.
func ways(t *testing.T, spread bool, n int) (*adapters.Endpoints, []*way) {
	t.Helper()
	var list []adapters.Endpoint
	var out []*way
	for i := range n {
		w := &way{}
		w.set(echo)
		out = append(out, w)
		list = append(list, adapters.Endpoint{Name: string(rune('a' + i)), Adapter: w})
	}
	e, err := adapters.NewEndpoints(spread, list...)
	if err != nil {
		t.Fatal(err)
	}
	return e, out
}

func send(t *testing.T, e *adapters.Endpoints) error {
	t.Helper()
	_, err := e.Exchange(t.Context(), adapters.Message{})
	return err
}

func TestEndpointsFailOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, w := ways(t, false, 2)
		w[0].set(failing(adapters.Unreachable, adapters.NotSent))
		for range 10 {
			if err := send(t, e); err != nil {
				t.Fatal(err)
			}
		}
		// The first was tried once and is then known to be down.
		if w[0].calls != 1 || w[1].calls != 10 {
			t.Errorf("%d and %d calls", w[0].calls, w[1].calls)
		}
		s := e.EndpointStates()
		if !s[0].Resting || s[1].Resting || s[0].Failed != 1 || s[1].Used != 10 {
			t.Errorf("%+v", s)
		}
		// It rests longer with every failure, and one call at a time finds out.
		for _, d := range []time.Duration{2, 4, 8, 16, 30, 30} {
			time.Sleep(time.Until(e.EndpointStates()[0].Until))
			for range 5 {
				if err := send(t, e); err != nil {
					t.Fatal(err)
				}
			}
			if rest := time.Until(e.EndpointStates()[0].Until); rest < d*time.Second || rest > d*time.Second*6/5 {
				t.Errorf("rests %v, want %v and up to a fifth", rest, d*time.Second)
			}
		}
		if w[0].calls != 7 {
			t.Errorf("the first was tried %d times", w[0].calls)
		}
		w[0].set(echo)
		time.Sleep(time.Until(e.EndpointStates()[0].Until))
		before := w[1].calls
		for range 3 {
			if err := send(t, e); err != nil {
				t.Fatal(err)
			}
		}
		if w[1].calls != before || e.EndpointStates()[0].Resting {
			t.Error("the first is well again and not used")
		}
	})
}

func TestEndpointsNeverSendTwice(t *testing.T) {
	for _, tt := range []struct {
		kind adapters.Kind
		fate adapters.Fate
		over bool
	}{
		{adapters.Unreachable, adapters.NotSent, true},
		{adapters.Broken, adapters.NotSent, true},
		{adapters.Broken, adapters.InDoubt, false},
		{adapters.Timeout, adapters.InDoubt, false},
		{adapters.Timeout, adapters.NotSent, false},
		{adapters.TooLarge, adapters.NotSent, false},
		{adapters.Framing, adapters.Applied, false},
		{adapters.Unreadable, adapters.NotApplied, false},
	} {
		e, w := ways(t, false, 3)
		w[0].set(failing(tt.kind, tt.fate))
		err := send(t, e)
		if got := w[1].calls == 1; got != tt.over || (err == nil) != tt.over || w[2].calls != 0 {
			t.Errorf("%v %v: went over %v, error %v", tt.kind, tt.fate, got, err)
		}
	}
}

// TestEndpointsLearnFromDoubt: an endpoint that takes requests and does not answer is passed over.
func TestEndpointsLearnFromDoubt(t *testing.T) {
	e, w := ways(t, false, 2)
	w[0].set(failing(adapters.Timeout, adapters.InDoubt))
	for range 3 {
		if send(t, e) == nil {
			t.Fatal("no error")
		}
	}
	if err := send(t, e); err != nil || w[1].calls != 1 {
		t.Errorf("%v, %d calls", err, w[1].calls)
	}
	// One in between is no pattern.
	e, w = ways(t, false, 2)
	for range 10 {
		w[0].set(failing(adapters.Timeout, adapters.InDoubt))
		_, _ = send(t, e), send(t, e)
		w[0].set(echo)
		_ = send(t, e)
	}
	if w[1].calls != 0 {
		t.Errorf("%d calls went over", w[1].calls)
	}
}

func TestEndpointsAllDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, w := ways(t, false, 3)
		for _, one := range w {
			one.set(failing(adapters.Unreachable, adapters.NotSent))
		}
		if send(t, e) == nil || w[0].calls+w[1].calls+w[2].calls != 3 {
			t.Error("not each was tried once")
		}
		// While all rest, a call tries one of them, since there is nothing better.
		w[2].set(echo)
		for range 3 {
			_ = send(t, e)
		}
		if err := send(t, e); err != nil {
			t.Error(err)
		}
	})
}

func TestEndpointsSpread(t *testing.T) {
	e, w := ways(t, true, 3)
	for range 9 {
		if err := send(t, e); err != nil {
			t.Fatal(err)
		}
	}
	for i, one := range w {
		if one.calls != 3 {
			t.Errorf("%d: %d calls", i, one.calls)
		}
	}
}

func TestEndpointsArePassedThrough(t *testing.T) {
	e, w := ways(t, false, 2)
	e.Distrust()
	w[0].probe = errors.New("down")
	if err := e.Probe(t.Context()); err != nil {
		t.Errorf("one is there: %v", err)
	}
	w[1].probe = errors.New("down")
	if e.Probe(t.Context()) == nil {
		t.Error("none is there")
	}
	g := guard(t, e, adapters.GuardOptions{})
	if s := g.State().Endpoints; len(s) != 2 || s[1].Name != "b" {
		t.Errorf("%+v", s)
	}
	if err := g.Close(); err != nil || !w[0].closed || !w[1].closed || w[0].distrust+w[1].distrust != 2 {
		t.Errorf("%v", err)
	}
	if _, err := adapters.NewEndpoints(false); err == nil {
		t.Error("no endpoints: no error")
	}
	if _, err := adapters.NewEndpoints(false, adapters.Endpoint{}); err == nil {
		t.Error("no adapter: no error")
	}
}
