// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unsafe"
)

// The values of a run become Go values here, for the program of an expression. Of objects only those members
// are read that the expression names.

// maxLevels is how deep the entries of arrays in arrays are counted apart.
const maxLevels = 3

// sizes are those of the values that an expression was given.
type sizes struct {
	// text is the length of the longest text in bytes.
	text int
	// read is the work of reading arrays, in steps.
	read int
	// entries are how many entries the arrays of each variable have, by how many arrays are around them.
	entries [][maxLevels]int
}

// reading is the state of making the value of one variable.
type reading struct {
	r *Run
	x *variable
	// entries are the counts of the variable.
	entries *[maxLevels]int
}

// goValue gives the value of a variable to its expression. An absent one is nil, or the zero of a type that
// does not know absence.
func (r *Run) goValue(v Value, x *variable, entries *[maxLevels]int) (any, error) {
	in := reading{r: r, x: x, entries: entries}
	t := x.ref.typ
	switch {
	case v.Kind == Absent || v.Kind == Null:
		return x.zero, nil
	case t.growing || t.Shape == AnyShape:
		return in.unknown(v.Text, 0)
	case v.Kind != Array:
		return in.scalar(v, t)
	}
	typ := x.typ
	if typ.Kind() != reflect.Slice {
		if typ = goType(t, 0); typ == nil || typ.Kind() != reflect.Slice {
			return nil, errTooDeep
		}
	}
	list := reflect.New(typ).Elem()
	err := in.list(list, v.Text, t, 0)
	return list.Interface(), err
}

var errTooDeep = errors.New("value is too deep for an expression")

// borrow gives bytes as a text without a copy. An expression keeps nothing beyond its run, during which nobody
// writes to the values of its exchange.
func borrow(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // see above
}

// text gives the text of a JSON string.
func (in *reading) text(token []byte) (string, error) {
	text, err := unquote(token)
	in.r.met.text = max(in.r.met.text, len(text))
	return borrow(text), err
}

// scalar gives a text, number or boolean.
func (in *reading) scalar(v Value, t *Type) (any, error) {
	switch {
	case v.Kind == String && (t.Shape == StringShape || t.Shape == AnyShape):
		return in.text(v.Text)
	case v.Kind == Bool && t.Shape == BoolShape:
		return v.Text[0] == 't', nil
	case v.Kind == Number && t.Shape == FloatShape:
		return parseFloat(v.Text)
	case v.Kind == Number && t.Shape == NumberShape:
		return in.r.numbers.parse(borrow(v.Text))
	}
	return nil, fmt.Errorf("value is no %s", t.Shape)
}

// list fills dst, an empty slice, from a JSON array.
func (in *reading) list(dst reflect.Value, text []byte, t *Type, level int) error {
	n := 0
	for at, more := NextItem(text, 1); more; at, more = NextItem(text, SkipValue(text, at)) {
		n++
	}
	in.entries[min(level, maxLevels-1)] += n
	in.r.met.read += len(text)/bytesPerStep + n
	dst.Set(reflect.MakeSlice(dst.Type(), n, n))
	objects := dst.Type().Elem().Kind() == reflect.Pointer
	var rows reflect.Value
	if objects { // all in one piece of memory
		rows = reflect.MakeSlice(reflect.SliceOf(dst.Type().Elem().Elem()), n, n)
	}
	i := 0
	for at, more := NextItem(text, 1); more; i++ {
		end := SkipValue(text, at)
		to := dst.Index(i)
		if objects && text[at] == '{' {
			to.Set(rows.Index(i).Addr())
			to = rows.Index(i)
		}
		if err := in.child(to, text[at:end], t.Items, level+1); err != nil {
			return err
		}
		at, more = NextItem(text, end)
	}
	return nil
}

// object fills dst, a struct, from a JSON object.
func (in *reading) object(dst reflect.Value, text []byte, t *Type, level int) error {
	next := 0
	name, at, more := NextMember(text, 1)
	for more {
		end := SkipValue(text, at)
		j := memberOf(t, name, next)
		if j >= 0 {
			next = j + 1
			if m := t.Members[j]; in.x.names[m.Name] {
				in.r.met.read++
				if err := in.child(dst.Field(j), text[at:end], m, level); err != nil {
					return err
				}
			}
		}
		name, at, more = NextMember(text, end)
	}
	return nil
}

// memberOf finds the member with a quoted name; mostly it is the next one, or one behind it.
func memberOf(t *Type, quoted []byte, next int) int {
	name, err := unquote(quoted)
	if err != nil {
		return -1
	}
	for j := next; j < len(t.Members); j++ {
		if t.Members[j].Name == string(name) {
			return j
		}
	}
	return slices.IndexFunc(t.Members[:min(next, len(t.Members))], func(m *Type) bool { return m.Name == string(name) })
}

// child fills an entry or member, whose type goType made for t.
func (in *reading) child(dst reflect.Value, raw []byte, t *Type, level int) error {
	v := JSONValue(raw)
	switch {
	case v.Kind == Null || v.Kind == Absent:
		return nil
	case t == nil || t.growing || t.Shape == AnyShape:
		x, err := in.unknown(raw, level)
		if err == nil && x != nil {
			dst.Set(reflect.ValueOf(x))
		}
		return err
	case v.Kind != Object && v.Kind != Array:
		return in.leaf(dst, v, t)
	}
	to := dst
	if dst.Kind() == reflect.Interface {
		typ := goType(t, 0)
		if typ == nil || typ.Kind() != reflect.Struct && typ.Kind() != reflect.Slice {
			return errTooDeep
		}
		to = reflect.New(typ).Elem()
	}
	var err error
	switch {
	case v.Kind == Array && to.Kind() == reflect.Slice:
		err = in.list(to, raw, t, level)
	case v.Kind == Object && t.Shape == ObjectShape:
		err = in.object(to, raw, t, level)
	default:
		return fmt.Errorf("value is no %s", t.Shape)
	}
	if err != nil || to == dst {
		return err
	}
	if to.Kind() == reflect.Struct {
		to = to.Addr()
	}
	dst.Set(to)
	return nil
}

// leaf fills in a text, number or boolean.
func (in *reading) leaf(dst reflect.Value, v Value, t *Type) error {
	x, err := in.scalar(v, t)
	if err != nil {
		return err
	}
	switch x := x.(type) {
	case string:
		if dst.Kind() == reflect.String {
			dst.SetString(x)
			return nil
		}
	case bool:
		if dst.Kind() == reflect.Bool {
			dst.SetBool(x)
			return nil
		}
	}
	dst.Set(reflect.ValueOf(x))
	return nil
}

// maxAnyDepth bounds how deep a list of unknown shape is taken apart for an expression.
const maxAnyDepth = 8

// opaque is an object of unknown shape in an expression: it can be moved on, and equals nothing.
type opaque struct{ text []byte }

// unknown gives a JSON value of unknown shape: a text, boolean, exact number, list or opaque object.
func (in *reading) unknown(raw []byte, level int) (any, error) {
	switch v := JSONValue(raw); v.Kind {
	case String:
		return in.text(raw)
	case Bool:
		return raw[0] == 't', nil
	case Number:
		return in.r.numbers.parse(borrow(raw))
	case Array:
		if level == maxAnyDepth {
			return opaque{raw}, nil
		}
		list := []any{}
		in.r.met.read += len(raw) / bytesPerStep
		for at, more := NextItem(raw, 1); more; {
			end := SkipValue(raw, at)
			x, err := in.unknown(raw[at:end], level+1)
			if err != nil {
				return nil, err
			}
			list = append(list, x)
			at, more = NextItem(raw, end)
		}
		in.entries[min(level, maxLevels-1)] += len(list)
		in.r.met.read += len(list)
		return list, nil
	case Object:
		return opaque{raw}, nil
	default:
		return nil, nil
	}
}
