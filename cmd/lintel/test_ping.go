// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"time"

	"lintel/specs"
)

// Ends of a ping, in the words of the metrics.
const (
	pingSucceeded = "succeeded"
	pingFailed    = "failed"
)

// ping plays the tests of pings that the pattern chooses.
func (o *offline) ping(pattern string) []testResult {
	var results []testResult
	for _, op := range o.player.plan.pings {
		for _, c := range casesFor(o.player.plan.ws, op.spec.ID) {
			if !matches(pattern, op.spec.ID, c.Name) {
				continue
			}
			start := time.Now()
			t, got, err := o.player.ping(op, c)
			var failures []string
			if err != nil {
				failures = []string{"the test cannot be played: " + err.Error()}
			} else {
				o.reached.add(t)
				failures = o.player.receivedFailures(t)
				if want := cmp.Or(c.Result, pingSucceeded); got != want {
					failures = append(failures, fmt.Sprintf("result: want %s, got %s%s", want, got, because(t)))
				}
			}
			results = append(results, testResult{
				Operation: op.spec.ID, Name: c.Name, Place: c.Pos, Passed: len(failures) == 0, Failures: failures, Seconds: time.Since(start).Seconds(),
			})
		}
	}
	return results
}

// ping plays one test of a ping: what it sends, and how it ends with what the host does then.
func (p *player) ping(op *operation, c *specs.TestCase) (*turn, string, error) {
	t, err := p.turnOf(op, c)
	if err != nil {
		return nil, "", err
	}
	t.called = true
	if t.received, err = requestMessage(p.plan.ws, op, c); err != nil {
		return nil, "", err
	}
	if t.reply == nil {
		return t, pingFailed, nil
	}
	run := op.transform.Start()
	defer run.Release()
	if _, err := run.Request(caseInput(op, c)); err != nil {
		return nil, "", err
	}
	out, err := run.Reply(*t.reply)
	t.outcome, t.variant, t.failed = out.Outcome, out.Variant, err
	if err == nil && out.HostFailed {
		return t, pingFailed, nil
	}
	return t, pingSucceeded, nil // a reply that cannot be read shows that the host is alive
}

// because tells why a ping ended as it did.
func because(t *turn) string {
	switch {
	case t.failed != nil:
		return ": the reply cannot be read: " + t.failed.Error()
	case t.reply != nil:
		return " by outcome " + t.op.outcomeName(1, "", t.outcome)
	}
	return ""
}
