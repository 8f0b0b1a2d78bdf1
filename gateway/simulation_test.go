// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"encoding/json"
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

// plant is a bug that the simulation must find.
type plant string

const (
	noBug       plant = ""
	resends     plant = "an exchange in doubt is sent again"
	tooEarly    plant = "the answer goes out before it is recorded"
	dirtyReply  plant = "a late reply stays in the connection of the next caller"
	simClients        = 6
	simLives          = 4
	simLifetime       = 4 * time.Second
)

// simulation is a world in which processes die, power fails, disks are slow, and a host loses requests and
// replies: all of it decided by one seed.
type simulation struct {
	bug  plant
	disk *journaltest.Disk

	mu      sync.Mutex
	dice    *rand.Rand
	life    int // the process that lives now; 0 while there is none
	lives   int
	calm    bool
	applied map[string]int
	stale   string // a reply that nobody took
	told    map[string]string
	broken  []string
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

// simHost is the host as one process sees it: a process that is dead sends nothing any more.
type simHost struct {
	s    *simulation
	life int
}

func (h simHost) alive() bool {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	return h.s.life == h.life
}

func (h simHost) apply(id string) string {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	h.s.applied[id]++
	return "done " + id
}

// Exchange implements adapters.Adapter.
func (h simHost) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	reply, err := h.once(ctx, m)
	if h.s.bug == resends && err != nil && err.(*adapters.Error).Fate == adapters.InDoubt { //nolint:errorlint // made here
		return h.once(ctx, m)
	}
	return reply, err
}

func (h simHost) once(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	s, id := h.s, string(m.Body)
	if !h.alive() {
		return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
	}
	fault := s.roll(10)
	if s.calm {
		fault = 9
	}
	lost := &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Broken}
	switch fault {
	case 0: // refused connection
		return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
	case 1: // lost before it was done
		return adapters.Message{}, lost
	case 2: // done, and the reply lost
		reply := h.apply(id)
		s.mu.Lock()
		s.stale = reply
		s.mu.Unlock()
		return adapters.Message{}, lost
	case 3: // done when nobody waits any more
		time.AfterFunc(time.Duration(s.roll(3000))*time.Millisecond, func() { h.apply(id) })
		<-ctx.Done()
		return adapters.Message{}, &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	case 4:
		return adapters.Message{Body: []byte("refused")}, nil
	}
	time.Sleep(time.Duration(s.roll(200)) * time.Millisecond)
	if !h.alive() && s.roll(2) == 0 {
		return adapters.Message{}, lost
	}
	reply := h.apply(id)
	s.mu.Lock()
	if s.bug == dirtyReply && s.stale != "" {
		reply, s.stale = s.stale, reply
	}
	s.mu.Unlock()
	return adapters.Message{Body: []byte(reply)}, nil
}

// earlyStore says that an end is recorded before it is.
type earlyStore struct{ journal.Store }

// Move implements journal.Store.
func (e earlyStore) Move(_ context.Context, c journal.Change) error {
	go func() {
		time.Sleep(100 * time.Millisecond)
		_ = e.Store.Move(context.Background(), c)
	}()
	return nil
}

// run lives one life: clients call until it ends, by a stop, a kill or a loss of power.
func (s *simulation) run(t *testing.T) {
	s.lives++
	life := s.lives
	host := simHost{s, life}
	j, err := journal.New(t.Context(), journal.Options{
		Open: func(context.Context) (journal.Store, error) {
			store, err := filestore.Open(filestore.Options{Disk: s.disk, SegmentSize: 4000})
			if err == nil && s.bug == tooEarly {
				return earlyStore{store}, nil
			}
			return store, err
		},
		Secret: bytes.Repeat([]byte{1}, 32), Owner: "one",
	})
	if err != nil {
		t.Fatal(err)
	}
	guard, err := adapters.NewGuard("core", host, adapters.GuardOptions{Timeout: time.Second, Breaker: adapters.BreakerOptions{Minimum: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, applied: s.applied}
	g := newGateway(t, Options{Journal: j, Timeout: 3 * time.Second}, routeOf("POST", "/pay", func(r *Route) {
		r.Keys, r.Backend, r.Timeout = KeysRequired, guard, time.Second
		r.Start = func() Runner { return &payRunner{} }
		r.Means.Inquiry = ask(w, func(id string) (string, error) {
			if !host.alive() {
				return "", &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.applied[id] > 0 {
				return "done " + id, nil
			}
			return "refused", nil
		})
		r.Means.Inquiry.After = 4 * time.Second
	}))
	s.mu.Lock()
	s.life = life
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { g.Resolve(ctx) })
	var length time.Duration
	if !s.calm {
		length = time.Duration(s.roll(int(simLifetime)))
	} else {
		length = 40 * time.Second
	}
	for client := range simClients {
		wg.Go(func() { s.client(ctx, g, host, client) })
	}
	time.Sleep(length)
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
	_ = guard.Close()
	_ = j.Close()
	time.Sleep(10 * time.Second)
}

// client sends the same few requests again and again, as an app that did not get an answer does.
func (s *simulation) client(ctx context.Context, g *Gateway, host simHost, number int) {
	for n := 0; ctx.Err() == nil; n++ {
		key := fmt.Sprintf("simulation-key-%d-%d", number, n%3)
		r := do(g, "POST", "/pay", fmt.Sprintf(`{"n":%d}`, n%3), "Idempotency-Key", key)
		if !host.alive() {
			return // the process is gone, and its answer with it
		}
		s.hear(g.options.Journal, key, r.Code, r.Header().Get(headerDegraded) != "", r.Body.Bytes())
		if s.calm && n%3 == 2 && s.knowsAll(number) {
			return
		}
		time.Sleep(time.Duration(50+s.roll(500)) * time.Millisecond)
	}
}

// knowsAll reports that a client was told the end of all its requests. In the calm life at the end there
// is nothing else to learn.
func (s *simulation) knowsAll(number int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range 3 {
		if s.told[fmt.Sprintf("simulation-key-%d-%d", number, n)] == "" {
			return false
		}
	}
	return true
}

// hear compares an answer with the truth and with what was said before.
func (s *simulation) hear(j *journal.Journal, key string, status int, degraded bool, body []byte) {
	id := j.ID(&journal.Call{Operation: "post-pay", Key: key}).UUID()
	var doc struct{ Reply, Outcome string }
	_ = json.Unmarshal(body, &doc)
	s.mu.Lock()
	applied, before := s.applied[id], s.told[key]
	s.mu.Unlock()
	final := ""
	switch {
	case status == 201:
		final = "applied"
		if !strings.Contains(doc.Reply, id) {
			s.violation("%s got the reply of another: %s", key, doc.Reply)
		}
		if applied != 1 {
			s.violation("%s was told that it was done, and it was done %d times", key, applied)
		}
	case doc.Outcome == outcomeNotApplied:
		final = "not applied"
		if applied != 0 {
			s.violation("%s was told that it was not done, and it was done %d times", key, applied)
		}
	}
	if before != "" && before != final {
		s.violation("%s was told %q, then %d %q", key, before, status, final)
	}
	if final != "" && !degraded {
		s.mu.Lock()
		s.told[key] = final
		s.mu.Unlock()
	}
}

// simulate runs one seed and returns what was violated.
func simulate(t *testing.T, seed uint64, bug plant) []string {
	s := &simulation{
		bug: bug, disk: journaltest.NewDisk(seed), dice: rand.New(rand.NewPCG(seed, 3)),
		applied: map[string]int{}, told: map[string]string{},
	}
	s.disk.SetLatency(time.Duration(s.roll(20)) * time.Millisecond)
	for range simLives {
		s.run(t)
	}
	s.calm = true
	s.run(t)
	for id, n := range s.applied {
		if n > 1 {
			s.violation("%s was done %d times", id, n)
		}
	}
	if len(s.told) == 0 {
		s.violation("nobody was told anything")
	}
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

// TestF04Simulation: no seed finds a violation (I07, I08, I09, I18 in one process). A failing seed is run again by
// LINTEL_SEED_FROM=SEED LINTEL_SEEDS=1.
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
	for _, bug := range []plant{resends, tooEarly, dirtyReply} {
		t.Run(string(bug), func(t *testing.T) {
			for seed := range uint64(200) {
				var broken []string
				synctest.Test(t, func(t *testing.T) { broken = simulate(t, seed, bug) })
				if len(broken) > 0 {
					t.Logf("seed %d: %s", seed, broken[0])
					return
				}
			}
			t.Error("200 seeds do not find it")
		})
	}
}
