// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/specs"
)

// SchemaOpener makes the message type of a JSON document from its schema in the contract. answer
// is true for documents that Lintel sends to the app; prefix goes in front of JSON pointers.
type SchemaOpener func(s *specs.Schema, answer bool, prefix string) (*MessageType, specs.Findings)

// Compiler compiles transforms. Its parts are plain values, wired by the program that uses it.
type Compiler struct {
	// JSON opens the schemas of the contract.
	JSON SchemaOpener
	// Formats by format word: record, soap ...
	Formats map[string]Opener
	// Funcs are the functions expressions may call.
	Funcs []Func
	// Answers tells whether answers are checked against the contract.
	Answers bool
}

// Transform serves one operation. It is safe for concurrent use.
type Transform struct {
	// Operation it serves.
	Operation *specs.Operation
	// Request is the message for the host.
	Request *MessageType

	params, body, exchange, identity *document
	// content is a body of text or bytes, where there may be one of JSON too. media are the media types of
	// the body, by their number.
	content *document
	media   []bodyMedia
	// replied are the properties of the reply, wanted those that the transform names.
	replied *document
	// unreadable lists the fields of the reply that could not be read.
	unreadable *document
	wanted     []wantedProperty
	// properties are set by the request; fixed are their values if all are known at load.
	properties []*property
	fixed      map[string]any
	// allow decides whether the caller may have this; nil for every caller.
	allow Condition
	// past are the steps before this one that the transform names, done tells which of them ran;
	// when decides whether this step runs. All are nil where there are no steps.
	past []*pastStep
	done *document
	when Condition
	// head is read before a variant is chosen; nil for a reply without variants.
	head *document
	// front is what stands in front of every reply, prefix what stands in front of the request; nil if nothing does.
	front    *document
	prefix   *requestPrefix
	variants []*variant
	// fallbacks are fixed answers, by the number of the fallback; nil for those that are none.
	fallbacks []*variant
	request   Writer
	mapping   *Mapping
	slots     int
	pool      sync.Pool
}

// variant is one of the records that a reply may be, with what it means.
type variant struct {
	// ref is the record as the transform names it.
	ref string
	// when is nil for one that always holds.
	when  Condition
	reply *document
	// whole is the type of reply, with what stands in front of it.
	whole    *MessageType
	echoes   []echo
	outcomes []*outcome
	// fault is the code of a fault, nil for formats without faults; rollsBack tells that all of them prove
	// that nothing was done.
	fault     *slotRef
	rollsBack bool
}

// Answer returns the message type of the reply, of the variant that names its record by ref; an
// empty ref means the first one. Nil if there is no such variant.
func (t *Transform) Answer(ref string) *MessageType {
	for _, v := range t.variants {
		if ref == "" || v.ref == ref {
			return v.whole
		}
	}
	return nil
}

// compilation is the state of compiling one transform.
type compilation struct {
	*Compiler
	exprCompiler
	doc   *specs.Transform
	op    *specs.Operation
	wire  string
	t     *Transform
	eachs []pendingEach
	// nodes are the places of mappings, for the checks.
	nodes map[*Mapping]*specs.Node
	// writers are made last, when the sizes of all frames are known.
	writers []func() specs.Findings
	// allowNames is how often the allow rule names something of identity.
	allowNames int
	// steps is set for a part of an operation that has several.
	steps *stepping
}

type pendingEach struct {
	each *Each
	of   *Capture
}

// Compile compiles the transform of one operation. Either the transform is usable or the findings
// have an error; warnings may come with both.
func (c *Compiler) Compile(doc *specs.Transform, op *specs.Operation, backend *specs.Backend) (*Transform, specs.Findings) {
	k := c.compilation(doc, op, backend.Wire)
	k.openInput()
	k.compileAllow()
	k.compileExchange(backend)
	k.compileFallbacks()
	k.findings = append(k.findings, sharedAnswers(doc, k)...)
	return k.complete()
}

func (c *Compiler) compilation(doc *specs.Transform, op *specs.Operation, wire string) *compilation {
	k := &compilation{Compiler: c, doc: doc, op: op, wire: wire, t: &Transform{Operation: op}, nodes: map[*Mapping]*specs.Node{}}
	k.funcs = map[string]Func{}
	for _, f := range c.Funcs {
		k.funcs[f.Name] = f
	}
	return k
}

// compileExchange compiles both sides of the exchange with a host.
func (k *compilation) compileExchange(backend *specs.Backend) {
	r := &k.doc.Request
	if k.t.Request = k.open(r.Format, r.Ref, backend, false); k.t.Request != nil {
		k.compileRequest()
	}
	k.compilePrefix(backend)
	k.compileProperties(r.Properties, k.requestScope(), backend)
	k.compileReply(backend)
}

// complete checks what was compiled and makes the plan of it.
func (k *compilation) complete() (*Transform, specs.Findings) {
	k.check()
	if k.findings.HasErrors() {
		k.literals()
		return nil, k.findings
	}
	k.finish()
	if k.findings.HasErrors() {
		return nil, k.findings
	}
	k.t.withPrefixes()
	k.t.pool.New = func() any { return newRun(k.t) }
	return k.t, k.findings
}

// literals reports what the formats say of values that are written out in a request that is not whole: no mistake
// hides another. What else the formats say of it may only be a consequence.
func (k *compilation) literals() {
	at := map[specs.Pos]bool{}
	var find func(m *Mapping)
	find = func(m *Mapping) {
		if m == nil {
			return
		}
		if l, is := m.Source.(literal); is {
			at[l.pos] = true
		}
		for _, sub := range m.Members {
			find(sub)
		}
		if m.Each != nil {
			find(m.Each.To)
		}
	}
	find(k.t.mapping)
	if k.t.prefix != nil {
		find(k.t.prefix.mapping)
	}
	for _, writer := range k.writers {
		for _, f := range writer() {
			if at[f.Pos] && !slices.Contains(k.findings, f) {
				k.findings = append(k.findings, f)
			}
		}
	}
}

// openInput makes the documents of the app's side.
func (k *compilation) openInput() {
	if k.steps != nil && k.steps.input != nil {
		k.t.params, k.t.body = k.steps.input.params.again(), k.steps.input.body.again()
		k.t.content, k.t.media = k.steps.input.content.again(), k.steps.input.media
	} else {
		k.t.params = k.openJSON(paramsSchema(k.op), "")
		k.openBody(k.op.Body)
	}
	k.t.exchange = newDocument(&MessageType{Type: exchangeType()})
	k.t.identity = newDocument(&MessageType{Type: identityType(!k.op.Secured())})
	k.t.replied = newDocument(&MessageType{Type: propertiesType(k.wire)})
	k.t.unreadable = k.openJSON(unreadableSchema(), "/unreadable")
}

func (k *compilation) openJSON(s *specs.Schema, prefix string) *document {
	t, fs := k.JSON(s, false, prefix)
	k.findings = append(k.findings, fs...)
	if t == nil {
		return nil
	}
	return newDocument(t)
}

// exchangeType is the type of what Lintel itself knows about an exchange.
func exchangeType() *Type {
	return &Type{Name: "exchange", Shape: ObjectShape, Members: []*Type{
		{Name: "id", Shape: StringShape, MinLength: 36, MaxLength: 36},
		{Name: "time", Shape: StringShape, Format: "date-time", MinLength: 20, MaxLength: 24},
	}}
}

// paramsSchema describes the parameters of an operation as one JSON object.
func paramsSchema(op *specs.Operation) *specs.Schema {
	never := &specs.Schema{Never: true}
	all := objectSchema(never)
	for _, in := range []string{"path", "query", "header", "cookie"} {
		group := objectSchema(never)
		for _, p := range op.Parameters {
			if p.In != in {
				continue
			}
			group.Properties = append(group.Properties, &specs.Property{Name: p.Name, Schema: p.Schema, Pos: p.Pos})
			if p.Required {
				group.Required = append(group.Required, p.Name)
			}
		}
		all.Properties = append(all.Properties, &specs.Property{Name: in, Schema: group, Pos: op.Pos})
		all.Required = append(all.Required, in)
	}
	return all
}

func objectSchema(additional *specs.Schema) *specs.Schema {
	s := anything(specs.Pos{})
	s.Types, s.Additional = []string{"object"}, additional
	return s
}

// open opens a message type of the host's side; nil if that was reported, here or when the file was read.
func (k *compilation) open(word string, ref *specs.Node, backend *specs.Backend, head bool) *MessageType {
	if ref == nil {
		return nil
	}
	o := k.Formats[word]
	if o == nil {
		k.findings.Add(codeMapping, ref.Pos, fmt.Sprintf("there is no format %q", word), "")
		return nil
	}
	t, fs := o.Open(ref, backend, head)
	k.findings = append(k.findings, fs...)
	return t
}

// requestScope is what request expressions may name: the input, and the steps before.
func (k *compilation) requestScope() *scope {
	sc := k.inputScope()
	if k.steps != nil {
		sc.roots = append(sc.roots, k.stepsRoot(), documentRoot("done", k.t.done))
	}
	return sc
}

// inputScope is what came with the request.
func (k *compilation) inputScope() *scope {
	sc := &scope{}
	if k.t.params != nil {
		for _, m := range k.t.params.typ.Type.Members {
			sc.roots = append(sc.roots, root{
				name: m.Name, typ: m, doc: k.t.params, source: k.t.params, frame: k.t.params.capture,
				capture: captureAt(k.t.params.capture, []*Type{m}),
			})
		}
	}
	sc.roots = append(sc.roots, documentRoot("exchange", k.t.exchange), k.identityRoot())
	if k.t.body != nil {
		sc.roots = append(sc.roots, documentRoot(cmp.Or(k.doc.Request.Root, "body"), k.t.body))
	}
	if k.t.content != nil {
		sc.roots = append(sc.roots, documentRoot("content", k.t.content))
	}
	return sc
}

func documentRoot(name string, d *document) root {
	return root{name: name, typ: d.typ.Type, capture: d.capture, frame: d.capture, doc: d, source: d}
}

// source compiles a scalar of the document: a literal or an expression. want is the type it is
// for, or nil.
func (k *compilation) source(n *specs.Node, sc *scope, want *Type) Source {
	if n.IsExpression() {
		if e := k.compile(n, sc); e != nil {
			if e.move != nil {
				return e.move
			}
			return e
		}
		return nil
	}
	return literal{value: literalValue(n, want), pos: n.Pos}
}

// literal is a Source that is known at load.
type literal struct {
	value Value
	pos   specs.Pos
}

// Value returns the literal.
func (l literal) Value(*Run) (Value, error) { return l.value, nil }

// Constant tells formats that they may encode the value once.
func (l literal) Constant() (Value, bool) { return l.value, true }

// Pos is where the literal is written.
func (l literal) Pos() specs.Pos { return l.pos }

// literalValue gives a YAML scalar its JSON form: by the type it is for, else by how it is written.
func literalValue(n *specs.Node, want *Type) Value {
	text := n.Literal()
	switch {
	case n.Null && (want == nil || want.Shape != StringShape || want.Nullable):
		return Value{Kind: Null, Text: []byte("null")}
	case want != nil && want.Shape == StringShape, n.Quoted:
		return Value{Kind: String, Text: AppendQuoted(nil, text)}
	case text == "true" || text == "false":
		return Value{Kind: Bool, Text: []byte(text)}
	case isJSONNumber(text):
		return Value{Kind: Number, Text: []byte(text)}
	default:
		return Value{Kind: String, Text: AppendQuoted(nil, text)}
	}
}

// isJSONNumber reports whether text is a number by the grammar of RFC 8259: 007 is not.
func isJSONNumber(text string) bool {
	v := jsontext.Value(text)
	return v.Kind() == '0' && v.IsValid()
}

// finish fixes the slots of all documents and makes readers and writers.
func (k *compilation) finish() {
	for _, p := range k.eachs {
		p.each.Size = p.of.Size
	}
	t := k.t
	documents := []*document{t.done, t.params, t.body, t.content, t.exchange, t.identity, t.replied, t.head, t.unreadable}
	for _, v := range t.variants {
		documents = append(documents, v.reply)
	}
	for _, p := range t.past {
		documents = append(documents, p.doc)
	}
	documents = append(documents, t.front)
	for _, d := range documents {
		if d == nil {
			continue
		}
		d.base = t.slots
		t.slots += d.capture.Size
		if d.typ.Format == nil {
			continue
		}
		var fs specs.Findings
		d.reader, fs = d.typ.Format.Reader(d.capture)
		k.findings = append(k.findings, fs...)
	}
	t.wanted = wantedProperties(t.replied.capture, "", false)
	for _, w := range k.writers {
		k.findings = append(k.findings, w()...)
	}
}

// writerLater makes a writer once all frames are known.
func (k *compilation) writerLater(to *Writer, f Format, m *Mapping) {
	k.writers = append(k.writers, func() specs.Findings {
		w, fs := f.Writer(m)
		*to = w
		return fs
	})
}
