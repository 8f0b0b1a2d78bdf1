// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
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
	// told are operations whose findings were reported: request and reply name the same one. asked are the
	// backends that were compared with what an operation demands.
	told  map[*soap.Operation]bool
	asked map[string]bool
	// ruled are the parts of soap.yaml whose WSDL some transform uses.
	ruled map[*specs.SOAPRules]bool
}

func newSOAPOpener(ws *specs.Workspace) *soapOpener {
	return &soapOpener{ws: ws, read: map[string]*soap.WSDL{}, opened: map[string]*transforms.MessageType{}, told: map[*soap.Operation]bool{}, asked: map[string]bool{}, ruled: map[*specs.SOAPRules]bool{}}
}

// Open implements transforms.Opener.
func (o *soapOpener) Open(ref *specs.Node, b *specs.Backend, _ bool) (*transforms.MessageType, specs.Findings) {
	return o.message(ref, b, false)
}

// OpenReply implements transforms.Answerer.
func (o *soapOpener) OpenReply(ref *specs.Node, b *specs.Backend) (*transforms.MessageType, specs.Findings) {
	return o.message(ref, b, true)
}

func (o *soapOpener) message(ref *specs.Node, b *specs.Backend, reply bool) (*transforms.MessageType, specs.Findings) {
	key := ref.Text + " " + b.Name
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
	if asked := op.Port + "." + op.Name + " " + b.Name + " " + file; !o.asked[asked] {
		o.asked[asked] = true
		findings = append(findings, demandsOf(op, b, sendsMTOM(op))...)
	}
	t := op.Request()
	if reply {
		t = op.Reply()
	}
	if s := securityOf(b); s != nil && s.Attachments == "" && s.Protects(reply) && hasLooseParts(t) {
		findings.Add(soap.CodeRule, ref.Pos, fmt.Sprintf("this message has attachments beside its elements, and the security of backend %q does not say what protects them", b.Name),
			"add to security of the backend: attachments: signed, if the host does so (SwA Profile), or attachments: plain, if nothing need protect them")
	}
	soap.Address(t, addressingOf(b))
	o.opened[key] = t
	return t, findings
}

// hasLooseParts tells whether a message can have attachments that are not the content of an element.
func hasLooseParts(t *transforms.MessageType) bool {
	f, ok := t.Format.(*soap.Format)
	return ok && f.Loose()
}

// addressingOf is the WS-Addressing of a backend; nil if there is none.
func addressingOf(b *specs.Backend) *soap.Addressing {
	if b.HTTP == nil || b.HTTP.SOAP == nil || b.HTTP.SOAP.Addressing == nil {
		return nil
	}
	a := b.HTTP.SOAP.Addressing
	return &soap.Addressing{To: cmp.Or(a.To.Value, b.HTTP.URL()), MustUnderstand: a.MustUnderstand}
}

// sendsMTOM tells that the requests of an operation are MTOM.
func sendsMTOM(op *soap.Operation) bool {
	f, ok := op.Request().Format.(*soap.Format)
	return ok && f.MTOM()
}

// demandsOf reports what policies of the WSDL ask for and the backend, or the rules for the WSDL, do not declare.
func demandsOf(op *soap.Operation, b *specs.Backend, mtom bool) specs.Findings {
	var findings specs.Findings
	if b.HTTP == nil {
		return nil
	}
	for _, d := range op.Demands() {
		if d.Need == soap.NeedMTOM {
			if !mtom && !d.Optional {
				findings.Warn(codeDemand, d.Pos, fmt.Sprintf("the WSDL demands MTOM (%s), and soap.yaml does not declare it", d.Assertion), "add to soap.yaml, below the WSDL: attachments: mtom")
			}
			continue
		}
		what, hint := unmet(d, b.HTTP)
		if what == "" || d.Optional {
			continue
		}
		findings.Warn(codeDemand, d.Pos, fmt.Sprintf("the WSDL demands %s (%s), and backend %q does not have it", what, d.Assertion, b.Name), hint)
	}
	return findings
}

// unmet is what a demand asks for and a backend does not have, and how to declare it; empty if it has it.
func unmet(d soap.Demand, h *specs.HTTPConfig) (what, hint string) {
	s := &specs.WSSecurityConfig{}
	if h.SOAP != nil && h.SOAP.Security != nil {
		s = h.SOAP.Security
	}
	const below = "add to http.soap of the backend: "
	switch d.Need {
	case soap.NeedAddressing:
		if h.SOAP == nil || h.SOAP.Addressing == nil {
			return "WS-Addressing", below + "addressing: {}"
		}
	case soap.NeedTLS:
		if h.Plain() {
			return "TLS", "write an https URL for the backend"
		}
	case soap.NeedUsername:
		if s.Username == nil {
			return "a username", below + "security: {username: {name: NAME, password: \"${file:/run/secrets/NAME}\"}}"
		}
	case soap.NeedTimestamp:
		if s.Timestamp == 0 {
			return "a timestamp", below + "security: {timestamp: 5m}"
		}
	case soap.NeedSignature:
		if s.Sign == nil {
			return "a signature", below + "security: {sign: {certificate: tls/NAME.pem, key: tls/NAME.key}}, and reply: {signers: HOST.pem} to verify its replies"
		}
	case soap.NeedEncryption:
		if s.Encrypt == nil {
			return "an encrypted body", below + "security: {encrypt: {certificate: tls/HOST.pem}}, and reply: {key: tls/NAME.key} to read its replies"
		}
	case soap.NeedOther:
		return "a token or binding that is not supported", "ask the host's team for a policy with a username, or with signatures by certificate"
	}
	return "", ""
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
