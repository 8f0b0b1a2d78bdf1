// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// edit changes one text of a file of a workspace.
func edit(t *testing.T, ws, name, before, after string) {
	t.Helper()
	file := filepath.Join(ws, filepath.FromSlash(name))
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(src), before) {
		t.Fatalf("%s does not hold %q", name, before)
	}
	next := file + ".next"
	if err := os.WriteFile(next, []byte(strings.Replace(string(src), before, after, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, file); err != nil {
		t.Fatal(err)
	}
}

// TestO01ReloadUnderLoad reloads a served workspace a hundred times under load, every tenth time with
// a mistake in it: no call may fail, and the mistake must never be served.
func TestO01ReloadUnderLoad(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 20
	}
	ws := copyWorkspace(t, "../../examples/bank", nil)
	p := mustCompile(t, ws, noEnv)
	log := newLogging(io.Discard)
	t.Cleanup(log.close)
	prog := &program{stdout: io.Discard, stderr: io.Discard, env: noEnv}
	sims := &simulation{ctx: t.Context(), p: prog, log: log, on: true}
	t.Cleanup(sims.close)
	backends, err := sims.backends(p)
	if err != nil {
		t.Fatal(err)
	}
	h, err := build(p, backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	r := &reloader{p: prog, dir: ws, house: h, sims: sims, log: log}

	var failed, served atomic.Int32
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if code, body := get(h.gateway, "/accounts/0000004711"); code != http.StatusOK || !strings.Contains(body, `"amount":1250.75`) {
					failed.Add(1)
					t.Logf("%d %.200s", code, body)
				}
				served.Add(1)
				time.Sleep(time.Millisecond)
			}
		})
	}
	held := false
	for i := range rounds {
		if i%10 == 8 {
			edit(t, ws, "transforms/getAccount.yaml", "=reply.balance", "=reply.blance")
			r.reload("test")
			edit(t, ws, "transforms/getAccount.yaml", "=reply.blance", "=reply.balance")
			continue
		}
		before, after := "every: 5s", "every: 6s" // every round gives the backend a new guard
		if held {
			before, after = after, before
		}
		held = !held
		edit(t, ws, "lintel.yaml", before, after)
		r.reload("test")
	}
	close(stop)
	wg.Wait()
	if failed.Load() != 0 || served.Load() == 0 {
		t.Errorf("%d of %d calls failed", failed.Load(), served.Load())
	}
}

// TestReloadProcess changes the workspace of a running gateway: by itself with --watch, by SIGHUP
// without. A mistake leaves the old workspace serving.
func TestReloadProcess(t *testing.T) {
	for _, watch := range []bool{true, false} {
		t.Run(fmt.Sprintf("watch=%t", watch), func(t *testing.T) {
			ws := copyWorkspace(t, "../../examples/bank", nil)
			args := []string{"--simulate"}
			if watch {
				args = append(args, "--watch")
			}
			g := startGateway(t, ws, nil, args...)
			title := func() string {
				resp, err := http.Get("http://" + g.api + "/accounts/0000000002")
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = resp.Body.Close() }()
				b, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				return string(b)
			}
			change := func(before, after string) {
				edit(t, ws, "transforms/getAccount.yaml", before, after)
				if !watch {
					if err := g.cmd.Process.Signal(syscall.SIGHUP); err != nil {
						t.Fatal(err)
					}
				}
			}
			change("title: Account not found", "title: No such account")
			for end := time.Now().Add(patience); !strings.Contains(title(), "No such account"); time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the change is not served")
				}
			}
			change("=reply.balance", "=reply.blance")
			for end := time.Now().Add(patience); !strings.Contains(g.text(), "keeps serving"); time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the mistake is not reported")
				}
			}
			if !strings.Contains(title(), "No such account") {
				t.Error("the old workspace does not serve any more")
			}
			if !strings.Contains(g.text(), `there is no "blance" here`) {
				t.Error("the finding is not printed")
			}
		})
	}
}
