// SPDX-License-Identifier: Apache-2.0

package rates

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/goleak"

	"lintel/adapters/adaptertest"
	"lintel/gateway"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// spend shows that two gateways share one quota.
func spend(t *testing.T, url string) {
	t.Helper()
	var counters [2]*Redis
	for i := range counters {
		r, err := newRedis(url, time.Minute) // a machine with much to do
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Close() })
		counters[i] = r
	}
	p := gateway.RatePolicy{Name: "p", Requests: 10, Per: time.Hour}
	var ok, no atomic.Int32
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			st, err := counters[i%2].Take(t.Context(), "lintel:rate:p:x", p)
			switch {
			case err != nil:
				t.Error(err)
			case st.OK:
				ok.Add(1)
			default:
				no.Add(1)
				if st.Wait <= 0 || st.Wait > 6*time.Minute {
					t.Errorf("wait %v", st.Wait)
				}
			}
		})
	}
	wg.Wait()
	if ok.Load() != 10 || no.Load() != 30 {
		t.Errorf("%d allowed, %d refused", ok.Load(), no.Load())
	}
	st, err := counters[0].Take(t.Context(), "lintel:rate:p:y", p)
	if err != nil || !st.OK || st.Remaining != 9 || st.Reset != 6*time.Minute {
		t.Errorf("first call of another caller: %+v, %v", st, err)
	}
}

func TestMiniredis(t *testing.T) {
	s := miniredis.RunT(t)
	spend(t, "redis://"+s.Addr()+"/3")
	for _, k := range s.DB(3).Keys() {
		if s.DB(3).TTL(k) <= 0 {
			t.Errorf("%s never expires", k)
		}
	}
}

// TestRealRedis does the same with the server itself.
func TestRealRedis(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Redis server")
	}
	exe, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatal("redis-server is missing: run scripts/peers.sh redis")
		}
		t.Skip("redis-server is missing: run scripts/peers.sh redis")
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), exe, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	for i := 0; ; i++ {
		c, err := net.Dial("unix", socket)
		if err == nil {
			_ = c.Close()
			break
		}
		if i == 2400 {
			t.Fatalf("the server does not start: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	spend(t, "unix://"+socket)
}

// TestDown answers at once, and not again for a while, when there is no server.
func TestDown(t *testing.T) {
	url := "redis://user:hush@" + adaptertest.Reserve(t)
	r, err := NewRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	p := gateway.RatePolicy{Name: "p", Requests: 10, Per: time.Hour}
	for n := range 20 {
		_, err := r.Take(t.Context(), "x", p)
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v", err)
		}
		if n > 0 && err == errSilent { //nolint:errorlint // the value itself
			break
		}
		if n == 19 { // more often than this machine can have been away for longer than the pause
			t.Errorf("asked again: %v", err)
		}
	}
	if _, err := NewRedis("http://user:hush@x"); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
}
