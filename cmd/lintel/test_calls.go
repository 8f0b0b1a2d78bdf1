// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/json"
)

// callRecorder turns calls that were kept into tests.
type callRecorder struct {
	*updater
	player *player
	ops    map[string]*operation
	// made are the tests that were added, by operation.
	made map[string][]*specs.TestCase
	// texts are those tests as they are written, the newest first.
	texts []callText
	// added, known and masked count calls.
	added, known, masked int
	// out says why calls became no tests, with how many.
	out map[string]int
}

// callText is the text of a test, and the file that it belongs to.
type callText struct{ file, text string }

// errKnown says that a call is a test already.
var errKnown = errors.New("it is a test already")

// recordCalls adds a test for each of the last calls that is none yet.
func (c *testCommand) recordCalls(ctx context.Context, compiled *plan, pattern string) error {
	list, err := c.calls.calls(ctx)
	if err != nil {
		return err
	}
	player, err := newPlayer(compiled)
	if err != nil {
		return &exitError{code: exitInternal, err: err}
	}
	r := &callRecorder{
		updater: &updater{p: c.p, plan: compiled, edits: map[string]*yamlEdits{}}, player: player,
		ops: exchangesByName(compiled), made: map[string][]*specs.TestCase{}, out: map[string]int{},
	}
	for _, call := range slices.Backward(r.gather(list)) { // of the same call twice, the last one is what the workspace does now
		record := r.steps
		if len(call) == 1 {
			record = func(ctx context.Context, call []placed, pattern string) error {
				return r.call(ctx, call[0].taped, pattern)
			}
		}
		switch err := record(ctx, call, pattern); {
		case errors.Is(err, errKnown):
			r.known++
		case err != nil:
			r.out[err.Error()]++
		}
	}
	if err := r.append(); err != nil {
		return err
	}
	return r.tell(c.calls.from)
}

// tell says what became of the calls.
func (r *callRecorder) tell(from string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "recorded %s from %s", count(r.added, "test"), from)
	if r.masked > 0 {
		fmt.Fprintf(&b, ", %d of them with masked values", r.masked)
	}
	b.WriteString("\n")
	if r.known > 0 {
		fmt.Fprintf(&b, "not recorded: %s that %s already\n", count(r.known, "call"), map[bool]string{true: "is a test", false: "are tests"}[r.known == 1])
	}
	for _, why := range slices.Sorted(maps.Keys(r.out)) {
		fmt.Fprintf(&b, "not recorded: %s: %s\n", count(r.out[why], "call"), why)
	}
	_, err := fmt.Fprint(r.p.stderr, b.String())
	return err
}

// call makes a test of one call. The error is why it is none.
func (r *callRecorder) call(ctx context.Context, x *taped, pattern string) error {
	op := r.ops[tapeName(x.Operation, x.Part)]
	switch {
	case op == nil || op.steps != nil:
		return fmt.Errorf("the workspace has no operation %s", x.Operation)
	case x.Params == nil:
		return errors.New("what the app sent was not kept")
	case x.Reply == nil:
		return errors.New("the host gave no reply")
	case x.Answer == nil:
		return errors.New("the reply could not be read")
	}
	request := requestText(op, x)
	if !matches(pattern, op.spec.ID, r.name(op, x)) {
		return nil
	}
	lines := []string{"request: " + request, "host: " + hostText(op, x, nil, nil)}
	tc, t, a, err := r.tryOut(ctx, op, x, lines)
	if err != nil {
		return err
	}
	lines[1] = "host: " + hostText(op, x, &t.variant, calledBy(t, tc))
	lines = append(lines, strings.TrimSuffix(answerText(x, a), "\n"))
	return r.add(op, tc, lines, x.Request.Masked > 0 || x.Reply.Masked > 0)
}

// tryOut plays the test that lines make, so that what it answers can be written down as what is expected. The error is
// errKnown if there is such a test already.
func (r *callRecorder) tryOut(ctx context.Context, op *operation, x *taped, lines []string) (*specs.TestCase, *turn, *httpAnswer, error) {
	tc, err := testOf(lines)
	if err != nil {
		return nil, nil, nil, err
	}
	tc.Name = r.name(op, x)
	if r.has(op, tc, x.Answer.Status) {
		return nil, nil, nil, errKnown
	}
	t, a, err := r.player.play(ctx, op, tc)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("a test of %s cannot be played: %w", op.spec.ID, err)
	}
	return tc, t, a, nil
}

// add takes a test whose lines are complete.
func (r *callRecorder) add(op *operation, tc *specs.TestCase, lines []string, masked bool) error {
	whole, err := testOf(lines)
	if err != nil {
		return err
	}
	tc.Response = whole.Response
	r.texts = append(r.texts, callText{r.file(op), "- name: " + string(transforms.AppendQuoted(nil, tc.Name)) + "\n  " + strings.Join(lines, "\n  ") + "\n"})
	r.made[op.spec.ID] = append(r.made[op.spec.ID], tc)
	r.added++
	if masked {
		r.masked++
	}
	return nil
}

// answerText is what the app got: as it was kept, but for problems and masked values, which are what the
// workspace makes of the reply.
func answerText(x *taped, played *httpAnswer) string {
	switch {
	case played.status != x.Answer.Status:
		return fmt.Sprintf("response: {status: %d}\n", x.Answer.Status)
	case played.status >= http.StatusBadRequest || x.Request.Masked > 0 || x.Reply.Masked > 0:
		return responseLine(played.status, played.body)
	}
	return responseLine(x.Answer.Status, x.Answer.Body)
}

// name is one that no test of the operation has: the parameters of the path and the status.
func (r *callRecorder) name(op *operation, x *taped) string {
	var parts []string
	groups, values := members(x.Params)
	for i, group := range groups {
		if group != "path" {
			continue
		}
		names, texts := members(values[i])
		for k, name := range names {
			parts = append(parts, name+" "+strings.Trim(string(texts[k]), `"`))
		}
	}
	said := strings.Join(parts, ", ")
	if utf8.RuneCountInString(said) > 60 {
		said = string([]rune(said)[:60]) + "…"
	}
	if said == "" {
		said = op.spec.ID
	}
	name := fmt.Sprintf("%s answers %d", said, x.Answer.Status)
	taken := func(name string) bool {
		same := func(tc *specs.TestCase) bool { return tc.Name == name }
		return slices.ContainsFunc(casesFor(r.plan.ws, op.spec.ID), same) || slices.ContainsFunc(askedFor(r.plan.ws, op.spec.ID), same) || slices.ContainsFunc(r.made[op.spec.ID], same)
	}
	for n, first := 2, name; taken(name); n++ {
		name = fmt.Sprintf("%s (%d)", first, n)
	}
	return name
}

// has tells that a request with this status is a test already.
func (r *callRecorder) has(op *operation, tc *specs.TestCase, status int) bool {
	want := nodeJSON(tc.Request)
	return slices.ContainsFunc(slices.Concat(casesFor(r.plan.ws, op.spec.ID), r.made[op.spec.ID]), func(old *specs.TestCase) bool {
		if old.Request == nil || old.Response == nil || !json.Equal(nodeJSON(old.Request), want) {
			return false
		}
		s := old.Response.Get("status")
		return s != nil && s.Text == fmt.Sprint(status)
	})
}

// file is where the tests of an operation are.
func (r *callRecorder) file(op *operation) string {
	for _, f := range r.plan.ws.Tests {
		if f.Operation == op.spec.ID {
			return f.File
		}
	}
	return "tests/" + op.spec.ID + ".yaml"
}

// append adds the tests to their files, the oldest first.
func (r *callRecorder) append() error {
	for _, t := range slices.Backward(r.texts) {
		e, err := r.document(t.file)
		if err != nil {
			return err
		}
		root, _ := specs.ParseYAML(t.file, []byte(e.src))
		if err := e.item(root, t.text); err != nil {
			return &exitError{code: exitLoad, err: fmt.Errorf("%s is not written as a list in lines of its own; nothing was recorded", t.file)}
		}
	}
	if len(r.texts) > 0 {
		if err := os.MkdirAll(filepath.Join(r.plan.ws.Dir, "tests"), 0o755); err != nil { //nolint:gosec // a workspace is no secret
			return &exitError{code: exitLoad, err: err}
		}
	}
	return r.write()
}
