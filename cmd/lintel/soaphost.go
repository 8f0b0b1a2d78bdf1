// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/soap"
)

// soapOpener opens the messages of SOAP operations: wsdl/FILE.wsdl#OPERATION. A WSDL is read once.
type soapOpener struct {
	ws     *specs.Workspace
	read   map[string]*soap.WSDL
	opened map[string]*transforms.MessageType
	// told are operations whose findings were reported: request and reply name the same one.
	told map[*soap.Operation]bool
	// ruled are the parts of soap.yaml whose WSDL some transform uses.
	ruled map[*specs.SOAPRules]bool
}

func newSOAPOpener(ws *specs.Workspace) *soapOpener {
	return &soapOpener{ws: ws, read: map[string]*soap.WSDL{}, opened: map[string]*transforms.MessageType{}, told: map[*soap.Operation]bool{}, ruled: map[*specs.SOAPRules]bool{}}
}

// Open implements transforms.Opener.
func (o *soapOpener) Open(ref *specs.Node, _ *specs.Backend, _ bool) (*transforms.MessageType, specs.Findings) {
	return o.message(ref, false)
}

// OpenReply implements transforms.Answerer.
func (o *soapOpener) OpenReply(ref *specs.Node, _ *specs.Backend) (*transforms.MessageType, specs.Findings) {
	return o.message(ref, true)
}

func (o *soapOpener) message(ref *specs.Node, reply bool) (*transforms.MessageType, specs.Findings) {
	key := ref.Text
	if reply {
		key = "reply " + key
	}
	if t := o.opened[key]; t != nil {
		return t, nil
	}
	file, name, _ := strings.Cut(ref.Text, "#")
	w, findings := o.wsdl(file, ref)
	if w == nil {
		return nil, findings
	}
	if names := w.Names(); name == "" && len(names) == 1 {
		name = names[0]
	}
	op, err := w.Find(name)
	if err != nil {
		findings.Add(codeSOAPOperation, ref.Pos, err.Error(), "it has "+strings.Join(w.Names(), ", "))
		return nil, findings
	}
	if found := op.Open(); len(found) > 0 && !o.told[op] {
		o.told[op] = true
		findings = append(findings, found...)
	}
	if op.Open().HasErrors() {
		return nil, findings
	}
	t := op.Request()
	if reply {
		t = op.Reply()
	}
	o.opened[key] = t
	return t, findings
}

func (o *soapOpener) wsdl(file string, ref *specs.Node) (*soap.WSDL, specs.Findings) {
	if w, ok := o.read[file]; ok {
		return w, nil // what is wrong with it was said the first time
	}
	w, findings := soap.Load(o.ws.FS, file, ref.Pos, o.rules(file))
	o.read[file] = w
	return w, findings
}

// rules are what soap.yaml says about a WSDL; nil for nothing.
func (o *soapOpener) rules(file string) *specs.SOAPRules {
	for _, r := range o.ws.SOAP {
		if r.File == file {
			o.ruled[r] = true
			return r
		}
	}
	return nil
}

// findings are what is wrong with soap.yaml, after all messages were opened.
func (o *soapOpener) findings() specs.Findings {
	var out specs.Findings
	for _, r := range o.ws.SOAP {
		if !o.ruled[r] {
			out.Add(soap.CodeRule, r.Pos, fmt.Sprintf("no transform uses %s", r.File), "write the WSDL as transforms name it, without #OPERATION")
			continue
		}
		if w := o.read[r.File]; w != nil {
			out = append(out, w.Unused()...)
		}
	}
	return out
}
