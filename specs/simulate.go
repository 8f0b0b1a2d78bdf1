// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// simulateFile says how simulated hosts behave, beside what the tests say.
const simulateFile = "simulate.yaml"

// Simulation is simulate.yaml.
type Simulation struct {
	File string
	// Seed decides everything that is random; default 1.
	Seed int
	// Unknown is "not found" (default) or "generated": what a message gets for which there is neither a rule nor a test.
	Unknown string
	// Latency and Faults are for every exchange that does not say otherwise.
	Latency Latency
	Faults  []*Fault
	// Tables are what the hosts remember, in the order written.
	Tables []*RowTable
	// Exchanges are the sections of operations and of their steps.
	Exchanges []*SimulatedExchange
	// TLS are the certificates of hosts that do not show one made for the run.
	TLS []*SimulatedTLS
}

// Latency is how long a host takes until it replies: something from From to To.
type Latency struct{ From, To time.Duration }

// FaultWords are the faults a simulated host can have.
func FaultWords() []string { return []string{"timeout", "abend", "garbage", "disconnect", "drip"} }

// Fault is one thing that goes wrong at a simulated host.
type Fault struct {
	Pos  Pos
	Kind string
	// Rate is in how many of a hundred messages it happens; default 100.
	Rate int
	// When, if set, must hold too.
	When *Node
	// Over is how long a reply drips; default 2 s.
	Over time.Duration
}

// RowTable is one table that simulated hosts keep: rows by key, all values as they are written.
type RowTable struct {
	Name Text
	// Rows maps keys to maps from names to single values.
	Rows *Node
}

// SimulatedExchange is how the host answers one operation, or one step of one.
type SimulatedExchange struct {
	Pos       Pos
	Operation Text
	// Step names a step; empty for the exchange of the operation itself. Undo means the undo of the step.
	Step Text
	Undo bool
	// Latency and Faults, if set, stand in for those of all exchanges.
	Latency *Latency
	Faults  []*Fault
	// Own tells that Faults were written, if only to say that there are none.
	Own     bool
	Rows    []*RowRef
	Replies []*SimulatedReply
}

// RowRef names a row for the expressions of one exchange.
type RowRef struct {
	Name, Table Text
	// Key is a literal or an expression over the request.
	Key *Node
	// Create makes a row that is not there.
	Create bool
}

// SimulatedReply is one rule: what the host replies, and what it changes.
type SimulatedReply struct {
	Pos Pos
	// When is nil for one that always holds.
	When *Node
	// Record names the record where a reply has variants, as the transform does; nil for the first.
	Record *Node
	// Fields are values by JSON name, over those of the reply that there would be otherwise.
	Fields *Node
	// Properties are literal message properties.
	Properties *Node
	// Set maps row names to the values that they get.
	Set *Node
}

// Exchange returns the section for an operation or a step of it, or nil.
func (s *Simulation) Exchange(operation, step string, undo bool) *SimulatedExchange {
	if s == nil {
		return nil
	}
	for _, x := range s.Exchanges {
		if x.Operation.Value == operation && x.Step.Value == step && x.Undo == undo {
			return x
		}
	}
	return nil
}

// Table returns a table, or nil.
func (s *Simulation) Table(name string) *RowTable {
	for _, t := range s.Tables {
		if t.Name.Value == name {
			return t
		}
	}
	return nil
}

// simulation binds simulate.yaml.
func (l *loader) simulation(s *Simulation, root *Node) {
	s.Seed, s.Unknown = 1, "not found"
	l.object(root, "simulate.yaml",
		optional("seed", l.integer(&s.Seed, "seed", 0, 1<<31-1)),
		optional("unknown", l.choice(&s.Unknown, "unknown", []string{"not found", "generated"})),
		optional("latency", func(n *Node) { l.latency(&s.Latency, n) }),
		optional("faults", func(n *Node) {
			s.Faults = l.faults(n)
			for _, f := range s.Faults {
				if f.When != nil {
					l.add(CodeTogether, f.When, "when asks for the request of an operation", "write the fault below operations")
				}
			}
		}),
		optional("tables", func(n *Node) { l.rowTables(s, n) }),
		optional("tls", func(n *Node) { l.simulatedTLS(s, n) }),
		optional("operations", func(n *Node) {
			if !l.isMap(n, "operations") {
				return
			}
			for _, f := range n.Fields {
				l.simulated(s, f.Key, f.Value)
			}
		}),
	)
}

// latency binds one duration, or a range.
func (l *loader) latency(to *Latency, n *Node) {
	one := func(n *Node) {
		l.duration(&to.From, "latency", 0, hour)(n)
		to.To = to.From
	}
	l.choose(n, n.Kind != MapNode, one, func(n *Node) {
		ok := l.object(n, "latency",
			required("from", l.duration(&to.From, "from", 0, hour)),
			required("to", l.duration(&to.To, "to", 0, hour)),
		)
		if ok && to.To < to.From && l.sketches == nil {
			l.add(CodeOutOfRange, n.Get("to"), fmt.Sprintf("to (%s) must not be shorter than from (%s)", to.To, to.From), "")
			to.To = to.From
		}
	})
}

func (l *loader) faults(n *Node) []*Fault {
	if !l.isList(n, "faults") {
		return nil
	}
	var out []*Fault
	for _, item := range n.Items {
		f := &Fault{Pos: item.Pos, Rate: 100, Over: 2 * time.Second}
		ok := l.object(item, "a fault",
			required("fault", l.word("fault", FaultWords(), func(n *Node) { f.Kind = n.Text })),
			optional("rate", l.percent(&f.Rate, "rate")),
			optional("when", l.expression(&f.When, "when")),
			optional("over", l.duration(&f.Over, "over", time.Millisecond, hour)),
		)
		if ok && f.Kind != "drip" && item.Key("over") != nil {
			l.add(CodeTogether, item.Key("over"), "over is for a reply that drips", "remove it, or write fault: drip")
		}
		if ok && f.Kind != "" {
			out = append(out, f)
		}
	}
	return out
}

// expression binds a value that must be an expression.
func (l *loader) expression(to **Node, what string) func(*Node) {
	return func(n *Node) {
		if !l.scalar(n, what) {
			return
		}
		if !n.IsExpression() {
			l.add(CodeFormat, n, what+" must be an expression, not "+show(n), "begin it with =")
			return
		}
		*to = n
	}
}

func (l *loader) rowTables(s *Simulation, n *Node) {
	if !l.isMap(n, "tables") {
		return
	}
	for _, f := range n.Fields {
		if !validBackendName(f.Key.Text) {
			l.add(CodeFormat, f.Key, fmt.Sprintf("the name %s of a table is not usable", show(f.Key)), "use up to 64 letters, digits, - and _, beginning with a letter")
			continue
		}
		if !l.isMap(f.Value, "a table") {
			continue
		}
		for _, row := range f.Value.Fields {
			if !l.isMap(row.Value, "a row") {
				continue
			}
			for _, v := range row.Value.Fields {
				l.scalar(v.Value, "a value of a row")
			}
		}
		s.Tables = append(s.Tables, &RowTable{Name: f.Key.asText(), Rows: f.Value})
	}
}

// simulated binds the section of one operation, with those of its steps.
func (l *loader) simulated(s *Simulation, key, n *Node) {
	var steps, undos *Node
	part := func(to **Node, what string) field {
		return optional(what, func(n *Node) {
			if l.isMap(n, what) {
				*to = n
			}
			if l.sketches == nil {
				return
			}
			for _, f := range n.Fields {
				l.object(f.Value, "a step", l.exchangeFields(&SimulatedExchange{})...)
			}
		})
	}
	x := &SimulatedExchange{Pos: key.Pos, Operation: key.asText()}
	ok := l.object(n, "operation "+show(key), append(l.exchangeFields(x), part(&steps, "steps"), part(&undos, "undo"))...)
	if !ok || l.sketches != nil {
		return
	}
	if steps == nil && undos == nil {
		s.Exchanges = append(s.Exchanges, x)
		return
	}
	for _, f := range n.Fields {
		if f.Key.Text != "steps" && f.Key.Text != "undo" {
			l.add(CodeExclusive, f.Key, f.Key.Text+" stands beside steps", "write it below each step")
		}
	}
	for undo, list := range map[bool]*Node{false: steps, true: undos} {
		if list == nil {
			continue
		}
		for _, f := range list.Fields {
			x := &SimulatedExchange{Pos: f.Key.Pos, Operation: key.asText(), Step: f.Key.asText(), Undo: undo}
			if l.object(f.Value, "step "+show(f.Key), l.exchangeFields(x)...) {
				s.Exchanges = append(s.Exchanges, x)
			}
		}
	}
}

// exchangeFields are the keys of an exchange.
func (l *loader) exchangeFields(x *SimulatedExchange) []field {
	return []field{
		optional("latency", func(n *Node) {
			x.Latency = &Latency{}
			l.latency(x.Latency, n)
		}),
		optional("faults", func(n *Node) { x.Faults, x.Own = l.faults(n), true }),
		optional("rows", func(n *Node) { l.rowRefs(x, n) }),
		optional("replies", func(n *Node) { l.simulatedReplies(x, n) }),
	}
}

func (l *loader) rowRefs(x *SimulatedExchange, n *Node) {
	if !l.isMap(n, "rows") {
		return
	}
	for _, f := range n.Fields {
		r := &RowRef{Name: f.Key.asText()}
		ok := l.object(f.Value, "a row",
			required("table", l.text(&r.Table, "table")),
			required("key", l.single(&r.Key, "key")),
			optional("create", l.boolean(&r.Create, "create")),
		)
		switch {
		case !ok || l.sketches != nil:
		case !validBackendName(r.Name.Value) || strings.Contains(r.Name.Value, "-") || slices.Contains([]string{"request", "properties"}, r.Name.Value):
			l.add(CodeFormat, f.Key, fmt.Sprintf("the name %s of a row is not usable", show(f.Key)), "use up to 64 letters, digits and _, beginning with a letter; request and properties are taken")
		default:
			x.Rows = append(x.Rows, r)
		}
	}
}

func (l *loader) simulatedReplies(x *SimulatedExchange, n *Node) {
	if !l.isList(n, "replies") {
		return
	}
	for _, item := range n.Items {
		r := &SimulatedReply{Pos: item.Pos}
		mapOf := func(to **Node, what string) field {
			return optional(what, func(n *Node) {
				if l.isMap(n, what) {
					*to = n
				}
			})
		}
		ok := l.object(item, "a reply",
			optional("when", l.expression(&r.When, "when")),
			optional("record", l.single(&r.Record, "record")),
			mapOf(&r.Fields, "fields"),
			optional("properties", func(n *Node) { r.Properties = l.properties(n) }),
			mapOf(&r.Set, "set"),
		)
		if ok {
			x.Replies = append(x.Replies, r)
		}
	}
}
