// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"slices"
)

// understood refuses a reply with a header block for this receiver that must be understood and that nothing
// declares (SOAP 1.1, section 4.2.3; SOAP 1.2, section 2.4). It goes over the header, which just began, once
// more, but only where such a block can be.
func (e *envelope) understood() error {
	if !e.f.reply || !bytes.Contains(e.s.src[e.s.pos:], []byte("mustUnderstand")) {
		return nil
	}
	s := *e.s
	s.open, s.binds, s.attrs = slices.Clone(s.open), slices.Clone(s.binds), slices.Clone(s.attrs)
	depth := len(s.open)
	for {
		tok, err := s.next()
		switch {
		case err != nil:
			return err
		case tok == tokenEnd && len(s.open) < depth:
			return nil
		case tok == tokenStart && len(s.open) == depth+1 && s.demands(e.ns) && !e.f.understands(&s):
			return misfit("header", "a header of the reply must be understood, and the WSDL does not declare it")
		}
	}
}

// demands tells whether the present header block must be understood by the ultimate receiver.
func (s *scanner) demands(version int) bool {
	v, _ := s.attrOf(version, "mustUnderstand")
	if must := string(trimmed(appendAttrText(nil, v))); must != "1" && must != "true" {
		return false
	}
	actor, role := "actor", "http://schemas.xmlsoap.org/soap/actor/next"
	if version == nsNumber12 {
		actor, role = "role", nsEnvelope12+"/role/next"
	}
	whose, given := s.attrOf(version, actor)
	text := string(appendAttrText(nil, whose))
	return !given || text == "" || text == role || text == nsEnvelope12+"/role/ultimateReceiver"
}

// understands tells whether the present header block is one that the WSDL declares, or one of WS-Addressing
// where that is declared.
func (f *Format) understands(s *scanner) bool {
	if f.addressing != nil && s.uri(s.prefix) == nsAddressing {
		return true
	}
	return slices.ContainsFunc(f.m.headers, func(h *elem) bool { return h.ns == s.name.ns && h.local == string(s.name.local) })
}
