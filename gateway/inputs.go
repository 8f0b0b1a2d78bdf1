// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/specs"
)

// shape is a set of JSON types.
type shape uint8

const (
	shapeString shape = 1 << iota
	shapeNumber
	shapeInteger
	shapeBool
	shapeNull
	shapeArray
	shapeObject
)

// valuePlan says how the text of a parameter becomes JSON.
type valuePlan struct {
	shapes shape
	items  *valuePlan // of an array
	// prefix are those of its first items, where they have schemas of their own.
	prefix []*valuePlan
	props  []propPlan // of an object
	rest   *valuePlan // of members that are not in props; nil refuses them
}

type propPlan struct {
	name string
	key  []byte // the quoted name and a colon
	*valuePlan
}

// style is how an array or object is written in a parameter.
type style uint8

const (
	styleSimple style = iota
	styleLabel
	styleMatrix
	styleForm
	styleSpace
	stylePipe
	styleDeep
)

// param is one parameter, compiled.
type param struct {
	name     string
	in       string
	key      []byte // the quoted name and a colon
	header   string // the canonical name of a header
	required bool
	style    style
	explode  bool
	json     bool // the value is JSON, in no style
	value    *valuePlan
	// def is the JSON text of the default, nil without one.
	def []byte
}

// target is what a name in the query stands for: a parameter, or a property of one.
type target struct {
	param int
	prop  int // -1: the parameter itself
}

// inputPlan is all parameters of an operation.
type inputPlan struct {
	// path is in the order of the template.
	path, query, header, cookie []param
	names                       map[string]target
	// catchAll is the query parameter that takes names nobody else has (an exploded object with
	// additional properties), -1 without one.
	catchAll int
	// twins are the names of headers that an underscore could stand in for, such as X_User for X-User.
	twins map[string]bool
	// foreign is a name in the query that is no parameter: that of an API key.
	foreign map[string]bool
}

func compileInputs(op *specs.Operation, pathNames []string) (inputPlan, error) {
	in := inputPlan{names: map[string]target{}, catchAll: -1, twins: singleHeaders()}
	in.path = make([]param, len(pathNames))
	for _, p := range op.Parameters {
		c, err := compileParam(p)
		if err != nil {
			return in, fmt.Errorf("%s parameter %s: %w", p.In, p.Name, err)
		}
		switch p.In {
		case "path":
			i := slices.Index(pathNames, p.Name)
			if i < 0 {
				return in, fmt.Errorf("path parameter %s is not in the path", p.Name)
			}
			in.path[i] = c
		case "query":
			in.query = append(in.query, c)
		case "cookie":
			in.cookie = append(in.cookie, c)
		case "header":
			// OpenAPI: parameters with these names are ignored.
			if c.header != "Accept" && c.header != "Content-Type" && c.header != "Authorization" {
				in.header = append(in.header, c)
				in.twins[c.header] = true
			}
		}
	}
	for i, name := range pathNames {
		if in.path[i].name == "" {
			return in, fmt.Errorf("path parameter %s is not declared", name)
		}
	}
	return in, in.indexQuery()
}

// singleHeaders are the headers whose double or twin would let two servers see two callers.
func singleHeaders() map[string]bool {
	return map[string]bool{"Authorization": true, "Idempotency-Key": true, "Content-Type": true}
}

func compileParam(p *specs.Parameter) (param, error) {
	key, err := quotedKey(p.Name)
	if err != nil {
		return param{}, err
	}
	c := param{
		name: p.Name, in: p.In, key: key, required: p.Required || p.In == "path", explode: p.Explode, json: p.JSON,
		value: compileValue(p.Schema, 0),
	}
	if p.In == "header" {
		c.header = textproto.CanonicalMIMEHeaderKey(p.Name)
	}
	if p.Schema != nil && p.Schema.Default != "" {
		if !jsontext.Value(p.Schema.Default).IsValid() {
			return c, fmt.Errorf("default is not JSON")
		}
		c.def = []byte(p.Schema.Default)
	}
	allowed := map[string]map[string]style{
		"path":   {"": styleSimple, "simple": styleSimple, "label": styleLabel, "matrix": styleMatrix},
		"query":  {"": styleForm, "form": styleForm, "spaceDelimited": styleSpace, "pipeDelimited": stylePipe, "deepObject": styleDeep},
		"header": {"": styleSimple, "simple": styleSimple},
		"cookie": {"": styleForm, "form": styleForm},
	}
	s, ok := allowed[p.In][p.Style]
	if !ok {
		return c, fmt.Errorf("style %q cannot be used there", p.Style)
	}
	c.style = s
	if p.In == "cookie" {
		// Cookies cannot repeat, so an array or object in one is a single text whatever explode says.
		c.explode = false
	}
	return c, nil
}

func quotedKey(name string) ([]byte, error) {
	key, err := jsontext.AppendQuote(nil, name)
	if err != nil {
		return nil, fmt.Errorf("name is not UTF-8")
	}
	return append(key, ':'), nil
}

// maxPlanDepth bounds how deep the schema of a parameter is followed: no style nests deeper.
const maxPlanDepth = 3

// compileValue finds out what a text may become under a schema. A nil schema takes texts.
func compileValue(s *specs.Schema, depth int) *valuePlan {
	v := &valuePlan{shapes: shapesOf(s, 0)}
	if v.shapes == 0 {
		v.shapes = shapeString
	}
	if s == nil || depth > maxPlanDepth {
		return v
	}
	if v.shapes&shapeArray != 0 {
		v.items = compileValue(first(s, func(s *specs.Schema) *specs.Schema { return s.Items }), depth+1)
		for _, part := range parts(s, 0) {
			for _, p := range part.PrefixItems[min(len(v.prefix), len(part.PrefixItems)):] {
				v.prefix = append(v.prefix, compileValue(p, depth+1))
			}
		}
	}
	if v.shapes&shapeObject != 0 {
		v.addProperties(s, depth)
	}
	return v
}

func (v *valuePlan) addProperties(s *specs.Schema, depth int) {
	closed := false
	for _, part := range parts(s, 0) {
		for _, p := range part.Properties {
			key, err := quotedKey(p.Name)
			if err != nil || slices.ContainsFunc(v.props, func(have propPlan) bool { return have.name == p.Name }) {
				continue
			}
			v.props = append(v.props, propPlan{p.Name, key, compileValue(p.Schema, depth+1)})
		}
		if a := part.Additional; a != nil {
			closed = closed || a.Never
			if !a.Never {
				v.rest = compileValue(a, depth+1)
			}
		}
		if u := part.UnevaluatedProperties; u != nil && !u.Never {
			v.rest = compileValue(u, depth+1)
		}
	}
	if v.rest == nil && !closed && len(v.props) == 0 {
		v.rest = compileValue(nil, depth+1)
	}
}

// parts lists a schema with everything it is composed of.
func parts(s *specs.Schema, depth int) []*specs.Schema {
	if s == nil || depth > maxPlanDepth {
		return nil
	}
	out := []*specs.Schema{s}
	for _, list := range [][]*specs.Schema{s.AllOf, s.AnyOf, s.OneOf, {s.If, s.Then, s.Else}} {
		for _, p := range list {
			out = append(out, parts(p, depth+1)...)
		}
	}
	for _, d := range s.DependentSchemas {
		out = append(out, parts(d.Schema, depth+1)...)
	}
	return out
}

// item is the plan of the item at a place of an array.
func (v *valuePlan) item(i int) *valuePlan {
	if i < len(v.prefix) {
		return v.prefix[i]
	}
	return v.items
}

func first(s *specs.Schema, get func(*specs.Schema) *specs.Schema) *specs.Schema {
	for _, p := range parts(s, 0) {
		if found := get(p); found != nil {
			return found
		}
	}
	return nil
}

// shapesOf gives the JSON types a schema allows; 0 when it does not say.
func shapesOf(s *specs.Schema, depth int) shape {
	if s == nil || depth > maxPlanDepth {
		return 0
	}
	var own shape
	for _, t := range s.Types {
		own |= map[string]shape{
			"string": shapeString, "number": shapeNumber, "integer": shapeInteger, "boolean": shapeBool,
			"null": shapeNull, "array": shapeArray, "object": shapeObject,
		}[t]
	}
	for _, p := range s.AllOf {
		own = both(own, shapesOf(p, depth+1))
	}
	for _, list := range [][]*specs.Schema{s.AnyOf, s.OneOf} {
		var any shape
		for _, p := range list {
			any |= shapesOf(p, depth+1)
		}
		own = both(own, any)
	}
	if own == 0 {
		own = literalShapes(s)
	}
	return own
}

func both(a, b shape) shape {
	if a == 0 || b == 0 || a&b == 0 {
		return a | b
	}
	return a & b
}

// literalShapes takes the types of an enum or const, where a schema gives no others.
func literalShapes(s *specs.Schema) shape {
	texts := s.Enum
	if s.Const != nil {
		texts = append(slices.Clip(texts), *s.Const)
	}
	var out shape
	for _, t := range texts {
		switch jsontext.Value(t).Kind() {
		case jsontext.KindString:
			out |= shapeString
		case jsontext.KindNumber:
			out |= shapeNumber
		case jsontext.KindTrue, jsontext.KindFalse:
			out |= shapeBool
		case jsontext.KindNull:
			out |= shapeNull
		}
	}
	if len(s.Properties) > 0 {
		out |= shapeObject
	}
	if s.Items != nil || len(s.PrefixItems) > 0 {
		out |= shapeArray
	}
	return out
}

// indexQuery gives every name that may stand in the query its target.
func (in *inputPlan) indexQuery() error {
	add := func(name string, t target) error {
		if _, taken := in.names[name]; taken {
			return fmt.Errorf("two query parameters use the name %s", name)
		}
		in.names[name] = t
		return nil
	}
	for i := range in.query {
		p := &in.query[i]
		object := p.value.shapes&shapeObject != 0 && p.value.shapes&shapeArray == 0
		if p.json || !object || p.style != styleDeep && (p.style != styleForm || !p.explode) {
			if err := add(p.name, target{i, -1}); err != nil {
				return err
			}
			continue
		}
		for j, prop := range p.value.props {
			name := prop.name
			if p.style == styleDeep {
				name = p.name + "[" + prop.name + "]"
			}
			if err := add(name, target{i, j}); err != nil {
				return err
			}
		}
		if p.style == styleForm && p.value.rest != nil {
			in.catchAll = i
		}
	}
	return nil
}

// find returns the target of a name in the query. A name that is a member nobody listed gets the
// property number -2.
func (in *inputPlan) find(name string) (target, bool) {
	if t, ok := in.names[name]; ok {
		return t, true
	}
	if base, member, ok := strings.Cut(name, "["); ok && len(member) > 1 && strings.HasSuffix(member, "]") {
		for i := range in.query {
			if p := &in.query[i]; p.style == styleDeep && p.name == base && p.value.rest != nil {
				return target{i, -2}, true
			}
		}
	}
	if in.catchAll >= 0 && name != "" {
		return target{in.catchAll, -2}, true
	}
	return target{}, false
}

// twinOf reports whether a header name with underscores could be taken for one that is read here.
func (in *inputPlan) twinOf(name string) bool {
	return strings.Contains(name, "_") && in.twins[http.CanonicalHeaderKey(strings.ReplaceAll(name, "_", "-"))]
}
