// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// shadow compares recorded exchanges with what a workspace or a host makes of them now.
type shadow struct {
	plan   *plan
	ops    map[string]*operation
	report *shadowReport
	// calls wait for the last of their exchanges.
	calls gathered
	hosts map[string]adapters.Adapter
	next  time.Time
}

// shadowReport is the result of a comparison.
type shadowReport struct {
	FormatVersion string         `json:"formatVersion"`
	Recording     string         `json:"recording"`
	Against       string         `json:"against"`
	Exchanges     int            `json:"exchanges"`
	Same          int            `json:"same"`
	Different     int            `json:"different"`
	Skipped       map[string]int `json:"skipped"`
	Differences   []*shadowed    `json:"differences"`
}

// shadowed is one exchange with what is different in it.
type shadowed struct {
	// Exchange numbers it in the recording, from 1.
	Exchange  int              `json:"exchange"`
	Time      time.Time        `json:"time"`
	Operation string           `json:"operation"`
	Found     []fieldDifferent `json:"found"`
	// skipped says why it cannot be compared; empty if it was.
	skipped string
}

// fieldDifferent is one difference: recorded and now are JSON texts, or bytes in hexadecimal; empty for what is not there.
type fieldDifferent struct {
	// Of is request, reply or answer.
	Of       string `json:"of"`
	Pointer  string `json:"pointer,omitempty"`
	Recorded string `json:"recorded,omitempty"`
	Now      string `json:"now,omitempty"`
	// Place is the field of the record with its offset and picture; Detail says what has no pointer.
	Place  string `json:"place,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// exchange compares one exchange. Those of an operation of several steps wait for its call, if the workspace is compared.
func (s *shadow) exchange(ctx context.Context, n int, x *taped, each func(*taped, *operation, *shadowed) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.report.Against == "workspace" && x.Listener == "" && (x.Part != "" || x.Request == nil) {
		s.step(n, x)
		return nil
	}
	if x.Request == nil || x.Listener != "" && s.report.Against == "host" {
		return nil // no host has to do with it
	}
	y := newShadowed(n, x)
	op := s.ops[y.Operation]
	switch {
	case x.Listener != "":
		s.heard(x, y)
	case op == nil:
		y.skipped = notThere
	default:
		if err := each(x, op, y); err != nil {
			return err
		}
	}
	s.count(y)
	return nil
}

// notThere is why an exchange of an operation that was removed is not compared.
const notThere = "the workspace does not have the operation"

func newShadowed(n int, x *taped) *shadowed {
	name := tapeName(x.Operation, x.Part)
	if x.Listener != "" {
		name = "listener " + x.Listener
	}
	return &shadowed{Exchange: n, Time: x.Time, Operation: name}
}

// count takes a comparison into the report.
func (s *shadow) count(y *shadowed) {
	s.report.Exchanges++
	switch {
	case y.skipped != "":
		if s.report.Skipped == nil {
			s.report.Skipped = map[string]int{}
		}
		s.report.Skipped[y.skipped]++
	case len(y.Found) == 0:
		s.report.Same++
	default:
		s.report.Different++
		s.report.Differences = append(s.report.Differences, y)
	}
}

// workspace makes the request again, and reads the reply again.
func (s *shadow) workspace(x *taped, op *operation, y *shadowed) error {
	if x.Params == nil {
		y.skipped = "what the app sent was not kept"
		return nil
	}
	run := op.transform.Start()
	defer run.Release()
	in := transforms.Input{Params: x.Params, Body: x.Body, Media: x.Media, Now: x.Time, ExchangeID: x.Exchange}
	out, ok := y.again(run, in, x, op)
	switch {
	case !ok:
	case x.Answer == nil:
		y.Found = append(y.Found, fieldDifferent{Of: "reply", Detail: "it can be read now"})
	default:
		y.answers(op.transform, x.Answer, out)
	}
	return nil
}

// again makes the request of an exchange again and reads its reply; false if there is nothing more to compare.
func (y *shadowed) again(run *transforms.Run, in transforms.Input, x *taped, op *operation) (transforms.Output, bool) {
	m, err := run.Request(in)
	switch {
	case err != nil && x.Request.Masked > 0:
		y.skipped = "the masked request breaks the contract"
		return transforms.Output{}, false
	case err != nil:
		y.Found = append(y.Found, fieldDifferent{Of: "request", Detail: "it cannot be made any more: " + err.Error()})
		return transforms.Output{}, false
	}
	y.messages("request", op.transform.Request, sensitiveExchange(op), x.Request, cloneMessage(m))
	if x.Reply == nil {
		return transforms.Output{}, false
	}
	out, err := run.Reply(x.Reply.message())
	if err == nil && out.Invalid != nil {
		err = out.Invalid
	}
	switch {
	case err != nil && x.Answer == nil && op.of == nil:
	case err != nil && x.Reply.Masked > 0:
		y.skipped = "the masked reply cannot be read"
	case err != nil:
		y.Found = append(y.Found, fieldDifferent{Of: "reply", Detail: "it cannot be read any more: " + err.Error()})
	}
	return out, err == nil
}

// answers compares what the app got with what it would get.
func (y *shadowed) answers(t *transforms.Transform, was *tapedAnswer, now transforms.Output) {
	if was.Status != now.Status {
		y.Found = append(y.Found, fieldDifferent{Of: "answer", Detail: "status", Recorded: fmt.Sprint(was.Status), Now: fmt.Sprint(now.Status)})
	}
	body, err := transforms.MaskAt(bytes.Clone(now.Body), t.Flow().Answer)
	if err != nil || len(was.Body) == 0 && len(body) == 0 {
		return
	}
	for _, d := range jsonDifferences(body, was.Body, true) {
		y.Found = append(y.Found, fieldDifferent{Of: "answer", Pointer: d.Pointer, Recorded: d.Want, Now: d.Got})
	}
}

// messages compares two messages: by field where both can be read, else by byte.
func (y *shadowed) messages(of string, t *transforms.MessageType, secret bool, was *tapedMessage, now transforms.Message) {
	masked, err := maskedMessage(t, now, secret)
	if err != nil {
		y.Found = append(y.Found, fieldDifferent{Of: of, Detail: err.Error()})
		return
	}
	before, berr := decodeMessage(t, was.Bytes)
	after, aerr := decodeMessage(t, masked.Bytes)
	if berr == nil && aerr == nil {
		for _, d := range jsonDifferences(after, before, true) {
			y.Found = append(y.Found, fieldDifferent{
				Of: of, Pointer: d.Pointer, Recorded: d.Want, Now: d.Got, Place: strings.TrimSpace(fieldPlace(t, d.Pointer, masked.Bytes)),
			})
		}
	}
	if len(y.Found) == 0 && was.Masked == 0 && !bytes.Equal(was.Bytes, masked.Bytes) {
		for _, d := range byteDifferences("", t, masked.Bytes, was.Bytes) {
			y.Found = append(y.Found, fieldDifferent{Of: of, Detail: d})
		}
	}
}

// host sends the message to the host as it is now.
func (s *shadow) host(ctx context.Context, x *taped, op *operation, y *shadowed, c *replayCommand) error {
	safe := op.safe()
	if op.of != nil {
		safe = op.stepSafe(op.of.doc.Steps[op.step]) && !op.undo
	}
	switch {
	case x.Request.Masked > 0:
		y.skipped = "the request was masked"
	case !safe && !c.unsafe:
		y.skipped = "it changes something: --unsafe sends it"
	case x.Reply == nil:
		y.skipped = "no reply was recorded"
	}
	if y.skipped != "" {
		return nil
	}
	if !sleep(ctx, time.Until(s.next)) {
		return ctx.Err()
	}
	s.next = time.Now().Add(time.Second / time.Duration(c.rate))
	a, err := s.adapter(op)
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	inner, cancel := context.WithTimeout(ctx, op.backend.Timeout)
	defer cancel()
	reply, err := a.Exchange(inner, adapters.Message(x.Request.message()))
	var e *adapters.Error
	if errors.As(err, &e) {
		if e.Kind == adapters.Unreachable {
			return &exitError{code: exitUnreachable, err: fmt.Errorf("backend %s cannot be reached: %w", op.backend.Name, err)}
		}
		y.Found = append(y.Found, fieldDifferent{Of: "reply", Detail: "there is none now: " + e.Kind.String()})
		return nil
	}
	if err != nil {
		return err
	}
	t := op.transform.Answer("")
	for _, of := range answerTypes(op.transform) {
		if _, err := decodeMessage(of, x.Reply.Bytes); err == nil {
			t = of
			break
		}
	}
	y.messages("reply", t, sensitiveExchange(op), x.Reply, transforms.Message(reply))
	return nil
}

// adapter is the way to the host of an exchange, made when it is first needed.
func (s *shadow) adapter(op *operation) (adapters.Adapter, error) {
	if a := s.hosts[op.backend.Name]; a != nil {
		return a, nil
	}
	a, err := newAdapter(s.plan.ws.FS, op.backend)
	if err != nil {
		return nil, fmt.Errorf("backend %s: %w", op.backend.Name, err)
	}
	if s.hosts == nil {
		s.hosts = map[string]adapters.Adapter{}
	}
	s.hosts[op.backend.Name] = a
	return a, nil
}

// close closes the connections to hosts.
func (s *shadow) close() {
	for _, a := range s.hosts {
		if c, can := a.(interface{ Close() error }); can {
			_ = c.Close()
		}
	}
}

// print writes the report, and fails if there is a difference.
func (r *shadowReport) print(p *program) error {
	if r.Differences == nil {
		r.Differences = []*shadowed{}
	}
	if r.Skipped == nil {
		r.Skipped = map[string]int{}
	}
	if p.output == "json" {
		if err := p.printJSON(r); err != nil {
			return err
		}
	} else if err := r.printText(p); err != nil {
		return err
	}
	if r.Different > 0 {
		return &exitError{code: exitFindings, err: errors.New("there are differences"), silent: true}
	}
	return nil
}

func (r *shadowReport) printText(p *program) error {
	var b strings.Builder
	for _, y := range r.Differences {
		fmt.Fprintf(&b, "exchange %d  %s  %s\n", y.Exchange, y.Time.UTC().Format(time.RFC3339), y.Operation)
		for _, d := range y.Found {
			what := strings.TrimSpace(d.Pointer + " " + d.Detail)
			line := "  " + d.Of + " " + what
			switch {
			case d.Recorded != "" && d.Now != "":
				line += fmt.Sprintf(": recorded %s, now %s", d.Recorded, d.Now)
			case d.Recorded != "":
				line += fmt.Sprintf(": recorded %s, not there now", d.Recorded)
			case d.Now != "":
				line += fmt.Sprintf(": not recorded, now %s", d.Now)
			}
			if d.Place != "" {
				line += "  " + d.Place
			}
			b.WriteString(line + "\n")
		}
	}
	for _, why := range slices.Sorted(maps.Keys(r.Skipped)) {
		fmt.Fprintf(&b, "not compared: %s: %s\n", count(r.Skipped[why], "exchange"), why)
	}
	fmt.Fprintf(&b, "%s: %d the same, %d different\n", count(r.Exchanges, "exchange"), r.Same, r.Different)
	_, err := p.stdout.Write([]byte(b.String()))
	return err
}
