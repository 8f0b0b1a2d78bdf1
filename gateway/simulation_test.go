// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
	"lintel/gateway/journal/journaltest"
)

const (
	simClients  = 6
	simKeys     = 4 // of each client; the last two are operations of several steps
	simLives    = 4
	simLifetime = 4 * time.Second
	// simLongLife is time enough for an exchange that stands still to be found in doubt.
	simLongLife = 18 * time.Second
	simCalm     = 40 * time.Second
	simJump     = 2 * time.Hour
	// simAfter is how long the host may begin what nobody waits for any more.
	simAfter = 4 * time.Second
)

// simulation is a world in which processes die, power fails, disks are slow or fail, clocks are set, a host loses
// requests and replies, and who is to be told is not always there: all of it decided by one seed. The simulated
// gateway is the real one, but for its disk, its clock and its hosts.
type simulation struct {
	bug  plant
	disk *journaltest.Disk
	// clock is how far the clock on the wall is from where it began, in seconds.
	clock atomic.Int64

	mu    sync.Mutex
	dice  *rand.Rand
	life  int // the process that lives now; 0 while there is none
	lives int
	calm  bool
	long  bool // this life is long, and exchanges in it may stand still
	// faulty is how many of a hundred uses of the disk fail.
	faulty int
	simBooks
	stale string // a reply that nobody took
	simEars
	broken []string
}

func (s *simulation) roll(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dice.IntN(n)
}

func (s *simulation) violation(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}

// begin starts a process: a journal, a guard and a gateway.
func (s *simulation) begin(t *testing.T, host simHost) (*Gateway, func()) {
	t.Helper()
	j, err := journal.New(t.Context(), journal.Options{
		Open: func(context.Context) (journal.Store, error) {
			store, err := filestore.Open(filestore.Options{Disk: s.bug.disk(s.disk), SegmentSize: 4000})
			if err != nil {
				return nil, err
			}
			return s.bug.store(store), nil
		},
		Secret: bytes.Repeat([]byte{1}, 32), Owner: "one", Now: s.now, Every: 500 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	guard, err := adapters.NewGuard("core", host, adapters.GuardOptions{Timeout: time.Second, Breaker: adapters.BreakerOptions{Minimum: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	hook, err := NewWebhook(WebhookOptions{URL: "http://receiver.example/", Secret: s.bug.secret()})
	if err != nil {
		t.Fatal(err)
	}
	hook.client.Transport = simReceiver{host, j}
	routes := func(after time.Duration) []Route {
		return []Route{host.pay(guard, after), host.order(guard), host.trade(guard)}
	}
	g := newGateway(t, Options{Journal: j, Webhook: hook, Timeout: time.Second, Now: s.now}, routes(simAfter)...)
	g.undoPatience = time.Second
	if s.bug == trustsClock {
		hurry := func() { _ = g.Swap(routes(0)) }
		s.mu.Lock()
		s.jumped = hurry
		s.mu.Unlock()
	}
	return g, func() { _, _, _ = guard.Close(), j.Close(), hook.Close() }
}

// run lives one life: clients call until it ends, by a stop, a kill or a loss of power.
func (s *simulation) run(t *testing.T) {
	s.lives++
	host := simHost{s, s.lives}
	g, end := s.begin(t, host)
	// What is found only where an exchange stands still, and in a short time of it, is looked for in long lives.
	long := !s.calm && (s.roll(12) == 0 || s.bug == goesOn)
	s.mu.Lock()
	s.life, s.long = host.life, long
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { g.Resolve(ctx) })
	wg.Go(func() { g.Tell(ctx) })
	for client := range simClients {
		wg.Go(func() { s.client(ctx, g, host, client) })
	}
	if s.calm {
		time.Sleep(simCalm)
		s.audit(g.options.Journal)
	} else {
		s.pass()
	}
	s.mu.Lock()
	s.life = 0
	s.mu.Unlock()
	if !s.calm {
		if s.roll(2) == 0 {
			s.disk.Crash()
		} else {
			s.disk.LosePower()
		}
	}
	cancel()
	wg.Wait()
	for g.InFlight() > 0 {
		time.Sleep(time.Second)
	}
	end()
	time.Sleep(10 * time.Second)
}

// pass lets the time of a life go by. The clock on the wall is set now and then.
func (s *simulation) pass() {
	length := time.Duration(s.roll(int(simLifetime)))
	if s.long {
		length = simLongLife
	}
	for length > 0 {
		part := min(length, time.Duration(1+s.roll(int(simLifetime))))
		time.Sleep(part)
		length -= part
		if s.roll(3) == 0 {
			s.set(int64(s.roll(int(2*simJump/time.Second))) - int64(simJump/time.Second))
		}
	}
}

// simulate runs one seed and returns what was violated.
func simulate(t *testing.T, seed uint64, bug plant) []string {
	s := &simulation{
		bug: bug, disk: journaltest.NewDisk(seed), dice: rand.New(rand.NewPCG(seed, 3)),
		simBooks: simBooks{applied: map[string]int{}, orders: map[string]*simOrder{}},
		simEars:  simEars{told: map[string]string{}, answers: map[string]string{}, accepted: map[journal.ID]bool{}, notified: map[journal.ID]string{}},
	}
	s.disk.SetLatency(time.Duration(s.roll(20)) * time.Millisecond)
	s.faulty = bug.faulty(max(0, s.roll(16)-12))
	s.disk.Fault = s.diskFault
	for range simLives {
		s.run(t)
	}
	s.calm = true
	s.set(int64(simJump / time.Second)) // the clock is right again: behind nothing that was recorded
	s.run(t)
	s.reckon()
	return s.broken
}

// seeds is how many seeds are tried: LINTEL_SEEDS, or a few.
func seeds(short, long int) int {
	if n, err := strconv.Atoi(os.Getenv("LINTEL_SEEDS")); err == nil {
		return n
	}
	if testing.Short() {
		return short
	}
	return long
}

// firstSeed is where the seeds begin: LINTEL_SEED_FROM, so that a long run can go on where one stopped.
func firstSeed() uint64 {
	n, _ := strconv.ParseUint(os.Getenv("LINTEL_SEED_FROM"), 10, 64)
	return n
}

// TestF04Simulation: no seed finds a violation (I07, I08, I09, I12, I13, I18, O13 in one process). A failing seed is run
// again by LINTEL_SEED_FROM=SEED LINTEL_SEEDS=1.
func TestF04Simulation(t *testing.T) {
	number, from, began := uint64(seeds(20, 300)), firstSeed(), time.Now()
	var done atomic.Uint64
	workers := uint64(runtime.GOMAXPROCS(0))
	for worker := range workers {
		t.Run(fmt.Sprintf("worker %d", worker), func(t *testing.T) {
			t.Parallel()
			for seed := from + worker; seed < from+number; seed += workers {
				synctest.Test(t, func(t *testing.T) {
					if broken := simulate(t, seed, noBug); len(broken) > 0 {
						t.Fatalf("seed %d: %s", seed, strings.Join(broken, "\n"))
					}
				})
				if n := done.Add(1); n%2000 == 0 {
					took := time.Since(began)
					fmt.Printf("simulation: %d of %d seeds in %s, about %s to go\n", n, number, took.Round(time.Second), (took / time.Duration(n) * time.Duration(number-n)).Round(time.Second))
				}
			}
		})
	}
}

// TestF04Plants: the simulation finds a planted bug of each kind.
func TestF04Plants(t *testing.T) {
	for _, bug := range plants() {
		t.Run(string(bug), func(t *testing.T) {
			for seed := range uint64(1000) {
				var broken []string
				synctest.Test(t, func(t *testing.T) { broken = simulate(t, seed, bug) })
				if len(broken) > 0 {
					t.Logf("seed %d: %s", seed, broken[0])
					return
				}
			}
			t.Error("1000 seeds do not find it")
		})
	}
}
