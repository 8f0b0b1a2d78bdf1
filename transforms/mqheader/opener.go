// SPDX-License-Identifier: Apache-2.0

package mqheader

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/codepage"
)

// Names of entries of a chain that are no structure of IBM MQ.
const (
	// entryCoding says how the numbers and characters of the headers are written.
	entryCoding = "coding"
	// entryProgram is the name of a CICS program, 8 characters in front of the COMMAREA.
	entryProgram = "program"
	// entrySegment is LL and ZZ in front of a segment for IMS.
	entrySegment = "llzz"
)

// Opener opens the entries of mqHeaders: a list of names, or of maps from one name to its fields.
type Opener struct{}

// entry is one part of a chain.
type entry struct {
	name string
	// kind is nil for program and llzz.
	kind    *Kind
	version int32
	typ     *transforms.Type
}

// Chain is the format of what stands in front of a message.
type Chain struct {
	coding  Coding
	entries []entry
	typ     *transforms.Type
}

var (
	_ transforms.Opener  = Opener{}
	_ transforms.Prefix  = (*Chain)(nil)
	_ transforms.Prober  = (*Chain)(nil)
	_ transforms.Codec   = (*Chain)(nil)
	_ transforms.Carried = (*Chain)(nil)
)

// Open implements transforms.Opener. The coding is that of z/OS in the backend's code page, unless the
// first entry says otherwise.
func (Opener) Open(ref *specs.Node, backend *specs.Backend, _ bool) (*transforms.MessageType, specs.Findings) {
	o := &opening{}
	c := &Chain{}
	o.coding(c, ref, backend)
	for i, item := range ref.Items {
		name, fields := entryOf(item)
		switch {
		case name == entryCoding && i == 0:
		case name == "":
			o.add(item, "an entry of mqHeaders is the name of a header, or a map with one name", "write - mqcih, or - mqcih: {transactionId: ORD1}")
		default:
			o.entry(c, i == len(ref.Items)-1, item, name, fields)
		}
	}
	c.typ = &transforms.Type{Shape: transforms.ObjectShape, HostName: "mqHeaders", Pos: ref.Pos}
	for _, e := range c.entries {
		if e.typ != nil {
			c.typ.Members = append(c.typ.Members, e.typ)
		}
	}
	if o.findings.HasErrors() {
		return nil, o.findings
	}
	return &transforms.MessageType{Type: c.typ, Format: c}, o.findings
}

// Properties implements transforms.Carried: what the message descriptor has to say of the first header.
func (c *Chain) Properties() map[string]string {
	if len(c.entries) == 0 || c.entries[0].name == entryProgram {
		return nil
	}
	format := "MQIMSVS" // a segment for IMS without MQIIH
	if k := c.entries[0].kind; k != nil {
		format = k.Format
	}
	return map[string]string{
		"format": format, "ccsid": strconv.Itoa(int(c.coding.ccsid)), "encoding": strconv.Itoa(int(c.coding.encoding)),
	}
}

// opening collects findings.
type opening struct{ findings specs.Findings }

func (o *opening) add(n *specs.Node, message, hint string) {
	o.findings.Add(codeHeader, n.Pos, message, hint)
}

// entryOf gives the name of an entry and what is said of it, nil if nothing; an empty name if it is none.
func entryOf(item *specs.Node) (string, *specs.Node) {
	switch {
	case item.Kind == specs.ScalarNode && !item.Null && !item.IsExpression():
		return item.Text, nil
	case item.Kind == specs.MapNode && len(item.Fields) == 1:
		return item.Fields[0].Key.Text, item.Fields[0].Value
	}
	return "", nil
}

// coding finds how headers are written.
func (o *opening) coding(c *Chain, ref *specs.Node, backend *specs.Backend) {
	encoding, ccsid := ZOS, int32(0)
	at := ref
	if page, err := codepage.Lookup(backend.CodePage.Value); err == nil {
		ccsid = int32(page.CCSID()) //nolint:gosec // five digits at most
	}
	if len(ref.Items) > 0 {
		if name, fields := entryOf(ref.Items[0]); name == entryCoding && fields != nil && fields.Kind == specs.MapNode {
			at = fields
			for _, f := range fields.Fields {
				n, err := strconv.ParseInt(f.Value.Text, 10, 32)
				switch {
				case err != nil:
					o.add(f.Value, f.Key.Text+" must be a number, as IBM MQ has it", "write encoding: 785, 273 or 546, and ccsid: 37, 1047, 819 ...")
				case f.Key.Text == "encoding":
					encoding = Encoding(n)
				case f.Key.Text == "ccsid":
					ccsid = int32(n)
				default:
					o.add(f.Key, fmt.Sprintf("coding does not know %q", f.Key.Text), "it has encoding and ccsid")
				}
			}
		}
	}
	var err error
	if c.coding, err = NewCoding(encoding, ccsid); err != nil {
		o.add(at, err.Error(), "begin mqHeaders with - coding: {encoding: 785, ccsid: 1047}, for example")
	}
}

// entry adds one part.
func (o *opening) entry(c *Chain, last bool, item *specs.Node, name string, fields *specs.Node) {
	for _, e := range c.entries {
		if e.name == name {
			o.add(item, fmt.Sprintf("mqHeaders has %s twice", name), "remove one of the two")
			return
		}
	}
	e := entry{name: name}
	switch name {
	case entryProgram:
		e.typ = &transforms.Type{Name: name, HostName: name, Shape: transforms.StringShape, MinLength: 1, MaxLength: 8}
	case entrySegment:
	case "mqcih", "mqiih", "mqdlh", "mqrfh2":
		for _, k := range Kinds() {
			if k.Name == name {
				e.kind = k
			}
		}
		e.version = o.version(e.kind, fields)
		e.typ = o.structure(e.kind, fields)
	default:
		o.add(item, fmt.Sprintf("there is no header %q", name), "there is mqcih, mqiih, mqrfh2, mqdlh, program and llzz; coding stands first")
		return
	}
	if e.kind == nil && !last {
		o.add(item, name+" must be the last entry of mqHeaders", "headers stand in front of it")
	}
	c.entries = append(c.entries, e)
}

// version is the version that an entry names, the latest otherwise.
func (o *opening) version(k *Kind, fields *specs.Node) int32 {
	n := fields.Get("version")
	if n == nil {
		return k.latest()
	}
	v, err := strconv.ParseInt(n.Text, 10, 32)
	if _, ok := k.Length(int32(v)); err != nil || !ok { //nolint:gosec // it was parsed as 32 bits
		o.add(n, fmt.Sprintf("%s has no such version", k.Name), fmt.Sprintf("write %d, or leave version out", k.latest()))
		return k.latest()
	}
	return int32(v) //nolint:gosec // it was parsed as 32 bits
}

// structure is the type of a header: its fields and, of an MQRFH2, the folders that are named.
func (o *opening) structure(k *Kind, fields *specs.Node) *transforms.Type {
	t := &transforms.Type{Name: k.Name, HostName: k.Name, Shape: transforms.ObjectShape}
	for _, f := range k.Fields {
		if f.Name != "strucId" && f.Name != "strucLength" {
			t.Members = append(t.Members, fieldType(f))
		}
	}
	if k.Name != "mqrfh2" || fields == nil {
		return t
	}
	for _, f := range fields.Fields {
		if _, own := k.Field(f.Key.Text); own {
			continue
		}
		folder := &transforms.Type{Name: f.Key.Text, HostName: f.Key.Text, Shape: transforms.ObjectShape, Optional: true}
		for _, n := range propertyNames(f.Value) {
			if !validName(strings.ReplaceAll(n.Text, ".", "_")) {
				o.add(n, "the name of a property cannot be used", "")
				continue
			}
			folder.Members = append(folder.Members, &transforms.Type{Name: n.Text, HostName: n.Text, Optional: true})
		}
		if !validName(f.Key.Text) || len(folder.Members) == 0 {
			o.add(f.Key, fmt.Sprintf("mqrfh2 has no field %q, and it is no folder with properties", f.Key.Text), "write usr: {Name: value}, or usr: [Name] for a reply")
			continue
		}
		t.Members = append(t.Members, folder)
	}
	return t
}

// propertyNames are the names of a folder: the keys of a map, or the entries of a list.
func propertyNames(n *specs.Node) []*specs.Node {
	var out []*specs.Node
	for _, f := range n.Fields {
		out = append(out, f.Key)
	}
	return append(out, n.Items...)
}

// fieldType is the type of one field.
func fieldType(f Field) *transforms.Type {
	t := &transforms.Type{Name: f.Name, HostName: f.Name, Ref: f}
	switch f.Type {
	case Long:
		t.Shape, t.Integer, t.Signed, t.Digits = transforms.NumberShape, true, true, 10
		t.Minimum, t.Maximum = strconv.Itoa(math.MinInt32), strconv.Itoa(math.MaxInt32)
		t.Picture = "MQLONG"
	case Char:
		t.Shape, t.MaxLength = transforms.StringShape, f.Length
		t.Picture = fmt.Sprintf("MQCHAR%d", f.Length)
	case Bytes:
		t.Shape, t.MinLength, t.MaxLength = transforms.StringShape, 2*f.Length, 2*f.Length
		t.Picture = fmt.Sprintf("MQBYTE%d", f.Length)
	}
	return t
}
