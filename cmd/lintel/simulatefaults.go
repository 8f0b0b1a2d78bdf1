// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"lintel/specs"
	"lintel/transforms"
)

// reaction is what a simulated host does with a message.
type reaction struct {
	reply transforms.Message
	// act is empty for a reply, else "timeout", "disconnect", "drip", or "abend" where no reply says so.
	act string
	// after is the latency, over how long a reply drips.
	after, over time.Duration
	how         answered
}

// answered says for the terminal where a reply came from.
type answered struct{ operation, source string }

// luck decides by chance, in the same order every time for the same seed.
type luck struct {
	mu   sync.Mutex
	dice *rand.Rand
}

func newLuck(seed int) *luck {
	return &luck{dice: rand.New(rand.NewPCG(uint64(seed), 0x1ce))} // #nosec G404 G115 -- it is to be repeatable
}

// percent happens n times in a hundred.
func (l *luck) percent(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dice.IntN(100) < n
}

// between chooses a duration.
func (l *luck) between(r specs.Latency) time.Duration {
	if r.To <= r.From {
		return r.From
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return r.From + time.Duration(l.dice.Int64N(int64(r.To-r.From)+1))
}

// dataFor gives dice that depend on the seed and on the message: the same question has the same answer.
func dataFor(seed int, msg []byte) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write(msg)
	return rand.New(rand.NewPCG(uint64(seed), h.Sum64())) // #nosec G404 G115 -- it is to be repeatable
}

// fault decides which fault a message meets; nil for none.
func (b *behavior) fault(l *luck, m *moment) (*hostFault, error) {
	for _, f := range b.faults {
		if f.when != nil {
			play, err := b.stage.Start(m.request, m.properties)
			if err != nil {
				return nil, err
			}
			holds, err := play.Holds(f.when)
			if err != nil {
				return nil, err
			}
			if !holds {
				continue
			}
		}
		if l.percent(f.Rate) {
			return f, nil
		}
	}
	return nil, nil
}

// junk are bytes that are a message of no host, as long as the reply would be.
func junk(reply []byte) []byte {
	return bytes.Repeat([]byte{0xFF, 0xD8, 0x00, 0x15}, max(len(reply), 4)/4+1)[:max(len(reply), 4)]
}

// sleep waits; false if ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// drip writes a reply in small pieces over the time. A piece that is late does not hold up those behind it.
func drip(ctx context.Context, b []byte, over time.Duration, write func([]byte) error) error {
	const most = 200 // pieces
	size := max((len(b)+most-1)/most, 1)
	pieces := slices.Collect(slices.Chunk(b, size))
	begin, gap := time.Now(), over/time.Duration(max(len(pieces), 1))
	for i, piece := range pieces {
		if !sleep(ctx, time.Until(begin.Add(gap*time.Duration(i+1)))) || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := write(piece); err != nil {
			return err
		}
	}
	return nil
}

// simulationFlags stand in for values of simulate.yaml.
type simulationFlags struct {
	latency  string
	faults   []string
	seed     int
	generate bool
}

func (f *simulationFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.latency, "latency", "", "how long simulated hosts take: 20ms, or 5ms..80ms")
	cmd.Flags().StringArrayVar(&f.faults, "fault", nil, "what goes wrong at simulated hosts: KIND or KIND=RATE, as in timeout=5%; KIND is "+strings.Join(specs.FaultWords(), ", "))
	cmd.Flags().IntVar(&f.seed, "seed", -1, "decides everything that is random at simulated hosts (default from simulate.yaml, else 1)")
	cmd.Flags().BoolVar(&f.generate, "generate", false, "answer what no test has with data made from the layout instead of not found")
}

// over gives the simulation of a workspace with the flags in place of its values.
func (f *simulationFlags) over(s *specs.Simulation) (*specs.Simulation, error) {
	out := specs.Simulation{Seed: 1, Unknown: "not found"}
	if s != nil {
		out = *s
	}
	if f.seed >= 0 {
		out.Seed = f.seed
	}
	if f.generate {
		out.Unknown = "generated"
	}
	if f.latency != "" {
		l, err := parseLatency(f.latency)
		if err != nil {
			return nil, err
		}
		out.Latency = l
		out.Exchanges = slices.Clone(out.Exchanges)
		for i, x := range out.Exchanges {
			one := *x
			one.Latency = nil
			out.Exchanges[i] = &one
		}
	}
	for _, text := range f.faults {
		fault, err := parseFault(text)
		if err != nil {
			return nil, err
		}
		out.Faults = append(slices.Clip(out.Faults), fault)
	}
	return &out, nil
}

func parseLatency(text string) (specs.Latency, error) {
	from, to, ranged := strings.Cut(text, "..")
	if !ranged {
		to = from
	}
	a, err := time.ParseDuration(from)
	b, err2 := time.ParseDuration(to)
	if err != nil || err2 != nil || a < 0 || b < a || b > time.Hour {
		return specs.Latency{}, usageError("--latency must be a duration such as 20ms, or a range such as 5ms..80ms, not %s", text)
	}
	return specs.Latency{From: a, To: b}, nil
}

func parseFault(text string) (*specs.Fault, error) {
	kind, rate, given := strings.Cut(text, "=")
	f := &specs.Fault{Kind: kind, Rate: 100, Over: 2 * time.Second}
	if !slices.Contains(specs.FaultWords(), kind) {
		return nil, usageError("--fault must be KIND or KIND=RATE with one of %s, not %s", strings.Join(specs.FaultWords(), ", "), text)
	}
	if given {
		n, err := strconv.Atoi(strings.TrimSuffix(rate, "%"))
		if err != nil || n < 1 || n > 100 {
			return nil, usageError("--fault %s: the rate must be from 1%% to 100%%", text)
		}
		f.Rate = n
	}
	return f, nil
}

// describe says in a few words what a simulation does beside the tests, for the line of a host.
func describe(s *specs.Simulation) []string {
	var out []string
	switch l := s.Latency; {
	case l.To > l.From:
		out = append(out, fmt.Sprintf("latency %s to %s", l.From, l.To))
	case l.To > 0:
		out = append(out, fmt.Sprintf("latency %s", l.To))
	}
	for _, f := range s.Faults {
		out = append(out, fmt.Sprintf("%s %d%%", f.Kind, f.Rate))
	}
	if s.Unknown == "generated" {
		out = append(out, fmt.Sprintf("generated data, seed %d", s.Seed))
	}
	return out
}
