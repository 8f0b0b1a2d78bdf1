// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms/json"
)

// updater rewrites what tests expect by what came.
type updater struct {
	p     *program
	plan  *plan
	edits map[string]*yamlEdits
	// left are the values that could not be rewritten.
	left []string
}

// update rewrites the expectations of failed tests, and shows what it changed.
func (c *testCommand) update(ctx context.Context, compiled *plan, failed []testResult) error {
	player, err := newPlayer(compiled)
	if err != nil {
		return &exitError{code: exitInternal, err: err}
	}
	u := &updater{p: c.p, plan: compiled, edits: map[string]*yamlEdits{}}
	for _, op := range compiled.operations {
		for _, tc := range casesFor(compiled.ws, op.spec.ID) {
			if !slices.ContainsFunc(failed, func(r testResult) bool { return r.Operation == op.spec.ID && r.Name == tc.Name && !r.Passed }) {
				continue
			}
			if err := u.test(ctx, player, op, tc); err != nil {
				return err
			}
		}
	}
	return u.write()
}

// document is the text of a file of tests.
func (u *updater) document(file string) (*yamlEdits, error) {
	if e := u.edits[file]; e != nil {
		return e, nil
	}
	path := filepath.Join(u.plan.ws.Dir, filepath.FromSlash(file))
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		u.edits[file] = newYAMLEdits("") // it begins with what is added
		return u.edits[file], nil
	}
	src, err := readDocument(path)
	if err != nil {
		return nil, &exitError{code: exitLoad, err: err}
	}
	u.edits[file] = newYAMLEdits(string(src))
	return u.edits[file], nil
}

func (u *updater) test(ctx context.Context, player *player, op *operation, tc *specs.TestCase) error {
	e, err := u.document(tc.Pos.File)
	if err != nil {
		return err
	}
	t, a, err := player.play(ctx, op, tc)
	if err != nil {
		return nil //nolint:nilerr // it cannot be played, which its result says
	}
	for _, part := range append([]*turn{t}, t.parts...) {
		u.received(e, part)
	}
	if tc.Response == nil {
		return nil
	}
	if n := tc.Response.Get("status"); n != nil {
		u.scalar(e, n, stdjson.Number(fmt.Sprint(a.status)))
	}
	if headers := tc.Response.Get("headers"); headers != nil {
		for _, f := range headers.Fields {
			if got := a.header.Get(f.Key.Text); got != f.Value.Text {
				u.replace(e, f.Value, jsonText(got))
			}
		}
	}
	if n := tc.Response.Get("body"); n != nil {
		got, _ := answeredValue(op.spec, a, n)
		if v, ok := tree(got); ok {
			u.value(e, n, v)
		}
	}
	return nil
}

// received rewrites what a host must get.
func (u *updater) received(e *yamlEdits, t *turn) {
	m := t.c.Receives
	if m == nil || !t.called {
		return
	}
	switch {
	case m.Hex != nil:
		if n := hexNode(u.plan.ws, m); n != nil && !strings.EqualFold(strings.Join(strings.Fields(n.Text), ""), fmt.Sprintf("%x", t.received.Body)) {
			u.replace(e, n, fmt.Sprintf("%q", fmt.Sprintf("%x", t.received.Body)))
		}
	case m.Fields != nil:
		got, err := decodeMessage(t.op.transform.Request, t.received.Body)
		if v, ok := tree(got); err == nil && ok {
			u.value(e, m.Fields, v)
		}
	}
}

// hexNode finds the node of a text by its place.
func hexNode(ws *specs.Workspace, m *specs.HostMessage) *specs.Node {
	for _, f := range ws.Tests {
		if f.File == m.Hex.Pos.File {
			return &specs.Node{Kind: specs.ScalarNode, Text: m.Hex.Value, Pos: m.Hex.Pos}
		}
	}
	return nil
}

// value rewrites a value as far as the test speaks of it: what it leaves open stays open.
func (u *updater) value(e *yamlEdits, n *specs.Node, got any) {
	switch g := got.(type) {
	case map[string]any:
		if n.Kind != specs.MapNode {
			u.replace(e, n, jsonText(got))
			return
		}
		if slices.ContainsFunc(n.Fields, func(f specs.NodeField) bool { _, ok := g[f.Key.Text]; return !ok }) {
			u.replace(e, n, jsonText(spokenOf(n, g)))
			return
		}
		for _, f := range n.Fields {
			u.value(e, f.Value, g[f.Key.Text])
		}
	case []any:
		if n.Kind != specs.ListNode || len(n.Items) != len(g) {
			u.replace(e, n, jsonText(got))
			return
		}
		for i, item := range n.Items {
			u.value(e, item, g[i])
		}
	default:
		u.scalar(e, n, got)
	}
}

// spokenOf are those members that a test names and that are there.
func spokenOf(n *specs.Node, got map[string]any) map[string]any {
	out := map[string]any{}
	for _, f := range n.Fields {
		if v, ok := got[f.Key.Text]; ok {
			out[f.Key.Text] = v
		}
	}
	return out
}

func (u *updater) scalar(e *yamlEdits, n *specs.Node, got any) {
	text := jsonText(got)
	if n.Kind == specs.ScalarNode && json.Equal(nodeJSON(n), []byte(text)) {
		return
	}
	u.replace(e, n, text)
}

func (u *updater) replace(e *yamlEdits, n *specs.Node, text string) {
	if err := e.replace(n, text); err != nil {
		u.left = append(u.left, fmt.Sprintf("%s: %v", n.Pos, err))
	}
}

// write writes the files that changed, and shows how.
func (u *updater) write() error {
	names := make([]string, 0, len(u.edits))
	for name := range u.edits {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		e := u.edits[name]
		text := e.text()
		if text == e.src {
			continue
		}
		file := filepath.Join(u.plan.ws.Dir, filepath.FromSlash(name))
		if _, findings := specs.ParseYAML(name, []byte(text)); findings.HasErrors() {
			return &exitError{code: exitInternal, err: fmt.Errorf("%s could not be rewritten: %w", file, findings)}
		}
		if err := rewrite(file, []byte(text)); err != nil {
			return &exitError{code: exitLoad, err: err}
		}
		if _, err := fmt.Fprint(u.p.stderr, textDiff(file, file+" updated", e.src, text)); err != nil {
			return err
		}
	}
	for _, l := range u.left {
		if _, err := fmt.Fprintf(u.p.stderr, "not updated: %s\n", l); err != nil {
			return err
		}
	}
	return nil
}
