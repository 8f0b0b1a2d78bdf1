// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"lintel/specs"
	"lintel/transforms"
)

// behavior is what simulate.yaml says of one exchange, compiled.
type behavior struct {
	op      *operation
	latency specs.Latency
	faults  []*hostFault
	rows    []*rowRef
	replies []*replyRule
	stage   *transforms.Stage
}

// hostFault is one thing that may go wrong.
type hostFault struct {
	*specs.Fault
	when transforms.Condition
}

// rowRef names a row of a table.
type rowRef struct {
	name, table string
	key         *transforms.ScenePart
	// keys plays the key, before any row is known.
	keys   *transforms.Stage
	create bool
}

// replyRule is one rule of what the host replies.
type replyRule struct {
	pos        specs.Pos
	when       transforms.Condition
	message    *transforms.MessageType
	variant    string
	fields     *transforms.ScenePart
	properties map[string]any
	set        map[string]*transforms.ScenePart
}

// sceneCompiler compiles the sections of simulate.yaml.
type sceneCompiler struct {
	compiler *transforms.Compiler
	sim      *specs.Simulation
	findings specs.Findings
}

// compile makes the behavior of an exchange; it has at least the latency and the faults of all exchanges.
func (c *sceneCompiler) compile(op *operation, x *specs.SimulatedExchange) *behavior {
	b := &behavior{op: op, latency: c.sim.Latency}
	faults := c.sim.Faults
	if x == nil {
		x = &specs.SimulatedExchange{}
	}
	if x.Latency != nil {
		b.latency = *x.Latency
	}
	if x.Own {
		faults = x.Faults
	}
	scene := c.scene(op)
	for _, f := range faults { // before any row is known: a fault is decided before one is looked at
		one := &hostFault{Fault: f}
		if f.When != nil {
			if one.when = scene.Test(f.When); one.when == nil {
				continue
			}
		}
		b.faults = append(b.faults, one)
	}
	c.rows(b, x, scene)
	for _, r := range x.Replies {
		scene.Under(r.When, func() { c.reply(b, r, scene) })
	}
	var fs specs.Findings
	b.stage, fs = scene.Finish()
	c.findings = append(c.findings, fs...)
	return b
}

// scene begins a scene with what the host gets.
func (c *sceneCompiler) scene(op *operation) *transforms.Scene {
	s := c.compiler.NewScene()
	s.Document("request", op.transform.Request.Type)
	s.Document("properties", requestProperties(op.backend.Wire))
	return s
}

// requestProperties is the type of the properties of a message that the host gets, as far as they have one name.
func requestProperties(wire string) *transforms.Type {
	out := &transforms.Type{Name: "properties", Shape: transforms.ObjectShape}
	for _, p := range specs.WireProperties(wire) {
		if !p.Request || p.Open() {
			continue
		}
		shape := transforms.StringShape
		switch p.Type {
		case specs.WholeProperty:
			shape = transforms.NumberShape
		case specs.BooleanProperty:
			shape = transforms.BoolShape
		case specs.TextProperty:
		default:
			continue
		}
		out.Members = append(out.Members, &transforms.Type{
			Name: p.Name, Shape: shape, Optional: true, MaxLength: transforms.Unbounded, Digits: transforms.Unbounded, Signed: true,
		})
	}
	return out
}

// rows compiles the names of rows, and makes each known to what follows.
func (c *sceneCompiler) rows(b *behavior, x *specs.SimulatedExchange, scene *transforms.Scene) {
	for _, r := range x.Rows {
		table := c.sim.Table(r.Table.Value)
		if table == nil {
			continue // reported when the file was read
		}
		keys := c.scene(b.op)
		ref := &rowRef{name: r.Name.Value, table: r.Table.Value, create: r.Create}
		ref.key = keys.Build(r.Key, &transforms.Type{Name: "the key", Shape: transforms.StringShape, MaxLength: transforms.Unbounded}, nil)
		var fs specs.Findings
		ref.keys, fs = keys.Finish()
		c.findings = append(c.findings, fs...)
		t, fs := rowType(table, r.Name.Value, r.Create)
		c.findings = append(c.findings, fs...)
		scene.Document(r.Name.Value, t)
		b.rows = append(b.rows, ref)
	}
}

// reply compiles one rule.
func (c *sceneCompiler) reply(b *behavior, r *specs.SimulatedReply, scene *transforms.Scene) {
	rule := &replyRule{pos: r.Pos, set: map[string]*transforms.ScenePart{}}
	if r.When != nil {
		if rule.when = scene.Test(r.When); rule.when == nil {
			return
		}
	}
	if r.Record != nil {
		rule.variant = r.Record.Text
	}
	if rule.message = b.op.transform.Answer(rule.variant); rule.message == nil {
		c.findings.Add(codeSimulated, cmp.Or(r.Record, &specs.Node{Pos: r.Pos}).Pos, fmt.Sprintf("no variant of the reply is %s", rule.variant), "name a record as the transform does")
		return
	}
	if r.Fields != nil {
		rule.fields = scene.Build(r.Fields, rule.message.Type, rule.message.Format)
	}
	var fs specs.Findings
	rule.properties, fs = transforms.LiteralProperties(b.op.backend.Wire, false, r.Properties)
	c.findings = append(c.findings, fs...)
	if r.Set != nil {
		for _, f := range r.Set.Fields {
			for _, row := range b.rows {
				if row.name == f.Key.Text {
					t, _ := rowType(c.sim.Table(row.table), row.name, row.create)
					rule.set[row.name] = scene.Build(f.Value, t, nil)
				}
			}
		}
	}
	b.replies = append(b.replies, rule)
}

// moment is one message that a simulated host got.
type moment struct {
	message transforms.Message
	// request and properties are its JSON forms.
	request, properties []byte
}

func momentOf(request []byte, m transforms.Message) *moment {
	single := map[string]any{}
	for name, v := range m.Properties {
		switch v.(type) {
		case string, int64, bool:
			single[name] = v
		}
	}
	properties, err := json.Marshal(single)
	if err != nil {
		properties = nil
	}
	return &moment{message: m, request: request, properties: properties}
}

// rule finds the rule that holds for a message and plays it: base gives what would be replied without it. ok is
// false if none holds. Everything a message reads and changes happens at once.
func (b *behavior) rule(s *hostState, m *moment, base func(variant string) []byte) (reply transforms.Message, where string, ok bool, err error) {
	if len(b.replies) == 0 {
		return reply, "", false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	docs, keys := [][]byte{m.request, m.properties}, map[string]string{}
	for _, r := range b.rows {
		key, row, err := r.find(s, m)
		if err != nil || row == nil {
			return reply, "", false, err
		}
		keys[r.name] = key
		docs = append(docs, row)
	}
	play, err := b.stage.Start(docs...)
	if err != nil {
		return reply, "", false, err
	}
	for _, r := range b.replies {
		holds, err := play.Holds(r.when)
		if err != nil {
			return reply, "", false, err
		}
		if !holds {
			continue
		}
		reply, err = r.make(play, base)
		if err == nil {
			err = b.change(s, play, r, docs[2:], keys)
		}
		return reply, fmt.Sprintf("%s:%d", r.pos.File, r.pos.Line), err == nil, err
	}
	return reply, "", false, nil
}

// find gives key and row; the row is nil if there is none.
func (r *rowRef) find(s *hostState, m *moment) (key string, row []byte, err error) {
	play, err := r.keys.Start(m.request, m.properties)
	if err != nil {
		return "", nil, err
	}
	if key, err = play.Text(r.key); err != nil {
		return "", nil, err
	}
	row = s.tables[r.table][key]
	if row == nil && r.create {
		row = []byte("{}")
	}
	return key, row, nil
}

// make makes the reply of a rule.
func (r *replyRule) make(play *transforms.Play, base func(string) []byte) (transforms.Message, error) {
	codec, ok := r.message.Format.(transforms.Codec)
	if !ok {
		return transforms.Message{}, fmt.Errorf("this format has no fields")
	}
	text := base(r.variant)
	if r.fields != nil {
		over, err := play.JSON(nil, r.fields)
		if err != nil {
			return transforms.Message{}, err
		}
		if text, err = transforms.MergeJSON(text, over); err != nil {
			return transforms.Message{}, err
		}
	}
	body, err := codec.EncodeJSON(nil, text)
	return withMediaType(r.message, transforms.Message{Body: body, Properties: maps.Clone(r.properties)}), err
}

// change stores what a rule sets. All values are computed before any is stored.
func (b *behavior) change(s *hostState, play *transforms.Play, r *replyRule, rows [][]byte, keys map[string]string) error {
	next := map[int][]byte{}
	for i, ref := range b.rows {
		part := r.set[ref.name]
		if part == nil {
			continue
		}
		over, err := play.JSON(nil, part)
		if err != nil {
			return err
		}
		if next[i], err = transforms.MergeJSON(slices.Clone(rows[i]), over); err != nil {
			return err
		}
	}
	for i, row := range next {
		if err := s.put(b.rows[i].table, keys[b.rows[i].name], row); err != nil {
			return err
		}
	}
	return nil
}
