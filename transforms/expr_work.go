// SPDX-License-Identifier: Apache-2.0

package transforms

import "fmt"

// The VM cannot be stopped, so that what an expression can cost is known before it runs: its parts
// are counted at load, by the loops they stand in, and the sizes of its values are known when they are
// read. A step is the time of one part that looks at a small value, some 30 ns.

const (
	// maxSteps bounds the steps of one expression: less than 10 ms.
	maxSteps = 250_000
	// bytesPerStep is how much of a text an operator or function goes through in a step; a regular
	// expression goes through one byte.
	bytesPerStep = 16
	// maxParts is how many entries a function makes of a text at most.
	maxParts = 1000
)

// work is what the parts of an expression, or of a predicate in it, cost each time they run.
type work struct {
	// nodes are all parts; texts those that go through a text, patterns those that do so for a regular
	// expression.
	nodes, texts, patterns int
	// lists are the arrays that a part goes through, loops those whose entries a predicate looks at.
	lists []extent
	loops []loop
}

// loop is a predicate.
type loop struct {
	over extent
	work
}

// extent says of which array the entries are, so that they can be counted.
type extent struct {
	// vars are the variables that the array may be or stand in, level how many arrays are around it there.
	vars  []int
	level int
	// inner tells that it belongs to an entry of the loop around: then all of the level are seen once in
	// the whole of that loop.
	inner bool
	// made is how many entries are written out.
	made int
	// other tells that the array may be any.
	other bool
	// mapped tells that its entries are not those of the variables.
	mapped bool
}

// growth is how an expression can make values that are larger than what it is given.
type growth struct {
	// made are the longest text and array that are written out in it.
	madeText, madeEntries int
	// joins, replaces and splits tell that it calls functions of that Growth; pluses are its operators +.
	joins, replaces, splits bool
	pluses                  int
}

// affordable refuses to run an expression on values with which it would take too long.
func (e *expression) affordable(met *sizes) error {
	if met.read == 0 && met.text <= e.safe {
		return nil
	}
	if e.steps(met) > maxSteps {
		return &ExprError{Pos: e.node.Pos, Reason: fmt.Sprintf("its values are so large that it would take more than %d steps", maxSteps)}
	}
	return nil
}

// safeText is how long the texts of an expression without arrays may be so that it is affordable.
func (e *expression) safeText() int {
	for safe := 1 << 20; safe > 0; safe /= 4 {
		if e.steps(&sizes{text: safe}) <= maxSteps {
			return safe
		}
	}
	return -1
}

// steps are those of an expression on values of these sizes, up to the first beyond the bound.
func (e *expression) steps(met *sizes) int {
	c := e.counting(met)
	return min(met.read, maxSteps) + c.steps(&e.work, 1, 1)
}

// counting counts steps for the largest values that an expression can make of those that it was given.
type counting struct {
	met *sizes
	// text is the length of the longest text, entries the number of entries of the longest array.
	text, entries int
}

func (e *expression) counting(met *sizes) counting {
	c := counting{met: met, text: max(met.text, e.madeText), entries: e.madeEntries}
	for _, levels := range met.entries {
		for _, n := range levels {
			c.entries = max(c.entries, n)
		}
	}
	if e.joins {
		c.text = max(c.text, min(maxText, c.text*max(c.entries, 1)))
	}
	if e.replaces {
		c.text = max(c.text, min(maxText, c.text*(c.text+1)))
	}
	if e.splits {
		c.entries = max(c.entries, min(maxParts, c.text+1))
	}
	c.text *= 1 + e.pluses
	return c
}

// steps counts those of parts that run so many times in all; base is how often the loop around them runs.
func (c *counting) steps(w *work, times, base int) int {
	const enough = maxSteps + 1
	each := w.nodes + w.texts*(c.text/bytesPerStep) + w.patterns*c.text
	total := times * min(each, enough)
	for i := range w.lists {
		total += c.times(&w.lists[i], times, base)
	}
	for i := range w.loops {
		l := &w.loops[i]
		if total >= enough {
			break
		}
		inside, around := c.times(&l.over, times, base), times
		if l.over.inner && !l.over.other {
			around = base
		}
		total += min(inside, enough) // the loop itself
		total += c.steps(&l.work, min(inside, enough), min(around, enough))
	}
	return min(total, enough)
}

// times is how often the entries of an array are seen by what runs so many times.
func (c *counting) times(x *extent, times, base int) int {
	if x.other {
		return min(times*c.entries, maxSteps+1)
	}
	n := x.made
	for _, v := range x.vars {
		if v < len(c.met.entries) {
			n = max(n, c.met.entries[v][min(x.level, maxLevels-1)])
		}
	}
	if x.inner {
		return min(base*n, maxSteps+1)
	}
	return min(times*n, maxSteps+1)
}
