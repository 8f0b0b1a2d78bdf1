// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
)

// TestManyDoubts: however many wait for a person, one that came after them is asked for.
func TestManyDoubts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for n := range 2*resolvePage + 1 {
			c := &journal.Call{Operation: "gone", Key: strconv.Itoa(n), Deadline: time.Now()}
			if _, err := w.journal.Begin(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		w.close() // the next start finds them in doubt
		w.open()
		time.Sleep(time.Second)
		w.serve(func(_ *Options, r *Route) { r.Means.Inquiry = ask(w, w.knows) })
		w.host = func(_ context.Context, id string) error {
			w.apply(id)
			return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
		}
		told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
		w.resolving(func() { time.Sleep(5 * time.Second) })
		if r := w.pay(keyA, `{}`); r.Code != 201 {
			t.Errorf("behind many: %d %s", r.Code, r.Body)
		}
		w.close()
	})
}

// headStore notes what is listed whole.
type headStore struct {
	journal.Store
	whole *atomic.Int32
}

// List implements journal.Store.
func (s headStore) List(ctx context.Context, f journal.Filter) ([]journal.Entry, error) {
	if !f.Heads && f.Parent.IsZero() && f.Limit != 1 {
		s.whole.Add(1)
	}
	return s.Store.List(ctx, f)
}

// TestHeadsOnly: requests and replies of what is in doubt may be large, and are not read again and again: not by the resolver,
// the upkeep or who asks what is in doubt.
func TestHeadsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.close()
		var whole atomic.Int32
		w.journal = journalFrom(t, func() (journal.Store, error) {
			s, err := filestore.Open(filestore.Options{Disk: w.disk})
			return headStore{s, &whole}, err
		})
		w.host = func(_ context.Context, id string) error {
			w.apply(id)
			return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
		}
		var knows atomic.Bool
		w.serve(func(_ *Options, r *Route) {
			r.Means.Inquiry = ask(w, func(id string) (string, error) {
				if !knows.Load() {
					return "unknown", nil
				}
				return w.knows(id)
			})
		})
		told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
		w.resolving(func() {
			time.Sleep(5 * time.Second)
			if r := serve(w.gateway.Admin(), httptest.NewRequest(http.MethodGet, "http://127.0.0.1/doubts", nil)); r.Code != 200 || !strings.Contains(r.Body.String(), `"inquiry"`) {
				t.Errorf("%d %s", r.Code, r.Body)
			}
			knows.Store(true)
			time.Sleep(time.Minute)
		})
		if n := whole.Load(); n > 0 {
			t.Errorf("entries were listed whole %d times", n)
		}
		if r := w.pay(keyA, `{}`); r.Code != 201 {
			t.Errorf("%d %s", r.Code, r.Body)
		}
		w.close()
	})
}

// TestResolvedMeanwhile: what was resolved, or left to a person, since it was listed is not asked for.
func TestResolvedMeanwhile(t *testing.T) {
	for name, end := range map[string]journal.End{
		"resolved": {To: journal.NotApplied, Proof: "late reply"}, "contested": {To: journal.InDoubt, Proof: "contradiction", Contested: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				var asked atomic.Int32
				w.serve(func(_ *Options, r *Route) {
					r.Means.Inquiry = ask(w, func(string) (string, error) { asked.Add(1); return "unknown", nil })
				})
				w.host = func(context.Context, string) error {
					return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
				}
				told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
				list, err := w.journal.List(t.Context(), journal.Filter{State: journal.InDoubt, Heads: true})
				if err != nil || len(list) != 1 {
					t.Fatal(list, err)
				}
				w.gateway.resolve(t.Context(), &list[0], time.Hour)
				before := asked.Load()
				if err := w.journal.Finish(t.Context(), list[0].ID, end); err != nil {
					t.Fatal(err)
				}
				w.gateway.resolve(t.Context(), &list[0], time.Hour)
				if before != 1 || asked.Load() != 1 {
					t.Errorf("asked %d times before, %d in all", before, asked.Load())
				}
				w.close()
			})
		})
	}
}
