// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/json"
)

// record completes tests that say only what the app sends: with what the simulated host replied and what the
// app got then, or, with --against, with what the running gateway answered.
func (c *testCommand) record(ctx context.Context, compiled *plan, pattern string) error {
	player, err := newPlayer(compiled)
	if err != nil {
		return &exitError{code: exitInternal, err: err}
	}
	var gateway *remote
	if c.against != "" {
		if gateway, err = newRemote(c); err != nil {
			return err
		}
	}
	u := &updater{p: c.p, plan: compiled, edits: map[string]*yamlEdits{}}
	for _, op := range compiled.operations {
		for _, tc := range casesFor(compiled.ws, op.spec.ID) {
			if tc.Request == nil || tc.Response != nil || !matches(pattern, op.spec.ID, tc.Name) {
				continue
			}
			var lines string
			if gateway != nil {
				lines, err = gateway.recorded(ctx, op, tc)
			} else {
				lines, err = u.recorded(ctx, player, op, tc)
			}
			if err == nil {
				err = u.add(tc, lines)
			}
			if err != nil {
				u.left = append(u.left, fmt.Sprintf("%s %s/%s: %v", tc.Pos, op.spec.ID, tc.Name, err))
			}
		}
	}
	return u.write()
}

// add puts lines behind a test.
func (u *updater) add(tc *specs.TestCase, lines string) error {
	e, err := u.document(tc.Pos.File)
	if err != nil {
		return err
	}
	root, _ := specs.ParseYAML(tc.Pos.File, []byte(e.src))
	for _, item := range root.Items {
		if item.Pos == tc.Pos {
			return e.below(item, lines)
		}
	}
	return errNoPlace
}

// recorded plays a request against the simulated host.
func (u *updater) recorded(ctx context.Context, player *player, op *operation, tc *specs.TestCase) (string, error) {
	host := ""
	played := *tc
	if tc.Replies == nil && tc.Fails == "" && len(tc.Steps) == 0 {
		reply, text, err := u.simulated(op, tc)
		if err != nil {
			return "", err
		}
		played.Replies, host = reply, "host: {replies: "+text+"}\n"
	}
	_, a, err := player.play(ctx, op, &played)
	if err != nil {
		return "", err
	}
	return host + responseLine(a.status, a.body), nil
}

func responseLine(status int, body []byte) string {
	text, err := json.Compact(nil, body)
	if err != nil || len(body) == 0 {
		return fmt.Sprintf("response: {status: %d}\n", status)
	}
	if names, values := members(text); slices.Contains(names, "traceId") && status >= http.StatusBadRequest {
		text = []byte{'{'} // a problem, without what is another one each time
		for i, name := range names {
			if name == "traceId" || name == "instance" {
				continue
			}
			if len(text) > 1 {
				text = append(text, ',')
			}
			text = append(append(transforms.AppendQuoted(text, name), ':'), values[i]...)
		}
		text = append(text, '}')
	}
	return fmt.Sprintf("response: {status: %d, body: %s}\n", status, text)
}

// simulated is what the simulated host replies to the request of a test, and its form in a test.
func (u *updater) simulated(op *operation, tc *specs.TestCase) (*specs.HostMessage, string, error) {
	if op.steps != nil || len(op.doc.Reply.Variants) > 0 {
		return nil, "", fmt.Errorf("an operation of several steps, or whose reply has variants, needs its replies written by hand")
	}
	sim, err := (&simulationFlags{seed: -1}).over(u.plan.ws.Simulation)
	if err != nil {
		return nil, "", err
	}
	host, findings := newAnswers(u.plan, op.backend, sim)
	if findings.HasErrors() {
		return nil, "", findings
	}
	msg, err := requestMessage(u.plan.ws, op, tc)
	if err != nil {
		return nil, "", err
	}
	reaction := host.react(transforms.Message{Body: msg.Body, Properties: msg.Properties})
	if reaction.act != "" {
		return nil, "", fmt.Errorf("the simulated host gave no reply: %s", reaction.how.source)
	}
	text := fmt.Sprintf("{hex: \"%x\"}", reaction.reply.Body)
	if t := op.transform.Answer(""); t != nil {
		if fields, err := decodeMessage(t, reaction.reply.Body); err == nil {
			text = "{fields: " + string(fields) + "}"
		}
	}
	return &specs.HostMessage{Hex: &specs.Text{Value: fmt.Sprintf("%x", reaction.reply.Body)}}, text, nil
}

// recorded asks the running gateway.
func (r *remote) recorded(ctx context.Context, op *operation, tc *specs.TestCase) (string, error) {
	a, err := r.ask(ctx, op, tc)
	if err != nil {
		return "", err
	}
	if a.status >= http.StatusInternalServerError {
		return "", fmt.Errorf("the gateway answered %d", a.status)
	}
	return responseLine(a.status, a.body), nil
}

// reload reads the workspace again after its tests were written.
func (c *testCommand) reload(compiled *plan) (*plan, error) {
	again, _, err := c.p.ready(filepath.Clean(compiled.ws.Dir))
	return again, err
}
