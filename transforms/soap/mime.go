// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"mime"
	"regexp"
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// swaRef is the type of references to attachments.
func swaRef() *simple {
	return &simple{name: "swaRef", kind: kindSwaRef, maxLength: transforms.Unbounded, totalDigits: -1, fractionDigits: -1}
}

// mediaTypeName is the type of xmime:contentType.
func mediaTypeName() *simple {
	return &simple{
		name: "xmime:contentType", kind: kindLexical, form: regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ ]*;[ -~]*)?$"),
		maxLength: transforms.Unbounded, totalDigits: -1, fractionDigits: -1,
	}
}

// mimeType makes the types of binary content with its media type (Describing Media Content of Binary
// Data in XML, section 2.2).
func (b *builder) mimeType(x xname, at *node) *ctype {
	base := map[string]string{"base64Binary": "base64Binary", "hexBinary": "hexBinary"}[x.local]
	if base == "" || x.space == nsSwaRef {
		b.tell(specs.Error, codeReference, at.pos, "there is no type "+x.String(), "")
		return nil
	}
	t := &ctype{xname: x, simple: builtin(base)}
	b.types[x] = t
	t.attrs = []*attribute{{xname: xname{x.space, "contentType"}, ns: b.space(x.space), typ: mediaTypeName()}}
	b.seal(t)
	return t
}

// mimeAttribute makes xmime:contentType where a schema refers to it.
func mimeAttribute(a *attribute) bool {
	if a.space != nsXMIME && a.space != nsXMIMEOld {
		return false
	}
	a.typ = mediaTypeName()
	return true
}

// expectedMediaType is the one media type that the declaration of an element expects of its content; empty
// if there is none or a choice.
func (n *node) expectedMediaType() string {
	for _, a := range n.attrs {
		if (a.space == nsXMIME || a.space == nsXMIMEOld) && a.local == "expectedContentTypes" {
			return concrete(a.value)
		}
	}
	return ""
}

// concrete is a media type; empty for ranges and lists.
func concrete(text string) string {
	media, _, err := mime.ParseMediaType(strings.TrimSpace(text))
	if err != nil || strings.ContainsAny(media, "*,") || !strings.Contains(media, "/") {
		return ""
	}
	return media
}

// attached takes the parts that the binding puts into MIME parts of their own (WSDL 1.1, section 5) and
// returns the others.
func (p *portReader) attached(m *message, parts []*node, bound *node) []*node {
	for _, c := range findAll(bound, nsMIME, "content") {
		name := c.get("part")
		i := slices.IndexFunc(parts, func(n *node) bool { return n.get("name") == name })
		if i < 0 {
			if !slices.ContainsFunc(m.attached, func(e *elem) bool { return e.local == name }) {
				p.b.tell(specs.Error, codeReference, c.pos, "the message has no part "+string(transforms.AppendQuoted(nil, name)), "")
				continue
			}
			for _, e := range m.attached { // several media types for one part: a choice
				if e.local == name && e.mediaType != concrete(c.get("type")) {
					e.mediaType = ""
				}
			}
			continue
		}
		m.attached = append(m.attached, &elem{xname: xname{"", name}, typ: &ctype{simple: swaRef()}, mediaType: concrete(c.get("type")), pos: c.pos})
		parts = slices.Delete(slices.Clone(parts), i, i+1)
	}
	return parts
}

// attach gives the attachments of a message their members in JSON.
func (f *Format) attach(root *transforms.Type, names nameTaker) {
	for _, e := range f.m.attached {
		name := names.take(jsonName(e.local))
		f.attached = append(f.attached, name)
		t := scalar(e.typ.simple)
		t.Name, t.HostName, t.Pos = name, e.local, e.pos
		root.Members = append(root.Members, t)
	}
	rules := f.op.rules
	if rules == nil {
		return
	}
	f.mtom = f.op.b.overrides.mtom(f.op)
	if rules.OtherParts {
		f.others = names.take("attachments")
		text := func(name string, optional bool) *transforms.Type {
			return &transforms.Type{Name: name, HostName: name, Shape: transforms.StringShape, MaxLength: transforms.Unbounded, Optional: optional}
		}
		content := scalar(swaRef())
		content.Name, content.HostName = "content", "content"
		root.Members = append(root.Members, &transforms.Type{
			Name: f.others, HostName: "attachments", Shape: transforms.ArrayShape, MaxItems: transforms.Unbounded, Optional: !f.reply,
			Items: &transforms.Type{Shape: transforms.ObjectShape, Members: []*transforms.Type{
				text("contentID", true), text("mediaType", false), content,
			}},
		})
	}
}
