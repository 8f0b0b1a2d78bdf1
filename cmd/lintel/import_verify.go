// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"lintel/specs"
)

// verifyDraft checks a workspace as it would be, and runs the tests of some of its operations.
func verifyDraft(ctx context.Context, p *program, d *draft, tested func(operation string) bool) error {
	ws, findings := specs.Load(d.stage, p.env)
	if ws == nil {
		return failedImport(p, ws, findings)
	}
	compiled, more := compile(ws)
	findings = append(append(findings, more...), checkTests(compiled)...)
	if findings.HasErrors() {
		return failedImport(p, ws, findings)
	}
	ws.Dir = d.dir
	if err := printFindings(p.stderr, ws, findings.Sort()); err != nil {
		return err
	}
	player, err := newPlayer(compiled)
	if err != nil {
		return &exitError{code: exitInternal, err: err}
	}
	for _, op := range compiled.operations {
		if !tested(op.spec.ID) {
			continue
		}
		for _, c := range casesFor(ws, op.spec.ID) {
			t, a, err := player.play(ctx, op, c)
			if err == nil {
				if wrong := append(player.hostFailures(t, a), answerFailures(op.spec, c, a)...); len(wrong) > 0 {
					err = errors.New(strings.Join(wrong, "; "))
				}
			}
			if err != nil {
				return &exitError{code: exitInternal, err: fmt.Errorf("the example of the test of %s does not pass, nothing was written: %w", op.spec.ID, err)}
			}
		}
	}
	return nil
}

// askedFor are the tests of the inquiries and the reversal of an operation.
func askedFor(ws *specs.Workspace, operation string) []*specs.TestCase {
	var out []*specs.TestCase
	for _, f := range ws.Tests {
		if f.Operation == operation {
			out = append(out, f.Asks...)
		}
	}
	return out
}

// casesFor are the tests of an operation, but for those of its inquiries and its reversal.
func casesFor(ws *specs.Workspace, operation string) []*specs.TestCase {
	var out []*specs.TestCase
	for _, f := range ws.Tests {
		if f.Operation == operation {
			out = append(out, f.Cases...)
		}
	}
	return out
}

// failedImport prints what is wrong with a workspace that is not written.
func failedImport(p *program, ws *specs.Workspace, findings specs.Findings) error {
	if err := printFindings(p.stderr, ws, findings.Sort()); err != nil {
		return err
	}
	return &exitError{code: exitFindings, err: errors.New("nothing was written")}
}
