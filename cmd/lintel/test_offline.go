// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lintel/specs"
	"lintel/transforms"
)

// offline plays tests in this process.
type offline struct {
	player  *player
	reached *coverage
}

// hear plays the tests of listeners that the pattern chooses.
func (o *offline) hear(ctx context.Context, pattern string) []testResult {
	var results []testResult
	for _, l := range o.player.plan.listeners {
		for _, tc := range casesFor(o.player.plan.ws, l.config.Name) {
			if !matches(pattern, l.config.Name, tc.Name) {
				continue
			}
			start := time.Now()
			var failures []string
			if h, err := o.player.hear(ctx, l, tc); err != nil {
				failures = []string{"the test cannot be played: " + err.Error()}
			} else {
				failures = h.failures(o.player)
				o.reached.heard(h)
			}
			results = append(results, testResult{
				Operation: l.config.Name, Name: tc.Name, Place: tc.Pos, Passed: len(failures) == 0, Failures: failures, Seconds: time.Since(start).Seconds(),
			})
		}
	}
	return results
}

func (o *offline) run(ctx context.Context, op *operation, c *specs.TestCase) ([]string, error) {
	t, a, err := o.player.play(ctx, op, c)
	if err != nil {
		return []string{"the test cannot be played: " + err.Error()}, nil //nolint:nilerr // it is a result of this test alone
	}
	o.reached.add(t)
	if len(t.parts) > 0 {
		return append(o.stepFailures(t, a), answerFailures(op.spec, c, a)...), nil
	}
	if t.called && t.reply == nil && c.Fails == "" && c.Response != nil {
		return []string{errNoReply.Error() + ": add host.replies"}, nil
	}
	return append(o.player.hostFailures(t, a), answerFailures(op.spec, c, a)...), nil
}

// stepFailures compares what the hosts of the steps got. A reply that does not let the operation go on
// is no failure, if the test says what the app gets then.
func (o *offline) stepFailures(t *turn, a *httpAnswer) []string {
	var out []string
	for _, part := range t.parts {
		if part.called && part.reply == nil && part.c.Fails == "" {
			out = append(out, fmt.Sprintf("%s: %s: add it to steps", part.op.name(), errNoReply))
			continue
		}
		for _, f := range o.player.hostFailures(part, a) {
			out = append(out, part.op.name()+": "+f)
		}
	}
	return out
}

// hostFailures compares what the host got.
func (p *player) hostFailures(t *turn, a *httpAnswer) []string {
	asked := t.c.Receives != nil || t.c.Replies != nil || t.c.Fails != ""
	switch {
	case !t.called && asked:
		return []string{fmt.Sprintf("the host was not called, the app got %d%s%s", a.status, problemCode(a), unwritten(t.failed))}
	case !t.called:
		return nil
	}
	out := p.receivedFailures(t)
	switch {
	case t.failed != nil:
		out = append(out, "the reply of the host cannot be used: "+t.failed.Error())
	case t.invalid != nil:
		out = append(out, "the answer breaks the contract: "+t.invalid.Error())
	}
	return out
}

// unwritten tells the integrator what the app is not told: which field of the host a value does not fit, and
// which expression failed.
func unwritten(err error) string {
	var field *transforms.FieldError
	var expression *transforms.ExprError
	if errors.As(err, &field) || errors.As(err, &expression) {
		return ": " + err.Error()
	}
	return ""
}

func (p *player) receivedFailures(t *turn) []string {
	if t.c.Receives == nil {
		return nil
	}
	want, findings := transforms.LiteralProperties(t.op.backend.Wire, true, t.c.Receives.Properties)
	if findings.HasErrors() {
		return []string{findings.Error()}
	}
	return messageFailures(p.plan.ws, "host receives", t.op.transform.Request, t.c.Receives, want, t.received)
}

// messageFailures compares a message that a host gets with what a test says of it.
func messageFailures(ws *specs.Workspace, what string, t *transforms.MessageType, m *specs.HostMessage, properties map[string]any, received transforms.Message) []string {
	out := propertyFailures(what, properties, received)
	switch {
	case m.Hex != nil || m.File != nil:
		want, err := hostBytes(ws, t, m)
		if err != nil {
			return append(out, "what the host must receive cannot be read: "+err.Error())
		}
		return append(out, byteDifferences(what+" ", t, received.Body, want)...)
	case m.Fields == nil:
		return out
	}
	got, err := decodeMessage(t, received.Body)
	if err != nil {
		return append(out, "the message of the request cannot be read back: "+err.Error())
	}
	for _, d := range jsonDifferences(got, nodeJSON(m.Fields), false) {
		out = append(out, what+" "+d.String()+fieldPlace(t, d.Pointer, received.Body))
	}
	return out
}

// propertyFailures compares the properties of the message that the host got.
func propertyFailures(what string, want map[string]any, received transforms.Message) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		one := map[string]any{name: want[name]}
		if !transforms.HasProperties(received.Properties, one) {
			out = append(out, fmt.Sprintf("%s property %s: want %v, got %v", what, name, want[name], received.Properties[name]))
		}
	}
	return out
}

// answerFailures compares what the app got.
func answerFailures(op *specs.Operation, c *specs.TestCase, a *httpAnswer) []string {
	var out []string
	if want := c.Response.Get("status"); want != nil && want.Text != fmt.Sprint(a.status) {
		out = append(out, fmt.Sprintf("response status: want %s, got %d%s", want.Text, a.status, problemCode(a)))
	}
	if want := c.Response.Get("headers"); want != nil {
		for _, f := range want.Fields {
			if got := a.header.Get(f.Key.Text); got != f.Value.Text {
				out = append(out, fmt.Sprintf("response header %s: want %q, got %q", f.Key.Text, f.Value.Text, got))
			}
		}
	}
	if want := c.Response.Get("body"); want != nil {
		got, wanted := answeredValue(op, a, want)
		for _, d := range jsonDifferences(got, wanted, false) {
			out = append(out, "response "+d.String())
		}
	}
	return out
}

// problemCode names the problem of an answer, with what it says about single values.
func problemCode(a *httpAnswer) string {
	if !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
		return ""
	}
	doc, ok := tree(a.body)
	m, isObject := doc.(map[string]any)
	if !ok || !isObject {
		return ""
	}
	text := fmt.Sprintf(" (%v)", m["code"])
	list, _ := m["errors"].([]any)
	for _, e := range list {
		if e, ok := e.(map[string]any); ok {
			text += fmt.Sprintf(" %v%v: %v", cmp.Or(fmt.Sprint(e["parameter"]), ""), e["pointer"], e["detail"])
		}
	}
	return strings.ReplaceAll(text, "<nil>", "")
}
