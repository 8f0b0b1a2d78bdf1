// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/specs"
)

// TestAskTold compares what the inquiry of a step tells with what a test says of it.
func TestAskTold(t *testing.T) {
	p := mustCompile(t, "../../examples/bank", noEnv)
	play, err := newPlayer(p)
	if err != nil {
		t.Fatal(err)
	}
	cases := askedFor(p.ws, "createPayment")
	c := cases[slices.IndexFunc(cases, func(c *specs.TestCase) bool { return c.Ask.Tells != nil })]
	runner := &offline{player: play, reached: newCoverage(p)}
	failures := func() []string { return runner.ask("createPayment/" + c.Name)[0].Failures }
	if got := failures(); got != nil {
		t.Fatal(got)
	}
	c.Ask.Tells.Fields.Get("id").Text = "000000000048"
	want := []string{`inquiry tells /id: want "000000000048", got "000000000049"  [XFR-REPLY.XFR-ID, offset 22, PIC X(12): f0f0f0f0f0f0f0f0f0f0f4f9 |000000000049|]`}
	if diff := cmp.Diff(want, failures()); diff != "" {
		t.Error(diff)
	}
	c.Ask.Tells.Record = &specs.Node{Kind: specs.ScalarNode, Text: "copybooks/REGHDR.cpy"}
	want = []string{"inquiry tells a copybooks/XFER.cpy#XFR-REPLY: want a copybooks/REGHDR.cpy"}
	if diff := cmp.Diff(want, failures()); diff != "" {
		t.Error(diff)
	}
}
