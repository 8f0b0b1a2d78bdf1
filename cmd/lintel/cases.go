// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/gateway"
	"lintel/specs"
	"lintel/transforms"
)

// nodeJSON writes a YAML value as JSON. Quoted scalars are strings; others are null, booleans and
// numbers where they are written as JSON writes them, else strings: 0000004711 stays a string.
func nodeJSON(n *specs.Node) []byte { return appendNode(nil, n) }

func appendNode(dst []byte, n *specs.Node) []byte {
	switch {
	case n == nil:
		return append(dst, "null"...)
	case n.Kind == specs.MapNode:
		dst = append(dst, '{')
		for i, f := range n.Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = transforms.AppendQuoted(dst, f.Key.Text)
			dst = append(dst, ':')
			dst = appendNode(dst, f.Value)
		}
		return append(dst, '}')
	case n.Kind == specs.ListNode:
		dst = append(dst, '[')
		for i, item := range n.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendNode(dst, item)
		}
		return append(dst, ']')
	case n.Null:
		return append(dst, "null"...)
	case !n.Quoted && (n.Text == "true" || n.Text == "false" || jsontext.Value(n.Text).Kind() == '0' && jsontext.Value(n.Text).IsValid()):
		return append(dst, n.Text...)
	default:
		return transforms.AppendQuoted(dst, n.Text)
	}
}

// requestMessage runs the request of a test through its transform.
func requestMessage(ws *specs.Workspace, op *operation, c *specs.TestCase) (transforms.Message, error) {
	run := op.transform.Start()
	defer run.Release()
	return requestOf(run, ws, op, c)
}

// requestOf makes the request of a test with a run of its transform.
func requestOf(run *transforms.Run, ws *specs.Workspace, op *operation, c *specs.TestCase) (transforms.Message, error) {
	in := caseInput(op, c)
	if op.of != nil {
		var err error
		if in.Steps, err = stepResults(ws, op, c); err != nil {
			return transforms.Message{}, err
		}
	}
	msg, err := run.Request(in)
	if err != nil {
		return transforms.Message{}, err
	}
	return transforms.Message{Body: slices.Clone(msg.Body), Properties: maps.Clone(msg.Properties)}, nil
}

// caseTime is the time at which tests happen.
func caseTime() time.Time { return time.Date(2024, 1, 31, 12, 0, 0, 0, time.UTC) }

// caseID is the exchange id of tests.
const caseID = "01900000-0000-7000-8000-000000000000"

// caseInput makes the input of a test's request as the gateway would.
func caseInput(op *operation, c *specs.TestCase) transforms.Input {
	in := transforms.Input{Now: caseTime(), ExchangeID: caseID}
	params := []byte{'{'}
	for i, group := range []string{"path", "query", "header", "cookie"} {
		if i > 0 {
			params = append(params, ',')
		}
		params = transforms.AppendQuoted(params, group)
		params = append(params, ':')
		params = appendParams(params, op.spec, group, c.Request.Get(group))
	}
	in.Params = append(params, '}')
	if id := caseCaller(op.spec, c); id != nil {
		in.Identity = id.AppendInput(nil)
	}
	in.Body, in.Media = caseValue(op.spec, c.Request)
	return in
}

// appendParams writes one group of parameters: texts stay strings where the contract says string,
// however they look in YAML.
func appendParams(dst []byte, op *specs.Operation, group string, n *specs.Node) []byte {
	dst = append(dst, '{')
	if n != nil {
		for i, f := range n.Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = transforms.AppendQuoted(dst, f.Key.Text)
			dst = append(dst, ':')
			dst = append(dst, paramJSON(paramOf(op, group, f.Key.Text), f.Value)...)
		}
	}
	return append(dst, '}')
}

func paramOf(op *specs.Operation, group, name string) *specs.Parameter {
	for _, p := range op.Parameters {
		if p.In == group && p.Name == name {
			return p
		}
	}
	return nil
}

// paramJSON is the value of a parameter as JSON.
func paramJSON(p *specs.Parameter, n *specs.Node) []byte {
	if p != nil && p.Schema != nil && n.Kind == specs.ScalarNode && slices.Contains(p.Schema.Types, "string") {
		return transforms.AppendQuoted(nil, n.Text)
	}
	return nodeJSON(n)
}

// caseCaller is who sends the request of a test; nil for nobody. Where the test says nothing of scopes or roles the
// caller has those that the operation asks for. A test without identity is sent by such a caller if the operation
// needs one, else by nobody; identity: null is always nobody.
func caseCaller(op *specs.Operation, c *specs.TestCase) *gateway.Identity {
	n := c.Request.Get("identity")
	if n == nil && !op.Secured() || n != nil && n.Null {
		return nil
	}
	id := &gateway.Identity{Subject: "tester", Scopes: needed(op), Roles: needed(op)}
	if s := n.Get("subject"); s != nil {
		id.Subject = s.Text
	}
	if s := n.Get("client"); s != nil {
		id.Client = s.Text
	}
	if list := n.Get("scopes"); list != nil {
		id.Scopes = texts(list)
	}
	if list := n.Get("roles"); list != nil {
		id.Roles = texts(list)
	}
	if c := n.Get("claims"); c != nil {
		id.Claims = nodeJSON(c)
	}
	return id
}
