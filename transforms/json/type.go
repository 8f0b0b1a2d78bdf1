// SPDX-License-Identifier: Apache-2.0

package json

import (
	"slices"
	"strings"

	"lintel/specs"
	"lintel/transforms"
)

// TypeOf makes the type tree of a schema for type checks. It may be cyclic where the schema is.
// allOf is merged; the alternatives of anyOf and oneOf become one type: an object whose members are
// optional unless every alternative requires them, a common shape with the widest bounds, or any
// value. A member that only some alternatives name has the type they give it: requests in which it
// comes with another alternative are refused, unless unknown members are allowed. What a condition (if,
// dependentSchemas) asks for only narrows: it gives types to members that nothing else names. The items of
// a tuple have one type that holds for all of them. A schema without
// a type is taken for an object or array if it speaks about members or items. Scale and Digits are
// transforms.Unbounded where the schema does not bound them.
func TypeOf(s *specs.Schema) *transforms.Type { return typeTree(s, false) }

// typeTree is TypeOf; foreign schemas belong to a host: their defaults are its own matter.
func typeTree(s *specs.Schema, foreign bool) *transforms.Type {
	b := &typeBuilder{
		foreign: foreign,
		views:   map[*specs.Schema]*view{}, types: map[*specs.Schema]*transforms.Type{},
		pairs: map[pairKey]*specs.Schema{}, merged: map[*specs.Schema]bool{}, tuples: map[*specs.Schema]*specs.Schema{},
	}
	root := b.typeOf(s)
	for i := 0; i < len(b.members); i++ { // grows while types of members are made
		b.fill(b.members[i])
	}
	return root
}

type typeBuilder struct {
	views   map[*specs.Schema]*view
	types   map[*specs.Schema]*transforms.Type
	members []memberType
	// pairs are the schemas made for members that two schemas name; merged are those.
	pairs  map[pairKey]*specs.Schema
	merged map[*specs.Schema]bool
	// tuples are the schemas made for the items of tuples.
	tuples map[*specs.Schema]*specs.Schema
	// foreign types are those of a host.
	foreign bool
}

// memberType is a member whose facts are copied from the type of its schema once that is made.
type memberType struct {
	to     *transforms.Type
	schema *specs.Schema
}

// fill copies the facts of the member's schema, but not what belongs to the member itself.
func (b *typeBuilder) fill(m memberType) {
	own := *m.to
	*m.to = *b.typeOf(m.schema)
	m.to.Name, m.to.Optional, m.to.Pos = own.Name, own.Optional, own.Pos
	m.to.Chooser, m.to.ChosenBy = own.Chooser, own.ChosenBy
}

// typeOf returns the nameless type of a schema.
func (b *typeBuilder) typeOf(s *specs.Schema) *transforms.Type {
	if t, ok := b.types[s]; ok {
		return t
	}
	t := &transforms.Type{MaxItems: transforms.Unbounded, MaxLength: transforms.Unbounded, Foreign: b.foreign}
	b.types[s] = t
	v := b.view(s, 0)
	if s != nil {
		t.Ref = s
		t.Pos, t.Default = s.Pos, s.Default
		if b.foreign {
			t.Default = ""
		}
	}
	t.Shape = v.shape()
	t.Nullable = v.kinds&kindNull != 0 && t.Shape != transforms.AnyShape
	t.Enum = v.enum
	t.Format = v.format
	switch t.Shape {
	case transforms.ObjectShape:
		b.object(t, v)
		b.chosen(t, s)
		b.chosenBy(t, s, v, 0)
	case transforms.ArrayShape:
		t.MinItems, t.MaxItems = v.minItems, v.maxItems
		t.Items = b.typeOf(v.items)
		for _, p := range v.prefix {
			t.Prefix = append(t.Prefix, b.typeOf(p))
		}
	case transforms.StringShape:
		t.MinLength, t.MaxLength = v.minLength, v.maxLength
		t.Patterns = v.patterns
	case transforms.NumberShape:
		v.digits(t)
	case transforms.AnyShape:
		t.Nullable = v.kinds&kindNull != 0
		t.Refuses = v.refuses()
		if len(v.members) > 0 {
			b.object(t, v)
		}
	}
	return t
}

// chosen tells the members that some alternatives of a discriminator require by which of its values they are
// there.
func (b *typeBuilder) chosen(t *transforms.Type, s *specs.Schema) {
	if s == nil || s.Discriminator == nil {
		return
	}
	by := t.Member(s.Discriminator.Property)
	if by == nil {
		return
	}
	for _, m := range t.Members {
		if !m.Optional {
			continue
		}
		for _, one := range s.Discriminator.Mapping {
			if slices.Contains(b.view(one.Schema, 1).required, m.Name) {
				m.Chooser, m.ChosenBy = by, append(m.ChosenBy, one.Value)
			}
		}
	}
}

// refuses lists the shapes of values that are not allowed; nil if all are.
func (v *view) refuses() []transforms.Shape {
	if v.kinds == kindAny {
		return nil
	}
	out := []transforms.Shape{}
	for k, shape := range map[kind]transforms.Shape{
		kindObject: transforms.ObjectShape, kindArray: transforms.ArrayShape, kindString: transforms.StringShape,
		kindNumber: transforms.NumberShape, kindBool: transforms.BoolShape,
	} {
		if v.kinds&k == 0 {
			out = append(out, shape)
		}
	}
	slices.Sort(out)
	return out
}

func (b *typeBuilder) object(t *transforms.Type, v *view) {
	t.Open = v.open
	for _, m := range v.members {
		mt := &transforms.Type{Name: m.name, Optional: !slices.Contains(v.required, m.name), Pos: m.pos}
		t.Members = append(t.Members, mt)
		b.members = append(b.members, memberType{mt, m.schema})
	}
}

// view is what a schema says with everything applied in place merged in.
type view struct {
	kinds kind
	// stated are the kinds without those that guess has left out.
	stated   kind
	integer  bool
	enum     []string
	format   string
	members  []viewMember
	required []string
	open     bool
	items    *specs.Schema
	// prefix are the schemas of the first items, by their places.
	prefix                                   []*specs.Schema
	minItems, maxItems, minLength, maxLength int
	// minimum and maximum are read for their digits and sign only; low and high are the bounds as they stand.
	minimum, maximum, low, high *number
	scale                       int
	patterns                    []string
}

type viewMember struct {
	name   string
	schema *specs.Schema
	pos    specs.Pos
	// partial members are known to some alternatives only. Their schema holds if nothing else
	// names the member; where something else does, other alternatives let pass what that accepts.
	partial bool
}

// maxMerge bounds how deep schemas are merged in place; deeper, nothing is known.
const maxMerge = 16

// view merges what applies to the same value. Schemas that apply to themselves end in "anything".
func (b *typeBuilder) view(s *specs.Schema, depth int) *view {
	if v, ok := b.views[s]; ok {
		return v
	}
	if s == nil || depth > maxMerge {
		return openView()
	}
	v := b.own(s)
	for _, sub := range s.AllOf {
		v.narrow(b, b.view(sub, depth+1))
	}
	for _, list := range [][]*specs.Schema{s.AnyOf, s.OneOf} {
		if len(list) == 0 {
			continue
		}
		var alt *view
		for _, sub := range list {
			one := b.view(sub, depth+1)
			if one.kinds == 0 {
				continue
			}
			if alt == nil {
				alt = one.clone()
			} else {
				alt.widen(b, one, b.merged[s])
			}
		}
		if alt != nil {
			v.narrow(b, alt)
		}
	}
	b.conditions(v, s, depth)
	if v.open && closes(s, 0) {
		v.open = false
	}
	if depth == 0 {
		b.views[s] = v
	}
	return v
}

func openView() *view {
	return &view{
		kinds: kindAny, stated: kindAny, open: true, scale: transforms.Unbounded,
		maxItems: transforms.Unbounded, maxLength: transforms.Unbounded,
	}
}

func (v *view) clone() *view {
	c := *v
	c.enum, c.members, c.required = slices.Clone(v.enum), slices.Clone(v.members), slices.Clone(v.required)
	return &c
}

// own is what the keywords of s itself say.
func (b *typeBuilder) own(s *specs.Schema) *view {
	v := openView()
	if s.Never {
		v.kinds = 0
	}
	if len(s.Types) > 0 {
		v.kinds = 0
		for _, t := range s.Types {
			v.kinds |= typeKind(t)
		}
		v.integer = slices.Contains(s.Types, "integer") && !slices.Contains(s.Types, "number")
	}
	v.ownEnum(s)
	v.format = s.Format
	if f := formatOf(s.Format); f != nil && f.isNumber != nil && v.kinds&^kindNull == kindNumber {
		v.integer = true
	}
	for _, p := range s.Properties {
		v.members = append(v.members, viewMember{name: p.Name, schema: p.Schema, pos: p.Pos})
	}
	v.required = withNeeded(s)
	v.open = s.Additional == nil || !s.Additional.Never || len(s.PatternProperties) > 0
	v.items, v.prefix = b.items(s), s.PrefixItems
	v.minItems, v.minLength = max(s.MinItems, 0), max(s.MinLength, 0)
	v.maxItems, v.maxLength = s.MaxItems, s.MaxLength
	if n := len(s.PrefixItems); n > 0 && s.Items != nil && s.Items.Never {
		v.maxItems = least(v.maxItems, n)
	}
	if s.Pattern != "" {
		v.patterns = []string{s.Pattern}
	}
	v.bounds(s)
	v.stated = v.kinds
	if len(s.Types) == 0 && s.Enum == nil && s.Const == nil {
		v.guess(s)
	}
	return v
}

// guess reads the kind from the keywords where a schema gives no type: they are written for that
// kind, and other kinds come through only because nobody said otherwise. The kinds stay as they
// are; only the shape shows it.
func (v *view) guess(s *specs.Schema) {
	switch {
	case len(s.Properties) > 0 || len(s.Required) > 0:
		v.kinds = kindObject
	case s.Items != nil || len(s.PrefixItems) > 0:
		v.kinds = kindArray
	}
}

func (v *view) ownEnum(s *specs.Schema) {
	if s.Const != nil {
		v.enum = []string{*s.Const}
	} else {
		v.enum = s.Enum
	}
	if v.enum == nil {
		return
	}
	var k kind
	for _, text := range v.enum {
		if text = strings.TrimSpace(text); text != "" {
			k |= kindOf(text[0])
		}
	}
	v.kinds &= k
}
