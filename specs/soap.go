// SPDX-License-Identifier: Apache-2.0

package specs

// soapRules binds soap.yaml: a map from WSDLs to what they cannot say about their messages.
func (l *loader) soapRules(to *[]*SOAPRules, root *Node) {
	if !l.isMap(root, soapFile) {
		return
	}
	for _, f := range root.Fields {
		if r := l.soapRule(f.Key, f.Value); r != nil {
			*to = append(*to, r)
		}
	}
}

// soapSketch is soapRules for a sketch.
func (l *loader) soapSketch(root *Node) {
	s := l.sketch(root)
	s.kind, s.rest = mapSketch, l.part()
	l.soapRule(&Node{Text: "a.wsdl"}, s.rest)
}

func (l *loader) soapRule(key, n *Node) *SOAPRules {
	r := &SOAPRules{File: key.Text, Pos: key.Pos}
	ok := l.object(n, key.Text,
		optional("attachments", l.word("attachments", []string{"inline", "mtom"}, func(n *Node) { r.MTOM = n.Text == "mtom" })),
		optional("otherParts", l.boolean(&r.OtherParts, "otherParts")),
		optional("nonFinite", l.word("nonFinite", []string{"error", "text", "null"}, func(n *Node) {
			if n.Text != "error" {
				r.NonFinite = n.asText()
			}
		})),
		optional("operations", func(n *Node) { l.soapOperations(r, n) }),
		optional("types", func(n *Node) { l.soapTypes(r, n) }),
	)
	if !ok {
		return nil
	}
	return r
}

func (l *loader) soapOperations(r *SOAPRules, n *Node) {
	if !l.isMap(n, "operations") {
		return
	}
	for _, f := range n.Fields {
		o := &SOAPOperation{Name: f.Key.Text, Pos: f.Key.Pos}
		if l.object(f.Value, o.Name, optional("attachments", l.word("attachments", []string{"inline", "mtom"}, func(n *Node) { o.Attachments = n.asText() }))) {
			r.Operations = append(r.Operations, o)
		}
	}
}

func (l *loader) soapTypes(r *SOAPRules, n *Node) {
	if !l.isMap(n, "types") {
		return
	}
	for _, f := range n.Fields {
		t := &SOAPType{Name: f.Key.Text, Pos: f.Key.Pos}
		r.Types = append(r.Types, t)
		if !l.isMap(f.Value, f.Key.Text) {
			continue
		}
		for _, m := range f.Value.Fields {
			one := &SOAPMember{Name: m.Key.Text, Pos: m.Key.Pos}
			if l.soapMember(one, m.Value) {
				t.Members = append(t.Members, one)
			}
		}
	}
}

func (l *loader) soapMember(m *SOAPMember, n *Node) bool {
	return l.object(n, m.Name,
		optional("json", l.text(&m.JSON, "json")),
		optional("as", l.word("as", []string{"text"}, func(n *Node) { m.As = n.asText() })),
		optional("single", l.boolean(&m.Single, "single")),
	)
}
