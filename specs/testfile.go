// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
)

// testFile binds one file of tests/: a list of exchanges.
func (l *loader) testFile(file string, root *Node) *TestFile {
	t := &TestFile{File: file, Operation: strings.TrimSuffix(path.Base(file), ".yaml")}
	if !l.isList(root, "a test file") {
		return t
	}
	first := map[string]*TestCase{}
	for _, item := range root.Items {
		c := l.testCase(item)
		if c == nil {
			continue
		}
		if before := first[c.Name]; before != nil && c.Name != "" {
			l.add(CodeTestName, item.Get("name"), fmt.Sprintf("the test name %s is used twice", show(item.Get("name"))), fmt.Sprintf("the first is in line %d; change one", before.Pos.Line))
		}
		first[c.Name] = c
		if c.Ask != nil {
			t.Asks = append(t.Asks, c)
		} else {
			t.Cases = append(t.Cases, c)
		}
	}
	return t
}

func (l *loader) testCase(n *Node) *TestCase {
	c := &TestCase{Pos: n.Pos}
	var name Text
	ok := l.object(n, "a test",
		required("name", l.text(&name, "name")),
		optional("request", func(n *Node) { c.Request = l.testRequest(n) }),
		optional("host", func(n *Node) {
			l.object(n, "host",
				optional("receives", func(n *Node) { c.Receives = l.hostMessage(n, "receives") }),
				optional("replies", func(n *Node) { c.Replies = l.hostMessage(n, "replies") }),
				optional("fails", l.failure(&c.Fails)),
			)
		}),
		optional("steps", func(n *Node) { l.testSteps(c, n) }),
		optional(AskInquiry, l.testAsk(c, AskInquiry)),
		optional(AskReversal, l.testAsk(c, AskReversal)),
		optional("response", func(n *Node) { c.Response = l.testResponse(n) }),
		optional("message", func(n *Node) { c.Message = l.hostMessage(n, "message") }),
		optional("key", func(n *Node) {
			if l.scalar(n, "key") {
				c.Key = n
			}
		}),
		optional("event", func(n *Node) { c.Event = l.testEvent(n) }),
		optional("call", func(n *Node) { c.Call = l.testRequest(n) }),
		optional("answer", func(n *Node) { c.Answer = l.hostMessage(n, "answer") }),
		optional("webhook", func(n *Node) { c.Webhook = l.testResponse(n) }),
		optional("result", l.word("result", append([]string{"done", "backout", "dead", "retried", "succeeded", "failed", "acknowledged"}, (&TestAsk{}).results()...), func(n *Node) { c.Result = n.Text })),
	)
	if !ok {
		return nil
	}
	c.Name = name.Value
	if h := n.Get("host"); h != nil {
		l.oneEnd(h)
	}
	if n.Key("host") != nil && n.Key("steps") != nil {
		l.add(CodeExclusive, n.Key("steps"), "a test has host or steps", "keep steps for an operation that has steps, host for all others")
	}
	if n.Get("request") == nil && n.Get("host") == nil && n.Get("steps") == nil && n.Get("message") == nil && c.Ask == nil {
		l.add(CodeMissingKey, n, `a test needs the key "request" or "host"`, "add what the app sends, or what the host replies; or message: for a listener")
	}
	l.testSide(n)
	l.askedTest(c, n)
	return c
}

// testSide reports keys of a test of an operation beside those of a listener.
func (l *loader) testSide(n *Node) {
	if n.Key("message") != nil {
		if k := n.Key("request"); k != nil {
			l.add(CodeExclusive, k, "a test has request or message, not both", "keep request for an operation, message for a listener")
		}
		return
	}
	for _, name := range []string{"key", "event", "call", "answer", "webhook", "result"} {
		if r := n.Get(name); name == "result" && r != nil && (isPingResult(r) || n.Key(AskInquiry) != nil || n.Key(AskReversal) != nil || isAskResult(r.Text)) {
			continue
		}
		if k := n.Key(name); k != nil {
			l.add(CodeMissingKey, k, fmt.Sprintf("%s belongs to the test of a listener, which needs message", name), "add message: with what the listener takes from its queue")
			return
		}
	}
}

// isPingResult tells the result of a ping from that of a message.
func isPingResult(n *Node) bool { return n.Text == "succeeded" || n.Text == "failed" }

// testEvent binds what must be in a CloudEvent.
func (l *loader) testEvent(n *Node) *Node {
	text := func(what string) func(*Node) { return func(n *Node) { l.scalar(n, what) } }
	ok := l.object(n, "event", optional("type", text("type")), optional("source", text("source")), optional("subject", text("subject")),
		optional("id", text("id")), optional("data", func(*Node) {}))
	if !ok {
		return nil
	}
	return n
}

// failure binds what becomes of an exchange that has no reply.
func (l *loader) failure(to *string) func(*Node) {
	return l.word("fails", []string{"not sent", "in doubt"}, func(n *Node) { *to = n.Text })
}

// oneEnd reports a host that replies and fails.
func (l *loader) oneEnd(n *Node) {
	if n.Key("replies") != nil && n.Key("fails") != nil {
		l.add(CodeExclusive, n.Key("fails"), "an exchange has a reply or fails, not both", "keep one of them")
	}
}

// testSteps binds a list of the host's sides of steps, or of their undoing.
func (l *loader) testSteps(c *TestCase, n *Node) {
	if !l.isList(n, "steps") {
		return
	}
	for _, item := range n.Items {
		s := &TestStep{}
		var undo Text
		ok := l.object(item, "a step of a test",
			optional("step", l.text(&s.Name, "step")),
			optional("undo", l.text(&undo, "undo")),
			optional("receives", func(n *Node) { s.Receives = l.hostMessage(n, "receives") }),
			optional("replies", func(n *Node) { s.Replies = l.hostMessage(n, "replies") }),
			optional("fails", l.failure(&s.Fails)),
		)
		l.oneEnd(item)
		if !ok || l.sketches != nil {
			continue
		}
		if (item.Key("step") == nil) == (item.Key("undo") == nil) {
			l.add(CodeMissingKey, item, "a step of a test names a step, or the undo of one", "write step: NAME or undo: NAME")
		}
		if undo.Value != "" {
			s.Name, s.Undo = undo, true
		}
		c.Steps = append(c.Steps, s)
	}
}

func (l *loader) testRequest(n *Node) *Node {
	isMap := func(what string) func(*Node) {
		return func(n *Node) { l.isMap(n, what) }
	}
	ok := l.object(n, "request", optional("path", isMap("path")), optional("query", isMap("query")),
		optional("header", isMap("header")), optional("cookie", isMap("cookie")), optional("body", func(*Node) {}),
		optional("media", func(n *Node) { l.scalar(n, "media") }),
		optional("identity", func(n *Node) {
			if !n.Null { // nobody
				l.isMap(n, "identity")
			}
		}))
	if !ok {
		return nil
	}
	return n
}

func (l *loader) testResponse(n *Node) *Node {
	ok := l.object(n, "response",
		optional("status", func(n *Node) {
			if v, ok := parseInteger(n.Text); l.scalar(n, "status") && (!ok || v < 100 || v > 599) {
				l.add(CodeOutOfRange, n, fmt.Sprintf("status must be an HTTP status, not %s", show(n)), "write a number from 100 to 599")
			}
		}),
		optional("headers", func(n *Node) { l.isMap(n, "headers") }),
		optional("body", func(*Node) {}),
	)
	if !ok {
		return nil
	}
	return n
}

// hostMessage binds one side of the host: fields, hex or file.
func (l *loader) hostMessage(n *Node, what string) *HostMessage {
	m := &HostMessage{Pos: n.Pos}
	ok := l.object(n, what,
		optional("fields", func(n *Node) {
			if l.isMap(n, "fields") {
				m.Fields = n
			}
		}),
		optional("record", func(n *Node) {
			if l.scalar(n, "record") {
				m.Record = n
			}
		}),
		optional("hex", func(n *Node) {
			if !l.scalar(n, "hex") {
				return
			}
			t := n.asText()
			t.Value = strings.Join(strings.Fields(t.Value), "")
			if _, err := hex.DecodeString(t.Value); err != nil {
				l.add(CodeFormat, n, "hex must be pairs of hexadecimal digits", "use 0-9 and A-F; spaces and line breaks may stand between them")
				return
			}
			m.Hex = &t
		}),
		optional("file", func(n *Node) {
			m.File = new(Text)
			l.file(m.File, "a message")(n)
		}),
		optional("properties", func(n *Node) { m.Properties = l.properties(n) }),
	)
	if !ok {
		return nil
	}
	forms := slices.DeleteFunc(slices.Clone(n.Fields), func(f NodeField) bool { return f.Key.Text == "record" || f.Key.Text == "properties" })
	if len(forms) > 1 {
		l.add(CodeExclusive, forms[1].Key, what+" has one of fields, hex and file", "keep one of them")
	}
	if len(forms) == 0 && n.Get("properties") == nil {
		l.add(CodeMissingKey, n, what+" needs one of fields, hex and file", "write fields: with values by their JSON names")
	}
	return m
}
