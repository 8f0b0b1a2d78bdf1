// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"lintel/transforms"
)

// faultParts is a fault in the shape of SOAP 1.1 or 1.2.
type faultParts struct{ code, subcode, text, actor string }

// decodeFault appends the JSON of the fault that just began, to its end. The shape is told by the
// elements, whatever the envelope's version is: some hosts put the one into the other.
func (f *Format) decodeFault(d *decoder, dst []byte) ([]byte, error) {
	s := d.s
	var p faultParts
	var detail []byte
	e := envelope{s: s, f: f}
	for {
		tok, err := e.start()
		if err != nil {
			return dst, err
		}
		if tok == tokenEnd {
			break
		}
		switch string(s.name.local) {
		case "faultcode":
			p.code, err = s.faultText()
		case "faultstring":
			p.text, err = s.faultText()
		case "faultactor", "Role", "Node":
			p.actor, err = s.faultText()
		case "Code":
			err = p.codes(&e)
		case "Reason":
			err = p.reason(&e)
		case "detail", "Detail":
			detail, err = d.object(detail[:0], f.faults, f.faults)
		default:
			err = s.skip()
		}
		if err != nil {
			return dst, err
		}
	}
	dst = append(dst, `{"code":`...)
	dst = transforms.AppendQuoted(dst, localPart(p.code))
	for _, m := range []struct{ name, text string }{{"subcode", localPart(p.subcode)}, {"string", p.text}, {"actor", p.actor}} {
		if m.text != "" || m.name == "string" {
			dst = append(append(append(dst, `,"`...), m.name...), `":`...)
			dst = transforms.AppendQuoted(dst, m.text)
		}
	}
	if detail != nil {
		dst = append(append(dst, `,"detail":`...), detail...)
	}
	return append(dst, '}'), nil
}

// faultText is the text of the element that just began.
func (s *scanner) faultText() (string, error) {
	raw, err := s.leaf()
	return string(trimmed(appendText(nil, raw))), err
}

// localPart is a name without its prefix.
func localPart(name string) string {
	for i := range name {
		if name[i] == ':' {
			return name[i+1:]
		}
	}
	return name
}

// codes reads Code of SOAP 1.2: Value, and Subcode with Value within.
func (p *faultParts) codes(e *envelope) error {
	for depth := 1; depth > 0; {
		tok, err := e.start()
		if err != nil {
			return err
		}
		switch {
		case tok == tokenEnd:
			depth--
		case string(e.s.name.local) == "Subcode":
			depth++
		case string(e.s.name.local) == "Value" && depth == 1:
			p.code, err = e.s.faultText()
		case string(e.s.name.local) == "Value" && p.subcode == "":
			p.subcode, err = e.s.faultText()
		default:
			err = e.s.skip()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reason reads Reason of SOAP 1.2: the first Text.
func (p *faultParts) reason(e *envelope) error {
	for {
		tok, err := e.start()
		if err != nil || tok == tokenEnd {
			return err
		}
		text, err := e.s.faultText()
		if err != nil {
			return err
		}
		if p.text == "" {
			p.text = text
		}
	}
}

// encodeFault writes a fault, as simulated hosts answer it.
func (f *Format) encodeFault(e *encoder, json []byte) error {
	var p faultParts
	var detail []byte
	for name, v := range members(json) {
		text := ""
		if len(v) > 0 && v[0] == '"' {
			b, err := transforms.Unquote(nil, v)
			if err != nil {
				return misfit("syntax", "a member cannot be read")
			}
			text = string(b)
		}
		switch string(name) {
		case `"code"`:
			p.code = text
		case `"subcode"`:
			p.subcode = text
		case `"string"`:
			p.text = text
		case `"actor"`:
			p.actor = text
		case `"detail"`:
			detail = v
		default:
			return below(misfit("unknown", "a fault has no such member"), f.fault)
		}
	}
	inner := ""
	if detail != nil {
		vals, err := e.gather(f.faults, detail)
		if err != nil {
			return below(err, "detail")
		}
		sub := *e
		sub.dst = nil
		if err := sub.particle(f.faults.content, vals, true); err != nil {
			return below(err, "detail")
		}
		inner = string(sub.dst)
	}
	text := func(s string) string { return string(appendEscaped(nil, s)) }
	if f.op.Version == 12 {
		e.str("<soap:Fault><soap:Code><soap:Value>soap:" + text(p.code) + "</soap:Value>")
		if p.subcode != "" {
			e.str("<soap:Subcode><soap:Value>" + text(p.subcode) + "</soap:Value></soap:Subcode>")
		}
		e.str(`</soap:Code><soap:Reason><soap:Text xml:lang="en">` + text(p.text) + "</soap:Text></soap:Reason>")
		if p.actor != "" {
			e.str("<soap:Role>" + text(p.actor) + "</soap:Role>")
		}
		if detail != nil {
			e.str("<soap:Detail>" + inner + "</soap:Detail>")
		}
		e.str("</soap:Fault>")
		return nil
	}
	e.str("<soap:Fault><faultcode>soap:" + text(p.code) + "</faultcode><faultstring>" + text(p.text) + "</faultstring>")
	if p.actor != "" {
		e.str("<faultactor>" + text(p.actor) + "</faultactor>")
	}
	if detail != nil {
		e.str("<detail>" + inner + "</detail>")
	}
	e.str("</soap:Fault>")
	return nil
}
