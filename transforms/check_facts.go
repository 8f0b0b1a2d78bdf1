// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// facts is what is known at load about the values of a source.
type facts struct {
	// typ describes the values; nil if nothing is known. Its Enum lists the only ones there are.
	typ *Type
	// vague facts know the shape only: the result of a computation.
	vague bool
	// scaled facts know how many decimals a vague number has, also that there is no bound.
	scaled bool
	// literal facts are those of one value written out.
	literal bool
	// absent and null tell that there may be no value, or null.
	absent, null bool
	// label names the source in messages.
	label string
	// others are what the values can be too: of another shape than typ, or listed one by one where typ is
	// not, or the other way round.
	others []facts
}

// each calls f with the facts of each kind of value that there can be, until those of one shape have
// something to report. Listed values are none that others can stand for, so that they are always looked at.
func (k *checker) each(fs facts, f func(facts)) {
	before := len(k.findings)
	for _, one := range append([]facts{fs}, fs.others...) {
		if one.others = nil; len(k.findings) > before && (one.typ == nil || one.typ.Enum == nil) {
			continue
		}
		one.absent, one.null, one.label = fs.absent, fs.null, fs.label
		f(one)
		fs.absent, fs.null = false, false // told once
	}
}

// factsOf finds out what is known about a source.
func (k *checker) factsOf(s Source) facts {
	switch s := s.(type) {
	case *slotRef:
		defer k.standing(k.named[s])()
		f := k.pathFacts(s.path, s.typ, k.labelOf(s))
		if slices.Contains(k.present, proofLabel(pathLabel(&root{name: s.root}, s.path))) {
			f.absent, f.null = false, false
		}
		return f
	case literal:
		f := literalFacts(s.value)
		f.literal = true
		return f
	case *expression:
		if s.move != nil {
			return k.factsOf(s.move)
		}
		if p := k.passes[s.node]; p != nil {
			if tree, err := parse(p.src); err == nil {
				defer k.standing(p)()
				f := k.infer(tree, p)
				f.label = shortSource(p.src)
				return f
			}
		}
	}
	return facts{vague: true, label: "the expression"}
}

// labelOf names a captured value as an expression would.
func (k *checker) labelOf(s *slotRef) string {
	if label := k.labels[s]; label != "" {
		return label
	}
	rt := root{}
	switch s.doc {
	case nil:
		return ""
	case k.t.body:
		rt.name = "body"
	case k.t.content:
		rt.name = "content"
	case k.t.head:
		rt.name = "head"
	case k.t.params:
		for _, group := range k.t.params.typ.Type.Members {
			if len(s.path) > 0 && slices.Contains(group.Members, s.path[0]) {
				rt.name = group.Name
			}
		}
	default:
		rt.name = "reply"
	}
	return pathLabel(&rt, s.path)
}

// shortSource names an expression in a message.
func shortSource(src string) string {
	if src = strings.TrimSpace(src); len(src) > 40 || strings.Contains(src, "\n") {
		return "the expression"
	}
	return src
}

// pathFacts describes what a path leads to. Whatever can be missing on the way makes it absent.
func (k *checker) pathFacts(path []*Type, t *Type, label string) facts {
	f := facts{typ: t, null: t.Nullable, label: label, absent: len(path) == 0 && t.Optional}
	for i, on := range path {
		f.absent = f.absent || on.Optional && !k.picked(on) || on.Nullable && i < len(path)-1
	}
	if t.Default != "" {
		f.absent = false
	}
	if slices.Contains(k.present, proofLabel(label)) {
		f.absent, f.null = false, false
	}
	if f.label == "" {
		f.label = targetLabel(t)
	}
	if set := k.world[t]; set != nil {
		f = set.narrow(f)
	}
	return f
}

func literalFacts(v Value) facts {
	f := facts{label: "the literal", typ: &Type{MaxLength: Unbounded, MaxItems: Unbounded, Digits: Unbounded}}
	switch v.Kind {
	case Absent:
		f.typ, f.absent = nil, true
	case Null:
		f.typ, f.null = nil, true
	case Bool:
		f.typ.Shape, f.typ.Enum = BoolShape, []string{string(v.Text)}
	case Number:
		f.typ.Shape, f.typ.Enum = NumberShape, []string{string(v.Text)}
		f.typ.setDigits(string(v.Text))
	case String:
		text, err := unquote(v.Text)
		if err != nil {
			return facts{vague: true}
		}
		f.typ.Shape, f.typ.Enum = StringShape, []string{string(v.Text)}
		f.typ.MinLength = utf8.RuneCount(text)
		f.typ.MaxLength = f.typ.MinLength
	default:
		return facts{vague: true}
	}
	return f
}

// setDigits describes exactly one number.
func (t *Type) setDigits(text string) {
	d, err := ParseDecimal(text)
	if err != nil {
		return
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(d.String(), "-"), ".")
	t.Signed = strings.HasPrefix(d.String(), "-")
	t.Scale = len(strings.TrimRight(fraction, "0"))
	t.Integer = t.Scale == 0
	t.Digits = len(strings.TrimLeft(whole, "0")) + t.Scale
	t.Minimum, t.Maximum = text, text
}

// either describes a value that is one of two.
func either(a, b facts) facts {
	out := facts{}
	for _, one := range slices.Concat([]facts{a}, a.others, []facts{b}, b.others) {
		one.others = nil
		switch {
		case one.typ == nil && (one.absent || one.null) && !one.vague: // no value at all
		case one.typ == nil || one.typ.Shape == ObjectShape || one.typ.Shape == ArrayShape:
			out.vague = true
		case out.typ == nil:
			out.typ, out.vague, out.scaled = one.typ, out.vague || one.vague, one.scaled
		case alike(out.typ, one.typ):
			out = joined(out, one)
		default:
			out.others = appendShape(out.others, one)
		}
	}
	out.absent, out.null = a.absent || b.absent, a.null || b.null
	return out
}

// alike tells that one type can describe the values of both without loss: both list them, or neither.
func alike(a, b *Type) bool { return a.Shape == b.Shape && (a.Enum == nil) == (b.Enum == nil) }

// folded describes values of one shape by one type, for what asks for their bounds only.
func (f facts) folded() facts {
	var others []facts
	for _, one := range f.others {
		if f.typ == nil || one.typ.Shape != f.typ.Shape {
			others = append(others, one)
			continue
		}
		f = joined(f, one)
	}
	f.others = others
	return f
}

// joined describes a value of one shape that is one of two.
func joined(a, b facts) facts {
	if a.typ.Shape != AnyShape {
		a.typ = widest(a.typ, b.typ)
	}
	a.vague, a.scaled = a.vague || b.vague, a.scaled && b.scaled
	return a
}

func appendShape(others []facts, f facts) []facts {
	for i := range others {
		if alike(others[i].typ, f.typ) {
			others[i] = joined(others[i], f)
			return others
		}
	}
	return append(others, f)
}

// widest is a type that holds the values of both.
func widest(a, b *Type) *Type {
	t := a.bare()
	t.Pos, t.HostName = a.Pos, a.HostName
	t.Minimum, t.Maximum = lesser(a.Minimum, b.Minimum), greater(a.Maximum, b.Maximum)
	if a.Enum != nil && b.Enum != nil {
		t.Enum = append(t.Enum, a.Enum...)
		for _, e := range b.Enum {
			if !slices.Contains(t.Enum, e) {
				t.Enum = append(t.Enum, e)
			}
		}
	}
	fa, fb := textOf(a), textOf(b)
	one := fa.or(fb)
	t.MinLength, t.MaxLength = one.min, one.max
	t.Integer, t.Signed = a.Integer && b.Integer, a.Signed || b.Signed
	if a.Scale >= 0 && b.Scale >= 0 {
		t.Scale = max(a.Scale, b.Scale)
		if a.Digits >= 0 && b.Digits >= 0 {
			t.Digits = max(a.Digits-a.Scale, b.Digits-b.Scale) + t.Scale
		}
	} else {
		t.Scale = Unbounded
	}
	if a.Format == b.Format {
		t.Format = a.Format
	}
	return t
}

// lesser is the smaller of two bounds; empty, which is no bound, is the smallest.
func lesser(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	if inRange(&Type{Minimum: a}, b) {
		return a
	}
	return b
}

// greater is the larger of two bounds; empty, which is no bound, is the largest.
func greater(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	if inRange(&Type{Maximum: a}, b) {
		return a
	}
	return b
}

// bare is a type of the same shape without any bounds.
func (t *Type) bare() *Type {
	return &Type{Shape: t.Shape, MaxLength: Unbounded, MaxItems: Unbounded, Digits: Unbounded, Scale: Unbounded, Signed: true}
}

// pathLabel writes a path as expressions do.
func pathLabel(rt *root, path []*Type) string {
	text := rt.name
	for _, t := range path {
		text += "." + t.Name
	}
	return text
}

// rootMissing tells that the entry of a loop that a path begins with may itself be null.
func rootMissing(rt *root, path []*Type) bool {
	return rt.doc == nil && rt.typ.Nullable && len(path) > 0 && path[len(path)-1].Default == ""
}
