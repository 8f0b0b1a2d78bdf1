// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"lintel/specs"
	"lintel/transforms"
)

// events lists what a document consists of, as this package reads it.
func events(src []byte) (string, error) {
	s := &scanner{lenient: true}
	s.reset(src, nil)
	if err := s.prolog(); err != nil {
		return "", err
	}
	var b strings.Builder
	for {
		tok, err := s.next()
		if err != nil {
			return "", err
		}
		switch tok {
		case tokenEOF:
			return b.String(), nil
		case tokenStart:
			fmt.Fprintf(&b, "<%q %q", s.uri(s.prefix), s.name.local)
			for _, a := range s.attrs {
				uri := ""
				if a.prefix != nil {
					uri = s.uri(a.prefix)
				}
				fmt.Fprintf(&b, " %q %q=%q", uri, a.local, attrSeen(a.value))
			}
			b.WriteString(">")
		case tokenEnd:
			b.WriteString("</>")
		case tokenText:
			if len(s.open) > 0 {
				if s.cdata {
					b.WriteString(lineEnds(string(s.text)))
				} else {
					b.Write(appendText(nil, s.text))
				}
			}
		}
	}
}

func lineEnds(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
}

// attrSeen is the value of an attribute as encoding/xml has it: it makes line ends one and keeps the
// white space.
func attrSeen(raw []byte) string { return string(appendText(nil, raw)) }

// eventsOf is events by encoding/xml.
func eventsOf(src []byte) (string, error) {
	d := xml.NewDecoder(bytes.NewReader(src))
	var b strings.Builder
	depth := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			fmt.Fprintf(&b, "<%q %q", t.Name.Space, t.Name.Local)
			for _, a := range t.Attr {
				if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
					continue
				}
				fmt.Fprintf(&b, " %q %q=%q", a.Name.Space, a.Name.Local, a.Value)
			}
			b.WriteString(">")
		case xml.EndElement:
			depth--
			b.WriteString("</>")
		case xml.CharData:
			if depth > 0 {
				b.Write(t)
			}
		}
	}
}

// FuzzScanner: what this package takes for XML is XML to encoding/xml, and says the same. The opposite
// does not hold: encoding/xml takes much that is none.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		`<a/>`, `<?xml version="1.0" encoding="UTF-8"?><a b="c" xmlns:d='e'><d:f d:g="&lt;&#65;"/>text<![CDATA[<x>]]></a>`,
		"<a>\r\n&amp;\t<!-- c --><?p i?></a>", `<a xmlns="u"><b xmlns=""/></a>`, `<é ü="ß"/>`, `<!DOCTYPE a><a/>`, `<a a="1" a="2"/>`, `<p:a/>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := events(src)
		if err != nil || bytes.Contains(src, []byte("xmlns:xmlns")) {
			return
		}
		want, err := eventsOf(src)
		if err != nil {
			// It reads no declared encoding but utf-8, and knows the names of XML 1.0's fourth edition.
			if strings.Contains(err.Error(), "encoding") || strings.Contains(err.Error(), "invalid XML name") {
				return
			}
			t.Fatalf("encoding/xml: %v", err)
		}
		if got != want {
			t.Fatalf("%s\nencoding/xml: %s", got, want)
		}
	})
}

// FuzzWSDL: a WSDL never makes the reader panic, and what comes of it can be written and read.
func FuzzWSDL(f *testing.F) {
	for _, name := range corpus(f) {
		src, err := corpusFS.ReadFile("testdata/wsdl/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 64<<10 {
			return
		}
		w, _ := Load(fstest.MapFS{"a.wsdl": {Data: src}}, "a.wsdl", specs.Pos{}, nil)
		if w == nil {
			return
		}
		for _, op := range w.Operations[:min(len(w.Operations), 3)] {
			if op.Open().HasErrors() {
				continue
			}
			for _, m := range []*transforms.MessageType{op.Request(), op.Reply()} {
				c := codec(t, m)
				json := c.Sample(func(int) int { return 0 })
				if xml, err := c.EncodeJSON(nil, json); err == nil {
					_, _ = c.DecodeJSON(nil, xml)
				}
			}
		}
	})
}

// FuzzEnvelope: a reply never makes the reader panic; it takes no more memory than the input allows; and
// what it says is what the decoder of whole messages says.
func FuzzEnvelope(f *testing.F) {
	w := load(f, "claims/claims.wsdl")
	op, err := w.Find("GetClaim")
	if err != nil || op.Open().HasErrors() {
		f.Fatal(err)
	}
	out := codec(f, op.Reply())
	xml, err := out.EncodeJSON(nil, []byte(claimJSON))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(xml)
	f.Add([]byte(`<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code></s:Fault></s:Body></s:Envelope>`))
	wanted := everything(out.typ, 3)
	r, _ := out.Reader(wanted)
	f.Fuzz(func(t *testing.T, msg []byte) {
		var slots transforms.Slots
		slots.Reset(wanted.Size)
		_ = r.Read(msg, &slots, 0)
		if json, err := out.DecodeJSON(nil, msg); err == nil {
			if _, err := out.EncodeJSON(nil, json); err != nil {
				var fe *transforms.FieldError // facets are checked on the way out only
				if !errors.As(err, &fe) {
					t.Fatal(err)
				}
			}
		}
	})
}

// everything wants all parts of a type, down to a depth.
func everything(t *transforms.Type, depth int) *transforms.Capture {
	c := &transforms.Capture{Type: t, Slot: -1}
	next := 0
	var fill func(c *transforms.Capture, t *transforms.Type, next *int, depth int)
	fill = func(c *transforms.Capture, t *transforms.Type, next *int, depth int) {
		for _, m := range t.Members {
			k := &transforms.Capture{Type: m, Slot: -1}
			c.Members = append(c.Members, k)
			switch {
			case m.Shape == transforms.ObjectShape && depth > 0:
				fill(k, m, next, depth-1)
				continue
			case m.Shape == transforms.ArrayShape && m.Items.Shape == transforms.ObjectShape && depth > 0:
				k.Each = &transforms.Capture{Type: m.Items, Slot: -1}
				size := 0
				fill(k.Each, m.Items, &size, depth-1)
				k.Each.Size = size
			}
			k.Slot = *next
			*next++
		}
	}
	fill(c, t, &next, depth)
	c.Size = next
	return c
}

// TestX11Refused: what must not be there is refused at its first byte.
func TestX11Refused(t *testing.T) {
	const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>`
	laughs := `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`
	for name, doc := range map[string]string{
		"DTD":             `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`,
		"entity":          `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`,
		"external entity": `<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:1/">]><a>&x;</a>`,
		"parameter":       `<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>`,
		"laughs":          laughs + `<a>&b;</a>`,
		"no such entity":  fmt.Sprintf(body, "&nbsp;"),
		"PI":              fmt.Sprintf(body, `<?php echo 1?>`),
		"stylesheet":      `<?xml-stylesheet href="file:///etc/passwd"?>` + fmt.Sprintf(body, ""),
		"XInclude":        `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>`,
		"character 0":     fmt.Sprintf(body, "&#0;"),
		"character FFFF":  fmt.Sprintf(body, "&#xFFFF;"),
		"bare control":    fmt.Sprintf(body, "\x01"),
		"not UTF-8":       fmt.Sprintf(body, "\xFF"),
	} {
		out := claimReply(t)
		if _, err := out.DecodeJSON(nil, []byte(doc)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func claimReply(t testing.TB) *Format {
	t.Helper()
	op, err := load(t, "claims/claims.wsdl").Find("GetClaim")
	if err != nil || op.Open().HasErrors() {
		t.Fatal(err, op.Open())
	}
	return codec(t, op.Reply())
}

// TestX12Refused: what is too much, or stands where it cannot, is refused in little memory.
func TestX12Refused(t *testing.T) {
	const begin = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n="urn:example:claims"><s:Body><n:GetClaimResponse>`
	many := func(n int, f func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(i))
		}
		return b.String()
	}
	for name, doc := range map[string]string{
		"depth":               begin + strings.Repeat("<a>", 1_000_000),
		"attributes":          begin + "<a " + many(100_000, func(i int) string { return fmt.Sprintf(`a%d="" `, i) }) + "/>",
		"declarations":        begin + "<a " + many(100_000, func(i int) string { return fmt.Sprintf(`xmlns:a%d="b" `, i) }) + "/>",
		"duplicate attribute": begin + `<a b="1" b="2"/>`,
		"duplicate by prefix": begin + `<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>`,
		"unbound prefix":      begin + `<p:a/>`,
		"unbound attribute":   begin + `<a p:b=""/>`,
		"second root":         `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope><a/>`,
		"second Body":         `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/><s:Body/></s:Envelope>`,
		"long name":           begin + "<" + strings.Repeat("a", 1<<20) + "/>",
		"cut off":             begin,
		"crossed tags":        begin + `<a><b></a></b>`,
	} {
		t.Run(name, func(t *testing.T) {
			out := claimReply(t)
			msg := []byte(doc)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := out.DecodeJSON(nil, msg)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Error("accepted")
			}
			if took, limit := after.TotalAlloc-before.TotalAlloc, uint64(4*len(msg)+64<<10); took > limit {
				t.Errorf("%d bytes of memory for %d of input", took, len(msg))
			}
		})
	}
}
