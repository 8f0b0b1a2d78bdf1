// SPDX-License-Identifier: Apache-2.0

package main

import (
	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/json"
)

// jsonOpener opens the documents of JSON hosts: schemas/FILE.json#/$defs/Name. What two transforms name
// alike is compiled once.
type jsonOpener struct {
	ws     *specs.Workspace
	opened map[string]*transforms.MessageType
}

func newJSONOpener(ws *specs.Workspace) *jsonOpener {
	return &jsonOpener{ws: ws, opened: map[string]*transforms.MessageType{}}
}

// Open implements transforms.Opener.
func (o *jsonOpener) Open(ref *specs.Node, _ *specs.Backend, _ bool) (*transforms.MessageType, specs.Findings) {
	if t, ok := o.opened[ref.Text]; ok {
		return t, nil
	}
	schema, findings := o.ws.HostSchema(ref)
	if schema == nil {
		return nil, findings
	}
	t, more := json.New(schema, json.Options{Direction: json.Hosts})
	if findings = append(findings, more...); findings.HasErrors() {
		return nil, findings
	}
	o.opened[ref.Text] = t
	return t, findings
}
