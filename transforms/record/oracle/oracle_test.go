// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"testing"
)

const (
	defaultLayouts = 100
	// defaultSeed keeps the short form the same from run to run; the long form draws a new one.
	defaultSeed = 1
	// batchSize is how many records share one program, roundsOf how often each is filled.
	batchSize = 40
	roundsOf  = 8
)

// setting reads a number from the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestOracle compares random records with GnuCOBOL, in every dialect it can play.
func TestOracle(t *testing.T) {
	needCOBOL(t)
	total := int(setting(t, "LINTEL_ORACLE_LAYOUTS", defaultLayouts))
	seed := setting(t, "LINTEL_ORACLE_SEED", defaultSeed)
	all := plays()
	for i := range all {
		p := &all[i]
		share := total / len(all)
		if i < total%len(all) {
			share++
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for at := 0; at < share; at += batchSize {
				testBatch(t, p, seed, at, min(batchSize, share-at))
				if t.Failed() {
					t.Logf("to draw these records again: LINTEL_ORACLE_SEED=%d LINTEL_ORACLE_LAYOUTS=%d go test ./transforms/record/oracle -run 'TestOracle/^%s$'",
						seed, total, p.name)
					return
				}
			}
		})
	}
}

// testBatch draws, plays and compares n records.
func testBatch(t *testing.T, p *play, seed uint64, from, n int) {
	t.Helper()
	var layouts []*layout
	for i := range n {
		layouts = append(layouts, drawClear(t, p, from+i, layoutSeed(seed, p.name, from+i)))
	}
	failures, err := compare(t, p, layouts, roundsOf)
	if err != nil {
		t.Error(err)
	}
	for i, f := range failures {
		if i >= maxReports {
			t.Errorf("and %d records more", len(failures)-i)
			return
		}
		report(t, p, f, shrink(t, p, f))
	}
}

// drawClear draws until a record touches no edge. What fails to compile is for the comparison to report.
func drawClear(t *testing.T, p *play, number int, seed uint64) *layout {
	t.Helper()
	for {
		l := drawLayout(p, number, seed)
		c, err := compileLayout(l, p.options(t))
		if err != nil || c.root.laid.Size <= bufferSize && touchesLayout(p, l) == "" {
			return l
		}
		seed++
	}
}

// maxReports bounds how many failures of a batch are made small and printed.
const maxReports = 3

func layoutSeed(seed uint64, play string, number int) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, seed, play, number)
	return h.Sum64()
}

// compare plays the layouts in one program. The error is for what has no layout to blame.
func compare(t *testing.T, p *play, layouts []*layout, rounds int) ([]*failure, error) {
	t.Helper()
	s := &script{}
	var good []*layout
	for _, l := range layouts {
		c, err := compileLayout(l, p.options(t))
		if err != nil {
			s.failures = append(s.failures, &failure{l, "compile", -1, err.Error()})
			continue
		}
		s.add(len(good), c, rounds)
		good = append(good, l)
	}
	if len(good) == 0 {
		return s.failures, nil
	}
	binary, err := build(t.TempDir(), p, good)
	if err != nil {
		return s.failures, err
	}
	lines, err := run(binary, s.Bytes())
	if err != nil {
		return s.failures, err
	}
	return s.judge(lines)
}

func report(t *testing.T, p *play, f, small *failure) {
	t.Helper()
	t.Errorf("record %d of %s: %s differs in round %d:\n%s\n%s", f.l.number, p.name, small.check, small.round, small.l.source(), small.detail)
	if small.l != f.l {
		t.Logf("made smaller from\n%s", f.l.source())
	}
}
