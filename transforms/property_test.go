// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/json"
)

// item is one field, group or table of a random record, and its member in the contract.
type item struct {
	kind   string // text, number, boolean, date, enum, group
	name   string // COBOL; the JSON name is the same in lower case
	length int    // characters, or digits in front of the point
	scale  int
	signed bool
	usage  string
	items  []item
	// occurs makes it a table; odo has a counter in front of it.
	occurs int
	odo    bool
	// whole moves the group or table as one value.
	wholeIn, wholeOut bool
	// off widens or narrows what the contract allows against the field.
	off int
}

func (i item) member() string { return strings.ToLower(i.name) }

// drawItems draws the children of a group. next numbers the names.
func drawItems(t *rapid.T, depth int, inTable bool, misfit bool, next *int) []item {
	var out []item
	for range rapid.IntRange(1, 5).Draw(t, "items") {
		*next++
		i := item{name: fmt.Sprintf("F%d", *next)}
		kinds := []string{"text", "text", "number", "number", "boolean", "date", "enum"}
		if depth > 0 {
			kinds = append(kinds, "group")
		}
		i.kind = rapid.SampledFrom(kinds).Draw(t, "kind")
		switch i.kind {
		case "group":
			i.items = drawItems(t, depth-1, inTable, misfit, next)
		case "text":
			i.length = rapid.IntRange(1, 20).Draw(t, "length")
		case "number":
			i.length = rapid.IntRange(1, 14).Draw(t, "digits")
			i.scale = rapid.IntRange(0, 4).Draw(t, "scale")
			i.signed = rapid.Bool().Draw(t, "signed")
			i.usage = rapid.SampledFrom([]string{"", "COMP-3", "COMP", "SIGN LEADING SEPARATE"}).Draw(t, "usage")
			if !i.signed && strings.HasPrefix(i.usage, "SIGN") {
				i.usage = ""
			}
		}
		if misfit && rapid.IntRange(0, 5).Draw(t, "misfit") == 0 {
			i.off = rapid.IntRange(-1, 1).Draw(t, "off")
		}
		if depth > 0 && rapid.IntRange(0, 3).Draw(t, "table") == 0 {
			i.occurs = rapid.IntRange(1, 4).Draw(t, "occurs")
			i.odo = !inTable && rapid.Bool().Draw(t, "odo")
			if i.kind == "group" {
				i.items = drawItems(t, 0, true, misfit, next)
			}
		}
		i.wholeIn, i.wholeOut = rapid.Bool().Draw(t, "whole in"), rapid.Bool().Draw(t, "whole out")
		out = append(out, i)
	}
	return out
}

// cobol writes the data descriptions.
func cobol(b *strings.Builder, items []item, level int) {
	line := func(format string, args ...any) { fmt.Fprintf(b, "           "+format+"\n               .\n", args...) }
	for _, i := range items {
		occurs := ""
		if i.occurs > 0 {
			occurs = fmt.Sprintf(" OCCURS %d TIMES", i.occurs)
		}
		if i.odo {
			line("%02d  N%s PIC 9(2)", level, i.name)
			occurs = fmt.Sprintf(" OCCURS 0 TO %d TIMES\n               DEPENDING ON N%s", i.occurs, i.name)
		}
		head := fmt.Sprintf("%02d  %s%s\n             ", level, i.name, occurs)
		switch i.kind {
		case "group":
			line("%s", head)
			cobol(b, i.items, level+5)
		case "number":
			pic := fmt.Sprintf("9(%d)", i.length)
			if i.signed {
				pic = "S" + pic
			}
			if i.scale > 0 {
				pic += fmt.Sprintf("V9(%d)", i.scale)
			}
			line("%s PIC %s\n               %s", head, pic, i.usage)
		case "date":
			line("%s PIC 9(8)", head)
		case "text":
			line("%s PIC X(%d)", head, i.length)
		default:
			line("%s PIC X", head)
		}
	}
}

// meanings writes records.yaml.
func meanings(b *strings.Builder, items []item) {
	for _, i := range items {
		switch i.kind {
		case "boolean":
			fmt.Fprintf(b, "%s: {boolean: {true: Y, false: N}}\n", i.name)
		case "date":
			fmt.Fprintf(b, "%s: {date: yyyyMMdd}\n", i.name)
		case "enum":
			fmt.Fprintf(b, "%s: {enum: {A: active, C: closed}}\n", i.name)
		}
		meanings(b, i.items)
	}
}

func nines(n, scale int) string {
	s := strings.Repeat("9", max(n, 1))
	if scale > 0 {
		s += "." + strings.Repeat("9", scale)
	}
	return s
}

// digits is how many digits the contract allows in front of the point.
func (i item) digits() int { return max(i.length+i.off, 1) }

func (i item) schema() string {
	var s string
	switch i.kind {
	case "group":
		s = objectSchema(i.items)
	case "text":
		s = fmt.Sprintf("{type: string, maxLength: %d}", max(i.length+i.off, 1))
	case "number":
		least := "0"
		if i.signed {
			least = "-" + nines(i.digits(), i.scale)
		}
		s = fmt.Sprintf("{type: number, multipleOf: 1e-%d, minimum: %s, maximum: %s}", i.scale, least, nines(i.digits(), i.scale))
	case "boolean":
		s = "{type: boolean}"
	case "date":
		s = "{type: string, format: date}"
	default:
		s = "{type: string, enum: [active, closed]}"
	}
	if i.occurs == 0 {
		return s
	}
	least := i.occurs
	if i.odo {
		least = 0
	}
	return fmt.Sprintf("{type: array, minItems: %d, maxItems: %d, items: %s}", least, i.occurs, s)
}

func objectSchema(items []item) string {
	var names, members []string
	for _, i := range items {
		names = append(names, i.member())
		members = append(members, i.member()+": "+i.schema())
	}
	return fmt.Sprintf("{type: object, additionalProperties: false, required: [%s], properties: {%s}}", strings.Join(names, ", "), strings.Join(members, ", "))
}

// counted tells that there are counters, which a group that is copied as a whole would bring along.
func counted(items []item) bool {
	return slices.ContainsFunc(items, func(i item) bool { return i.odo || counted(i.items) })
}

// mapping writes the moves of a group: into the record (in) or out of it. from is what names the
// values of the group begin with.
func mapping(items []item, from string, in bool) string {
	var out []string
	for _, i := range items {
		name, whole, path := i.member(), i.wholeOut, "="+from+"."+i.member()
		if in {
			name, whole = i.name, i.wholeIn
		}
		value := path
		switch {
		case whole && (in || !counted(i.items)) || i.kind != "group" && i.occurs == 0:
		case i.occurs == 0:
			value = mapping(i.items, from+"."+i.member(), in)
		case i.kind == "group":
			value = fmt.Sprintf("{each: %s, as: x%s, to: %s}", path, i.name, mapping(i.items, "x"+i.name, in))
		default:
			value = fmt.Sprintf("{each: %s, as: x%s, to: =x%s}", path, i.name, i.name)
		}
		out = append(out, name+": "+value)
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// drawDocument draws a document that the contract accepts, and the same as the record gives it back:
// numbers with the decimals of their field.
func drawDocument(t *rapid.T, items []item) (doc, want string) {
	var docs, wants []string
	for _, i := range items {
		d, w := i.draw(t)
		if i.occurs > 0 {
			least := i.occurs
			if i.odo {
				least = 0
			}
			var ds, ws []string
			for range rapid.IntRange(least, i.occurs).Draw(t, "entries") {
				d, w = i.draw(t)
				ds, ws = append(ds, d), append(ws, w)
			}
			d, w = "["+strings.Join(ds, ",")+"]", "["+strings.Join(ws, ",")+"]"
		}
		docs, wants = append(docs, fmt.Sprintf("%q:%s", i.member(), d)), append(wants, fmt.Sprintf("%q:%s", i.member(), w))
	}
	order := rapid.Permutation(docs).Draw(t, "order")
	return "{" + strings.Join(order, ", ") + "}", "{" + strings.Join(wants, ",") + "}"
}

// draw draws one value.
func (i item) draw(t *rapid.T) (doc, want string) {
	same := func(s string) (string, string) { return s, s }
	switch i.kind {
	case "group":
		return drawDocument(t, i.items)
	case "text":
		most := max(i.length+i.off, 1)
		text := rapid.StringMatching(fmt.Sprintf(`[A-Za-z0-9 .,/'()+-]{0,%d}[A-Za-z0-9]`, most-1)).Draw(t, "text")
		if rapid.IntRange(0, 9).Draw(t, "empty") == 0 {
			text = ""
		}
		return same(`"` + text + `"`)
	case "number":
		return i.drawNumber(t)
	case "boolean":
		return same(fmt.Sprint(rapid.Bool().Draw(t, "bool")))
	case "date":
		return same(rapid.SampledFrom([]string{`"2024-02-29"`, `"1999-12-31"`, `"0001-01-01"`, `"9999-12-31"`}).Draw(t, "date"))
	default:
		return same(rapid.SampledFrom([]string{`"active"`, `"closed"`}).Draw(t, "enum"))
	}
}

func (i item) drawNumber(t *rapid.T) (doc, want string) {
	whole := rapid.SampledFrom([]string{"0", "1", nines(rapid.IntRange(1, i.digits()).Draw(t, "n"), 0), nines(i.digits(), 0)}).Draw(t, "whole")
	fraction := rapid.StringMatching(fmt.Sprintf("[0-9]{%d}", i.scale)).Draw(t, "fraction")
	sign := ""
	if i.signed && strings.Trim(whole+fraction, "0") != "" && rapid.Bool().Draw(t, "negative") {
		sign = "-"
	}
	doc = sign + whole
	want = doc
	if i.scale > 0 {
		want += "." + fraction
	}
	switch short := strings.TrimRight(fraction, "0"); {
	case rapid.Bool().Draw(t, "written in full"):
		doc = want
	case rapid.IntRange(0, 4).Draw(t, "exponent") == 0:
		doc = sign + whole + fraction + fmt.Sprintf("e-%d", i.scale)
		if whole == "0" && fraction != "" {
			doc = want
		}
	case short != "":
		doc += "." + short
	}
	return doc, want
}

// drawWorkspace lays out a workspace around a random record.
func drawWorkspace(t *rapid.T, misfit bool) (small, []item) {
	next := 0
	items := drawItems(t, 2, false, misfit, &next)
	var book, rules strings.Builder
	book.WriteString("       01  IN.\n")
	cobol(&book, items, 5)
	meanings(&rules, items)
	return small{
		body: objectSchema(items), answer: objectSchema(items), copybook: book.String(), records: rules.String(),
		codepage: rapid.SampledFrom([]string{"cp037", "cp1047", "iso8859-1"}).Draw(t, "code page"),
		transform: "request:\n  record: copybooks/BOOK.cpy#IN\n  fields: " + mapping(items, "body", true) +
			"\nreply:\n  record: copybooks/BOOK.cpy#IN\n  body: " + mapping(items, "reply", false) + "\n",
	}, items
}

// TestRoundTrip makes random records with contracts that fit them: they compile, every document of
// the contract goes into the record and comes back as it was, and the answer keeps to the contract.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, items := drawWorkspace(t, false)
		all, findings := compileWorkspace(s.files())
		c, ok := all["op"]
		if !ok || findings.HasErrors() {
			t.Fatalf("does not compile:\n%s\n%v\n%v", s.copybook, s.transform, errorsOf(findings))
		}
		for range 3 {
			doc, want := drawDocument(t, items)
			out, err := exchange(c, doc)
			if err != nil {
				t.Fatalf("%v\n%s\n%s\n%s", err, s.copybook, s.transform, doc)
			}
			if string(out.Body) != want || !json.Equal(out.Body, []byte(doc)) {
				t.Fatalf("sent %s\ngot  %s\nwant %s\n%s", doc, out.Body, want, s.copybook)
			}
			if out.Invalid != nil {
				t.Fatalf("%v\n%s", out.Invalid, out.Body)
			}
		}
	})
}

// TestAcceptedNeverFails makes random records with contracts that may not fit them. What compiles
// without a finding never fails on a document of the contract; what it warns of may.
func TestAcceptedNeverFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, items := drawWorkspace(t, true)
		all, findings := compileWorkspace(s.files())
		c, ok := all["op"]
		if !ok || len(findings) > 0 {
			return
		}
		doc, _ := drawDocument(t, items)
		if _, err := exchange(c, doc); err != nil {
			t.Fatalf("%v\n%s\n%s\n%s", err, s.copybook, s.transform, doc)
		}
	})
}

// narrower gives the items with contracts that allow less than the fields hold.
func narrower(t *rapid.T, items []item) []item {
	out := slices.Clone(items)
	for i := range out {
		out[i].off -= rapid.IntRange(0, 1).Draw(t, "narrower")
		out[i].items = narrower(t, out[i].items)
	}
	return out
}

// TestAnswersAreChecked makes answers that may break the contract, and holds what is checked while
// they are written to the verdict of a reader of the whole document.
func TestAnswersAreChecked(t *testing.T) {
	broken := 0
	rapid.Check(t, func(t *rapid.T) {
		s, items := drawWorkspace(t, false)
		s.answer = objectSchema(narrower(t, items))
		all, _ := compileWorkspace(s.files())
		c, ok := all["op"]
		if !ok {
			return
		}
		ws, _ := specs.LoadFS("test", s.files(), func(string) (string, bool) { return "", false })
		schema := ws.Contract.Operation("op").Response("200").Content[0].Schema
		mt, findings := openSchema(schema, true, "")
		if findings.HasErrors() {
			t.Fatal(findings)
		}
		reader, _ := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
		doc, _ := drawDocument(t, items)
		out, err := exchange(c, doc)
		if err != nil {
			t.Fatal(err)
		}
		var slots transforms.Slots
		err = reader.Read(out.Body, &slots, 0)
		if (err == nil) != (out.Invalid == nil) {
			t.Fatalf("written %v, read %v\n%s\n%s", out.Invalid, err, s.answer, out.Body)
		}
		if err != nil {
			broken++
		}
	})
	if broken == 0 {
		t.Error("no answer broke its contract")
	}
}

func errorsOf(fs specs.Findings) specs.Findings {
	return slices.DeleteFunc(slices.Clone(fs), func(f specs.Finding) bool { return f.Severity != specs.Error })
}

// exchange sends a body and takes what was sent for the reply.
func exchange(c compiled, body string) (transforms.Output, error) {
	r := c.Start()
	defer r.Release()
	m, err := r.Request(transforms.Input{Params: []byte(benchParams), Body: []byte(body)})
	if err != nil {
		return transforms.Output{}, fmt.Errorf("request: %w", err)
	}
	out, err := r.Reply(transforms.Message{Body: m.Body})
	if err != nil {
		return out, fmt.Errorf("reply: %w", err)
	}
	out.Body = slices.Clone(out.Body)
	if out.Status != 200 {
		return out, errors.New("other status")
	}
	return out, nil
}
