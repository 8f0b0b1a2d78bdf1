// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"path"
	"strings"
)

// formatWords are the keys of request and reply that name a message and with it the grammar of its bytes.
func formatWords() []string { return []string{"record", "json", "soap"} }

// transform binds one file of transforms/.
func (l *loader) transform(file string, root *Node) *Transform {
	t := &Transform{File: file, Root: root}
	own := []field{
		required("operation", l.text(&t.Operation, "operation")),
		optional("public", l.boolean(&t.Public, "public")),
		optional("allow", func(n *Node) { t.Allow = l.condition(n, "allow", `=path.customerId in identity.claims.customers`) }),
		optional("safe", func(n *Node) {
			t.Safe = new(bool)
			l.boolean(t.Safe, "safe")(n)
		}),
		optional("idempotency", l.word("idempotency", []string{"required", "optional", "off"}, func(n *Node) { t.Idempotency = n.asText() })),
	}
	l.choose(root, root.Get("steps") != nil, func(n *Node) {
		l.object(n, "a transform with steps", append(own,
			required("steps", func(n *Node) { l.steps(t, n) }),
			required("answer", func(n *Node) { l.answer(&t.Answer, n) }),
		)...)
	}, func(n *Node) {
		l.object(n, "the transform", append(append(own, l.limits(&t.Limits)...),
			required("backend", l.text(&t.Backend, "backend")),
			required("request", func(n *Node) { l.request(&t.Request, n) }),
			required("reply", func(n *Node) { l.reply(&t.Reply, n, l.isDatagram(t.Backend.Value)) }),
			optional("inquiry", func(n *Node) { t.Inquiry = l.ask(n, "inquiry") }),
			optional("reversal", func(n *Node) { t.Reversal = l.ask(n, "reversal") }),
			optional("cache", func(n *Node) { l.cache(t, n) }),
			optional("fallback", func(n *Node) { l.fallbacks(t, n) }),
		)...)
	})
	for _, a := range []*AskSpec{t.Inquiry, t.Reversal} {
		if a != nil && a.Backend.Value == "" {
			a.Backend = t.Backend
		}
	}
	if want := strings.TrimSuffix(path.Base(file), ".yaml"); t.Operation.Value != "" && t.Operation.Value != want {
		l.add(CodeFileName, root.Get("operation"), fmt.Sprintf("the file of operation %q must be named %s.yaml", t.Operation.Value, t.Operation.Value),
			fmt.Sprintf("rename the file, or write operation: %s", want))
	}
	return t
}

func (l *loader) cache(t *Transform, n *Node) {
	c := &CacheSpec{}
	t.Cache = c
	l.object(n, "cache",
		optional("apps", l.duration(&c.Apps, "apps", 0, 24*hour)),
		optional("gateway", l.duration(&c.Gateway, "gateway", 0, hour)),
		optional("callers", l.word("callers", []string{"each", "all"}, func(n *Node) { c.AllCallers = n.Text == "all" })),
		optional("coalesce", l.boolean(&c.Coalesce, "coalesce")),
	)
}

func (l *loader) request(r *RequestSpec, n *Node) {
	r.Pos = n.Pos
	known := append(l.formats(&r.Format, &r.Ref), optional("fields", func(n *Node) {
		if l.isMap(n, "fields") {
			r.Fields = n
		}
	}), optional("from", func(n *Node) {
		if l.scalar(n, "from") {
			r.From = n
			if !n.IsExpression() {
				l.add(CodeFormat, n, "from must be an expression that names an object", "write from: =body")
				r.From = nil
			}
		}
	}), optional("body", func(n *Node) { r.Body = n }), optional("properties", func(n *Node) { r.Properties = l.properties(n) }), l.mqHeaders(&r.MQHeaders))
	if l.object(n, "request", known...) {
		l.oneFormat(n, "request", r.Format)
		l.filledBy(n, r.Format)
	}
}

// filledBy reports keys of a request that belong to another kind of message, and a document without
// content.
func (l *loader) filledBy(n *Node, format string) {
	foreign := []string{"body"}
	if format == "json" || format == "soap" {
		foreign = []string{"fields", "from"}
		if n.Get("body") == nil && format == "json" {
			l.add(CodeMissingKey, n, `a request of json needs the key "body"`, "add body: =body, or a template")
		}
	}
	for _, key := range foreign {
		if k := n.Key(key); k != nil && format != "" {
			l.add(CodeExclusive, k, fmt.Sprintf("a request of %s has no %s", format, key), "records are filled by fields and from, json and soap by body")
		}
	}
}

// properties takes a map from the names of message properties to literals and expressions.
func (l *loader) properties(n *Node) *Node {
	if !l.isMap(n, "properties") {
		return nil
	}
	for _, f := range n.Fields {
		l.scalar(f.Value, "a property")
	}
	return n
}

// formats are the fields that name the message of a section.
func (l *loader) formats(word *string, ref **Node) []field {
	var out []field
	for _, w := range formatWords() {
		out = append(out, optional(w, func(n *Node) {
			if *word != "" {
				return // reported by oneFormat
			}
			*word = w
			if l.scalar(n, w) {
				*ref = n
			}
		}))
	}
	return out
}

// oneFormat reports a section that names no message, or two.
func (l *loader) oneFormat(n *Node, what, word string) {
	words := formatWords()
	if word == "" {
		l.add(CodeFormatWord, n, what+" does not say what the message is", "add one of: "+strings.Join(words, ", "))
		return
	}
	for _, w := range words {
		if k := n.Key(w); k != nil && w != word {
			l.add(CodeFormatWord, k, fmt.Sprintf("%s names two messages, %s and %s", what, word, w), "keep one of them")
		}
	}
}

// FormatNothing is the format of the reply to a datagram: there is none.
const FormatNothing = "nothing"

// isDatagram reports whether a backend sends messages that nobody answers.
func (l *loader) isDatagram(backend string) bool {
	if l.ws == nil {
		return false
	}
	b := l.ws.Config.Backend(backend)
	return b != nil && b.Datagram()
}

// Datagram reports whether messages to the backend are answered by nobody.
func (b *Backend) Datagram() bool {
	return b.AMQP != nil && b.AMQP.Datagram || b.MQ != nil && b.MQ.Datagram
}

func (l *loader) reply(r *ReplySpec, n *Node, datagram bool) {
	r.Pos = n.Pos
	l.choose(n, n.Get("variants") != nil, func(n *Node) { l.variants(r, n) }, func(n *Node) {
		if !l.object(n, "reply", append(l.replyFields(r), l.mqHeaders(&r.MQHeaders))...) {
			return
		}
		if datagram {
			l.noReply(r, n)
			return
		}
		l.oneFormat(n, "reply", r.Format)
	})
	if k := n.Key("variants"); k != nil && datagram {
		l.add(CodeExclusive, k, "the backend sends datagrams, and nobody answers them", "write reply: {status: 202}")
	}
}

// noReply checks the reply section of a datagram: it says only what the app gets.
func (l *loader) noReply(r *ReplySpec, n *Node) {
	for _, key := range append(formatWords(), "outcomes", "echo", "mqHeaders") {
		if k := n.Key(key); k != nil {
			l.add(CodeExclusive, k, fmt.Sprintf("the backend sends datagrams: there is no reply for %s", key), "remove it; status, headers and body say what the app gets")
		}
	}
	r.Format, r.Ref, r.Outcomes, r.Echo, r.MQHeaders = FormatNothing, n, nil, nil, nil
}

// mqHeaders is the key for the headers of IBM MQ in front of a message: a list whose entries are names, or
// maps from one name to its fields. What they mean is known to the package that writes them.
func (l *loader) mqHeaders(to **Node) field {
	return optional("mqHeaders", func(n *Node) {
		if l.isList(n, "mqHeaders") {
			*to = n
		}
	})
}

// replyFields are the keys of a reply, and of a variant of one. That of a ping makes no answer.
func (l *loader) replyFields(r *ReplySpec) []field {
	known := append(l.formats(&r.Format, &r.Ref), optional("outcomes", func(n *Node) { l.outcomes(r, n) }))
	echo := optional("echo", func(n *Node) {
		if l.isMap(n, "echo") {
			r.Echo = n
		}
	})
	if l.inStep == "ping" {
		return append(known, echo)
	}
	return append(known,
		optional("status", func(n *Node) { r.Status = l.status(n) }),
		optional("headers", func(n *Node) { r.Headers = l.headers(n) }),
		optional("body", func(n *Node) { r.Body = n }),
		optional("faultMeansRollback", l.boolean(&r.FaultMeansRollback, "faultMeansRollback")),
		echo,
	)
}

// variants binds a reply that is one of several messages: the first variant whose condition holds says
// which. A record that depends on a code at its beginning has a head, which is read first.
func (l *loader) variants(r *ReplySpec, n *Node) {
	ok := l.object(n, "a reply with variants", l.mqHeaders(&r.MQHeaders),
		optional("head", func(n *Node) {
			if l.scalar(n, "head") {
				r.Format, r.Ref = "record", n
			}
		}),
		required("variants", func(n *Node) {
			if l.isList(n, "variants") {
				for i, item := range n.Items {
					l.variant(r, item, i == len(n.Items)-1)
				}
			}
		}),
	)
	if ok && len(r.Variants) == 0 {
		l.add(CodeMissingKey, n, "a reply with variants needs at least one", "add a variant, or write record: without variants")
	}
}

func (l *loader) variant(r *ReplySpec, n *Node, last bool) {
	v := &VariantSpec{Reply: ReplySpec{Pos: n.Pos}}
	known := append(l.replyFields(&v.Reply), optional("when", func(n *Node) { v.When = l.condition(n, "when", `=reply.rc == "04"`) }))
	if !l.object(n, "a variant", known...) {
		return
	}
	l.oneFormat(n, "a variant", v.Reply.Format)
	if v.When == nil && !last && n.Get("when") == nil {
		l.add(CodeMissingKey, n, "only the last variant can do without when", "add when: with the code that chooses this variant")
	}
	r.Variants = append(r.Variants, v)
}

// condition takes an expression that decides.
func (l *loader) condition(n *Node, what, example string) *Node {
	if !l.scalar(n, what) {
		return nil
	}
	if !n.IsExpression() {
		l.add(CodeFormat, n, what+" must be an expression", "begin it with =, for example "+example)
		return nil
	}
	return n
}

// status takes a literal status: which answers are possible must be known when a workspace is loaded.
func (l *loader) status(n *Node) *Node {
	if !l.scalar(n, "status") {
		return nil
	}
	if n.IsExpression() {
		l.add(CodeFormat, n, "status must be a number, not an expression", "write an outcome for each status")
		return nil
	}
	if v, ok := parseInteger(n.Text); !ok || v < 200 || v > 599 {
		l.add(CodeOutOfRange, n, fmt.Sprintf("status must be an HTTP status from 200 to 599, not %s", show(n)), "write a number")
		return nil
	}
	return n
}

// headers takes a map from header names to literals and expressions.
func (l *loader) headers(n *Node) *Node {
	if !l.isMap(n, "headers") {
		return nil
	}
	for _, f := range n.Fields {
		if !validToken(f.Key.Text) {
			l.add(CodeFormat, f.Key, fmt.Sprintf("%s is not the name of a header", show(f.Key)), "use letters, digits and -")
		}
		l.scalar(f.Value, "a header")
	}
	return n
}

// validToken reports whether s is a token of RFC 9110, section 5.6.2.
func validToken(s string) bool {
	for _, c := range s {
		letter := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", c) {
			return false
		}
	}
	return s != ""
}

func (l *loader) outcomes(r *ReplySpec, n *Node) {
	if !l.isList(n, "outcomes") {
		return
	}
	for _, item := range n.Items {
		o, before := &OutcomeSpec{Pos: item.Pos}, len(l.findings)
		if l.object(item, "an outcome", l.outcomeFields(o)...) {
			l.outcome(o, item)
		}
		if len(l.findings) == before { // what is reported here is not to be reported again when it is compiled
			r.Outcomes = append(r.Outcomes, o)
		}
	}
}

func (l *loader) outcomeFields(o *OutcomeSpec) []field {
	when := required("when", func(n *Node) { o.When = l.condition(n, "when", `=reply.rc == "04"`) })
	host := optional("host", l.word("host", []string{"failed"}, func(n *Node) { o.Host = n.asText() }))
	if l.inStep == "ping" {
		return []field{when, host}
	}
	return []field{
		when,
		optional("status", func(n *Node) { o.Status = l.status(n) }),
		optional("continue", l.boolean(&o.Continue, "continue")),
		optional("headers", func(n *Node) { o.Headers = l.headers(n) }),
		optional("body", func(n *Node) { o.Body = n }),
		optional("problem", func(n *Node) {
			if l.isMap(n, "problem") {
				o.Problem = n
			}
		}),
		host,
		optional("fate", l.word("fate", []string{"not applied", "in doubt"}, func(n *Node) { o.Fate = n.asText() })),
	}
}

// outcome checks what the keys of an outcome say together.
func (l *loader) outcome(o *OutcomeSpec, n *Node) {
	if o.Body != nil && o.Problem != nil {
		l.add(CodeExclusive, n.Key("problem"), "an outcome has a body or a problem, not both", "remove one of them")
	}
	if l.inStep == "inquiry" {
		l.decides(o, n)
	}
	switch {
	case l.inStep == "ping": // says only whether the host works
	case o.Continue && (l.inStep == "" || l.inStep == "answer"):
		l.add(CodeNoStep, n.Key("continue"), "there is no next step to continue with", "answer with a status")
	case o.Continue:
		for _, key := range []string{"status", "headers", "body", "problem"} {
			if k := n.Key(key); k != nil {
				l.add(CodeExclusive, k, "an outcome that continues makes no answer and has no "+key, "remove it, or remove continue")
			}
		}
	case o.Status == nil && n.Get("status") == nil:
		l.add(CodeMissingKey, n, `an outcome needs the key "status"`, "add status: with the HTTP status of the answer")
	}
}
