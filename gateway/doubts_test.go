// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
)

// doubtWorld is a world with an audit log and one operation in doubt.
func doubtWorld(t *testing.T) (w *world, path, audit string) {
	t.Helper()
	audit = filepath.Join(t.TempDir(), "audit.log")
	a, err := OpenAudit(audit, nil)
	if err != nil {
		t.Fatal(err)
	}
	w = newWorld(t)
	w.serve(func(o *Options, _ *Route) { o.Audit, o.Admin.Token = a, adminToken })
	w.host = func(context.Context, string) error {
		return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	}
	told(t, w.pay(keyA, `{}`), 504, "in-doubt unknown never")
	id := w.journal.ID(&journal.Call{Operation: "post-pay", Key: keyA})
	return w, "/doubts/" + id.String(), audit
}

func decide(w *world, path, outcome, by string) *httptest.ResponseRecorder {
	return doAdmin(w.gateway.Admin(), "POST", path, fmt.Sprintf(`{"outcome":%q,"by":%q,"reason":"seen in the books"}`, outcome, by))
}

// actions are the actions in an audit log.
func actions(t *testing.T, audit string) (out []string) {
	t.Helper()
	b, err := os.ReadFile(audit)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		_, rest, _ := strings.Cut(line, `"action":"`)
		action, _, _ := strings.Cut(rest, `"`)
		out = append(out, action)
	}
	return out
}

// TestDecidedByTwo: of several people who decide at the same time one does, and the audit log says whose decision counts.
func TestDecidedByTwo(t *testing.T) {
	w, path, audit := doubtWorld(t)
	w.disk.SetLatency(20 * time.Millisecond)
	var wg sync.WaitGroup
	var counted atomic.Value
	for n := range 8 {
		outcome := []string{"applied", "not-applied"}[n%2]
		wg.Go(func() {
			switch r := decide(w, path, outcome, fmt.Sprint("person ", n)); r.Code {
			case 200:
				if counted.Swap(outcome) != nil {
					t.Error("two decisions count")
				}
			case 409:
			default:
				t.Errorf("%d %s", r.Code, r.Body)
			}
		})
	}
	wg.Wait()
	open := map[string]int{}
	for _, a := range actions(t, audit) {
		if what, undone := strings.CutSuffix(a, ": not done, it was in doubt no more"); undone {
			open[what]--
		} else {
			open[a]++
		}
	}
	for what, n := range open {
		if want := map[bool]int{true: 1}[what == fmt.Sprint("resolve as ", counted.Load())]; n != want {
			t.Errorf("%s counts %d times: %q", what, n, actions(t, audit))
		}
	}
	want := map[any]string{"applied": "answer-lost applied never", "not-applied": "not-applied not-applied new-key"}[counted.Load()]
	told(t, w.pay(keyA, `{}`), 502, want)
	if _, err := OpenAudit(audit, nil); err != nil {
		t.Error(err)
	}
}

// TestDecidedInVain: a decision that could not be recorded is not recorded behind the back of who made it, and may be made
// in another way when the journal is well again.
func TestDecidedInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, path, audit := doubtWorld(t)
		var bad atomic.Bool
		w.disk.Fault = func(string) error {
			if bad.Load() {
				return errors.New("injected")
			}
			return nil
		}
		bad.Store(true)
		if r := decide(w, path, "applied", "eva"); r.Code != 503 || !strings.Contains(r.Body.String(), "decide again") {
			t.Errorf("%d %s", r.Code, r.Body)
		}
		bad.Store(false)
		time.Sleep(5 * time.Second)
		told(t, w.pay(keyA, `{}`), 409, "operation-in-doubt unknown same-key-after")
		if r := decide(w, path, "not-applied", "eva"); r.Code != 200 {
			t.Errorf("%d %s", r.Code, r.Body)
		}
		told(t, w.pay(keyA, `{}`), 502, "not-applied not-applied new-key")
		if got := strings.Join(actions(t, audit), ", "); got != "resolve as applied, resolve as applied: perhaps not done, the journal failed, resolve as not-applied" {
			t.Error(got)
		}
		w.close()
	})
}

// TestDecidedWithoutOperation: what is in doubt of an operation that the workspace has no more can still be decided.
func TestDecidedWithoutOperation(t *testing.T) {
	w, path, _ := doubtWorld(t)
	if err := w.gateway.Swap([]Route{routeOf("GET", "/other", nil)}); err != nil {
		t.Fatal(err)
	}
	if r := decide(w, path, "not-applied", "eva"); r.Code != 200 || !strings.Contains(r.Body.String(), `"not-applied"`) {
		t.Errorf("%d %s", r.Code, r.Body)
	}
	if r := decide(w, path, "applied", "eva"); r.Code != 409 {
		t.Errorf("again: %d %s", r.Code, r.Body)
	}
	w.serve(nil) // it is back
	told(t, w.pay(keyA, `{}`), 502, "not-applied not-applied new-key")
}

// TestAuditIsWitnessed: the log, which is kept elsewhere, has the hash of every line: it tells that the last ones were taken
// out, which no chain does.
func TestAuditIsWitnessed(t *testing.T) {
	var log bytes.Buffer
	a, err := OpenAudit(filepath.Join(t.TempDir(), "audit.log"), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := a.Write(AuditLine{By: "eva", Action: "resolve as applied", Reason: "seen"}); err != nil || !strings.Contains(log.String(), "hash="+a.last) {
			t.Errorf("%v %s", err, &log)
		}
	}
}
