// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"lintel/specs"
	"lintel/specs/compare"
	"lintel/transforms"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// comparedFields are the items of a record as they are compared.
func comparedFields(codec *record.Codec) []compare.Field {
	var out []compare.Field
	for f := range codec.Fields() {
		it := f.Item
		if it.Level == -1 {
			continue // the object around an elementary record
		}
		c := compare.Field{
			Path: f.Path, Pos: it.Pos, Group: len(it.Children) > 0, Filler: it.Filler, Offset: f.Offset, Length: f.Length,
			Least: f.MinOccurs, Greatest: f.MaxOccurs, Counter: f.Counter, Values: conditionValues(it), Shown: f.Picture,
		}
		if it.Redefines != nil {
			c.Redefines = it.Redefines.Name
		}
		for up := it; up != nil; up = up.Parent {
			c.Shared = c.Shared || up.Redefines != nil
		}
		if !c.Group {
			c.Text = it.Usage == copybook.Display && (it.Category == copybook.Alphanumeric || it.Category == copybook.Alphabetic)
			c.Encoding = encodingOf(f)
		}
		if c.Shown == "" && !c.Group {
			c.Shown = usageWords(it)
		}
		out = append(out, c)
	}
	return out
}

// encodingOf writes down all that decides how the bytes of an item are read. Only what has characters goes
// by the code page.
func encodingOf(f record.FieldInfo) string {
	it := f.Item
	symbols := it.Picture
	if it.Pic != nil {
		symbols = it.Pic.Symbols
	}
	if it.Filler { // its bytes mean nothing, whatever picture stands for them
		return "filler"
	}
	words := []string{symbols, fmt.Sprint(it.Usage), fmt.Sprint(it.Digits, it.Scale)}
	if it.Signed && it.Usage == copybook.Display {
		words = append(words, fmt.Sprint("sign ", it.Sign))
	}
	for _, w := range []struct {
		on   bool
		word string
	}{{it.LittleEndian, "little"}, {it.FullRange, "full"}, {it.Justified, "justified"}, {it.BlankWhenZero, "blank when zero"}} {
		if w.on {
			words = append(words, w.word)
		}
	}
	if it.Usage == copybook.Display && f.Page != nil {
		words = append(words, f.Page.Name())
	}
	return strings.Join(words, " ")
}

// conditionValues are the host values of level-88 names.
func conditionValues(it *copybook.Item) map[string]string {
	out := map[string]string{}
	for _, c := range it.Conditions {
		words := make([]string, len(c.Values))
		for i, v := range c.Values {
			words[i] = literalWords(v.From)
			if v.To != nil {
				words[i] += " to " + literalWords(v.To)
			}
		}
		out[c.Name] = strings.Join(words, ", ")
	}
	return out
}

func literalWords(l *copybook.Literal) string {
	switch {
	case l == nil:
		return ""
	case l.All:
		return fmt.Sprintf("ALL %q", l.Text)
	case l.Figurative != "":
		return l.Figurative
	case l.Bytes != nil:
		return fmt.Sprintf("X'%X'", l.Bytes)
	case l.Number != "":
		return l.Number
	default:
		return fmt.Sprintf("%q", l.Text)
	}
}

// documentFields lists what is in a document: XML or JSON of a host.
type documentFields struct {
	out  *compare.Message
	seen map[*transforms.Type]bool
}

// maxDocumentFields bounds the fields of one document.
const maxDocumentFields = 20_000

func (d *documentFields) walk(t *transforms.Type, path string, needed bool) {
	if t == nil || d.seen[t] || len(d.out.Fields) > maxDocumentFields {
		return
	}
	d.seen[t] = true
	defer delete(d.seen, t)
	for _, m := range t.Members {
		d.field(m, path+"/"+m.Name, needed && !m.Optional)
	}
}

func (d *documentFields) field(m *transforms.Type, path string, needed bool) {
	f := compare.Field{Path: path, Pos: m.Pos, Needed: needed, Least: 1, Greatest: 1}
	value := m
	for value.Shape == transforms.ArrayShape && value.Items != nil {
		f.Least, f.Greatest = value.MinItems, value.MaxItems
		value = value.Items
	}
	f.Group = value.Shape == transforms.ObjectShape
	f.Shown = typeWords(value)
	if !f.Group {
		f.Encoding = f.Shown
	}
	if m.Pos == (specs.Pos{}) {
		f.Pos = d.out.Pos
	}
	d.out.Fields = append(d.out.Fields, f)
	d.walk(value, path, needed)
}

// typeWords says what values of a document are.
func typeWords(t *transforms.Type) string {
	words := []string{t.Shape.String()}
	if t.Format != "" {
		words = append(words, t.Format)
	}
	if t.Shape == transforms.StringShape && (t.MinLength > 0 || t.MaxLength >= 0) {
		words = append(words, fmt.Sprintf("of %d to %s characters", t.MinLength, boundWords(t.MaxLength)))
	}
	if t.Shape == transforms.NumberShape {
		words = append(words, fmt.Sprintf("of %s digits, %s behind the point", boundWords(t.Digits), boundWords(t.Scale)))
		if t.Minimum != "" || t.Maximum != "" {
			words = append(words, fmt.Sprintf("from %s to %s", t.Minimum, t.Maximum))
		}
	}
	if len(t.Patterns) > 0 {
		words = append(words, "matching "+strings.Join(t.Patterns, " and "))
	}
	if t.Enum != nil {
		words = append(words, "one of "+strings.Join(t.Enum, ", "))
	}
	if t.Nullable {
		words = append(words, "or null")
	}
	return strings.Join(words, " ")
}

func boundWords(n int) string {
	if n < 0 {
		return "any number of"
	}
	return fmt.Sprint(n)
}

// listenerPrefix is in front of the name of a listener in changes.
const listenerPrefix = "listener "

// listenerBackend is the host side of a listener, as far as messages depend on it.
func listenerBackend(ws *specs.Workspace, operation string) *specs.Backend {
	name, ok := strings.CutPrefix(operation, listenerPrefix)
	config := ws.Config.Listener(name)
	if !ok || config == nil {
		return nil
	}
	return config.Backend()
}
