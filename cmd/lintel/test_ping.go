// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"time"

	"lintel/specs"
	"lintel/transforms"
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
			end := pingSucceeded // a reply that cannot be read shows that the host is alive
			if c.Replies == nil {
				end = pingFailed
			}
			results = append(results, o.exchange(op, c, cmp.Or(c.Result, pingSucceeded), func(out *transforms.Output) (string, []string) {
				if out != nil && out.HostFailed {
					return pingFailed, nil
				}
				return end, nil
			}))
		}
	}
	return results
}

// exchange plays the test of an exchange that is no call: what it sends, and how it ends with what the host replies. judge
// gets what the transform made of the reply, nil if there is none or it cannot be read, and tells the end and other failures.
func (o *offline) exchange(op *operation, c *specs.TestCase, want string, judge func(*transforms.Output) (end string, failures []string)) testResult {
	start := time.Now()
	var failures []string
	if t, end, more, err := o.player.exchange(op, c, judge); err != nil {
		failures = []string{"the test cannot be played: " + err.Error()}
	} else {
		o.reached.add(t)
		failures = o.player.receivedFailures(t)
		if end != want {
			failures = append(failures, fmt.Sprintf("result: want %s, got %s%s", want, end, because(t)))
		}
		failures = append(failures, more...)
	}
	return testResult{
		Operation: op.spec.ID, Name: c.Name, Place: c.Pos, Passed: len(failures) == 0, Failures: failures, Seconds: time.Since(start).Seconds(),
	}
}

func (p *player) exchange(op *operation, c *specs.TestCase, judge func(*transforms.Output) (string, []string)) (t *turn, end string, failures []string, err error) {
	if t, err = p.turnOf(op, c); err != nil {
		return nil, "", nil, err
	}
	run := op.transform.Start()
	defer run.Release()
	t.called = true
	if t.received, err = requestOf(run, p.plan.ws, op, c); err != nil {
		return nil, "", nil, err
	}
	var made *transforms.Output
	if t.reply != nil {
		out, err := run.Reply(*t.reply)
		t.outcome, t.variant, t.failed, t.invalid = out.Outcome, out.Variant, err, out.Invalid
		if err == nil {
			made = &out
		}
		if op.asks != "" {
			t.variant = repliedVariant(op, c) // that of the output is what the step replied
		}
	}
	end, failures = judge(made)
	return t, end, failures, nil
}

// because tells why an exchange ended as it did.
func because(t *turn) string {
	switch {
	case t.failed != nil:
		return ": the reply cannot be read: " + t.failed.Error()
	case t.reply != nil:
		return " by outcome " + t.op.outcomeName(1, "", t.outcome)
	}
	return ""
}
