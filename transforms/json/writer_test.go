// SPDX-License-Identifier: Apache-2.0

package json

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/transforms"
)

// slotSource reads a slot of a loop frame whose base the test keeps itself: the frames of a Run
// are not readable from outside its package.
type slotSource struct {
	slot int
	base *int
}

func (s slotSource) Value(r *transforms.Run) (transforms.Value, error) {
	at := s.slot
	if s.base != nil {
		at += *s.base
	}
	return *r.Slots().At(at), nil
}

type literal transforms.Value

func (l literal) Value(*transforms.Run) (transforms.Value, error) { return transforms.Value(l), nil }

func text(s string) literal { return literal(transforms.JSONValue([]byte(s))) }

type failing struct{ err error }

func (f failing) Value(*transforms.Run) (transforms.Value, error) { return transforms.Value{}, f.err }
func (f failing) Holds(*transforms.Run) (bool, error)             { return false, f.err }

type fixed bool

func (f fixed) Holds(*transforms.Run) (bool, error) { return bool(f), nil }

// zoned stands for a host field: its bytes are JSON text already.
type zoned struct{ err error }

func (z zoned) AppendJSON(dst, raw []byte) ([]byte, error) { return append(dst, raw...), z.err }

func host(raw string, err error) literal {
	return literal{Kind: transforms.Host, Text: []byte(raw), Field: zoned{err}}
}

func leaf(name string, shape transforms.Shape, s transforms.Source) *transforms.Mapping {
	return &transforms.Mapping{Type: &transforms.Type{Name: name, Shape: shape}, Source: s}
}

func object(name string, members ...*transforms.Mapping) *transforms.Mapping {
	return &transforms.Mapping{Type: &transforms.Type{Name: name, Shape: transforms.ObjectShape}, Members: members}
}

func list(name string, entries ...*transforms.Mapping) *transforms.Mapping {
	return &transforms.Mapping{Type: &transforms.Type{Name: name, Shape: transforms.ArrayShape}, Members: entries, List: true}
}

func when(c transforms.Condition, m *transforms.Mapping) *transforms.Mapping {
	m.When = c
	return m
}

func write(t testing.TB, m *transforms.Mapping) (string, error) {
	t.Helper()
	w, fs := NewWriter(m)
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	out, err := w.Write([]byte("#"), new(transforms.Run))
	if out[0] != '#' {
		t.Fatal("what was in the buffer is gone")
	}
	return string(out[1:]), err
}

func TestWriter(t *testing.T) {
	const (
		str = transforms.StringShape
		num = transforms.NumberShape
		any = transforms.AnyShape
	)
	for _, c := range []struct {
		name string
		m    *transforms.Mapping
		want string
	}{
		{"empty object", object(""), `{}`},
		{"nothing at all", leaf("", any, literal{}), ``},
		{"root value", leaf("", any, text(`[1, 2]`)), `[1, 2]`},
		{
			"members", object("", leaf("a", str, text(`"x"`)), leaf("b\"/", num, text(`1.50`)), leaf("c", any, text(`true`)), leaf("d", any, text(`null`))),
			`{"a":"x","b\"/":1.50,"c":true,"d":null}`,
		},
		{
			"absent members", object("", leaf("a", str, literal{}), leaf("b", num, text(`1`)), leaf("c", any, literal{}), leaf("d", any, text(`2`))),
			`{"b":1,"d":2}`,
		},
		{
			"conditions", object("", when(fixed(false), leaf("a", num, text(`1`))), when(fixed(true), object("b", leaf("c", num, text(`1`)))), when(fixed(false), object("d"))),
			`{"b":{"c":1}}`,
		},
		{"number to string", object("", leaf("a", str, text(`-1.50`)), leaf("b", str, host(`007.10`, nil))), `{"a":"-1.50","b":"007.10"}`},
		{"string to number", object("", leaf("a", num, text(`"-1.50e3"`)), leaf("b", num, host(`"12"`, nil))), `{"a":-1.50e3,"b":12}`},
		{
			"host values", object("", leaf("a", num, host(`12.30`, nil)), leaf("b", str, host(`"x"`, nil)), leaf("c", num, host(`null`, nil))),
			`{"a":12.30,"b":"x","c":null}`,
		},
		{
			"list", object("", list("l", leaf("0", num, text(`1`)), object("1", leaf("a", num, text(`2`))), list("2", list("0")), leaf("3", any, text(`null`)))),
			`{"l":[1,{"a":2},[[]],null]}`,
		},
		{"copied object", object("", leaf("o", transforms.ObjectShape, text(`{"x": 1}`))), `{"o":{"x": 1}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := write(t, c.m)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWriterErrors(t *testing.T) {
	mine := errors.New("mine")
	table := literal{Kind: transforms.Array, Len: 2}
	each := func(src transforms.Source, to *transforms.Mapping) *transforms.Mapping {
		return &transforms.Mapping{Type: &transforms.Type{Name: "l/"}, Each: &transforms.Each{Source: src, Depth: 1, To: to}}
	}
	for _, c := range []struct {
		name, field, code string
		m                 *transforms.Mapping
		err               error
	}{
		{"text for a number", "/o/n", "not-numeric", object("", object("o", leaf("n", transforms.NumberShape, text(`"1 000"`)))), nil},
		{"leading zeros", "/n", "not-numeric", object("", leaf("n", transforms.NumberShape, text(`"007"`))), nil},
		{"bad number", "/n", "not-numeric", object("", leaf("n", transforms.NumberShape, literal{Kind: transforms.Number, Text: []byte("+Inf")})), nil},
		{"table", "/t", "type", object("", leaf("t", transforms.ArrayShape, table)), nil},
		{"no text", "/t", "type", object("", leaf("t", transforms.StringShape, literal{Kind: transforms.String})), nil},
		{"empty field", "/t", "type", object("", leaf("t", transforms.StringShape, host("", nil))), nil},
		{"entry", "/l~1/0/n", "not-numeric", object("", each(table, object("", leaf("n", transforms.NumberShape, text(`"x"`))))), nil},
		{"no array", "/l~1", "type", object("", each(text(`"x"`), object(""))), nil},
		{"source", "", "", object("", leaf("a", transforms.StringShape, failing{mine})), mine},
		{"condition", "", "", object("", when(failing{mine}, leaf("a", transforms.StringShape, text(`1`)))), mine},
		{"field", "", "", object("", leaf("a", transforms.StringShape, host(`"`, mine))), mine},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := write(t, c.m)
			if got != "" || err == nil {
				t.Fatalf("wrote %q, error %v", got, err)
			}
			if c.err != nil {
				if !errors.Is(err, c.err) {
					t.Fatal(err)
				}
				return
			}
			var fe *transforms.FieldError
			if !errors.As(err, &fe) || fe.Field != c.field || fe.Code != c.code || fe.Offset != -1 {
				t.Errorf("error %#v", err)
			}
		})
	}
}

func TestWriterEach(t *testing.T) {
	var r transforms.Run
	s := r.Slots()
	s.Reset(1)
	first := s.Grow(2 * 3)
	*s.At(0) = transforms.Value{Kind: transforms.Array, First: int32(first), Len: 3}
	for i := range 3 {
		*s.At(first + 2*i) = transforms.JSONValue(fmt.Appendf(nil, `"n%d"`, i))
		*s.At(first + 2*i + 1) = transforms.JSONValue(fmt.Appendf(nil, `%d`, i))
	}
	base := -2
	next := counting{&base, 2, first}
	m := object("",
		&transforms.Mapping{Type: &transforms.Type{Name: "all"}, Each: &transforms.Each{
			Source: slotSource{slot: 0}, Depth: 1, Size: 2,
			To: when(next, object("", leaf("name", transforms.StringShape, slotSource{0, &base}), leaf("n", transforms.NumberShape, slotSource{1, &base}))),
		}},
		&transforms.Mapping{Type: &transforms.Type{Name: "none"}, Each: &transforms.Each{Source: literal{}, Depth: 1, Size: 2, To: object("")}},
		&transforms.Mapping{Type: &transforms.Type{Name: "null"}, Each: &transforms.Each{Source: text("null"), Depth: 1, Size: 2, To: object("")}},
		&transforms.Mapping{Type: &transforms.Type{Name: "empty"}, Each: &transforms.Each{Source: text("[]"), Depth: 1, Size: 2, To: object("")}},
	)
	w, _ := NewWriter(m)
	out, err := w.Write(nil, &r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"all":[{"name":"n0","n":0},{"name":"n2","n":2}],"null":null,"empty":[]}`
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Error(diff)
	}
}

// counting moves a frame on with every entry and leaves out the second one.
type counting struct {
	base        *int
	size, first int
}

func (c counting) Holds(*transforms.Run) (bool, error) {
	if *c.base < 0 {
		*c.base = c.first
	} else {
		*c.base += c.size
	}
	return *c.base != c.first+c.size, nil
}

func TestWriterLoopDepth(t *testing.T) {
	m := &transforms.Mapping{Each: &transforms.Each{Source: text("[]"), Depth: transforms.MaxLoops + 1, To: object("")}}
	if _, fs := NewWriter(m); len(fs) != 1 || fs[0].Code != "LNT3507" {
		t.Errorf("findings %v", fs)
	}
}

func TestWriteAllocatesNothing(t *testing.T) {
	w, r := bodyWriter(t)
	buf := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(200, func() {
		if _, err := w.Write(buf, r); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("writing allocates %v times", n)
	}
}

// bodyWriter writes the benchmark body from the slots it was read into.
func bodyWriter(t testing.TB) (transforms.Writer, *transforms.Run) {
	rd, c := bodyReader(t)
	r := new(transforms.Run)
	r.Slots().Reset(c.Size)
	if err := rd.Read([]byte(body), r.Slots(), 0); err != nil {
		t.Fatal(err)
	}
	m := object("")
	for _, sub := range c.Members {
		m.Members = append(m.Members, &transforms.Mapping{Type: sub.Type, Source: slotSource{slot: sub.Slot}})
	}
	w, fs := NewWriter(m)
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	return w, r
}

func TestWriterRoundTrip(t *testing.T) {
	w, r := bodyWriter(t)
	out, err := w.Write(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	if !EqualText(out, []byte(body)) {
		t.Errorf("got %s", out)
	}
}

func BenchmarkWrite(b *testing.B) {
	w, r := bodyWriter(b)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Write(buf, r); err != nil {
			b.Fatal(err)
		}
	}
}
