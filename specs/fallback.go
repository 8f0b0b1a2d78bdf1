// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"time"
)

// FallbackSpec is one thing to do when the host of a safe operation gives no usable reply. Exactly one
// of Last, Backend and Answer is set.
type FallbackSpec struct {
	Pos  Pos
	Root *Node
	// Last gives the last good answer to the same request, if it is not older.
	Last time.Duration
	// Backend asks another backend with the same message.
	Backend Text
	// Answer is a fixed answer, made from the request.
	Answer *ReplySpec
}

// mostFallbacks is how many fallbacks an operation may have.
const mostFallbacks = 4

func (l *loader) fallbacks(t *Transform, n *Node) {
	if !l.isList(n, "fallback") {
		return
	}
	if len(n.Items) > mostFallbacks || len(n.Items) == 0 && l.sketches == nil {
		l.add(CodeOutOfRange, n, fmt.Sprintf("fallback must list 1 to %d ways out", mostFallbacks), "")
	}
	for _, item := range n.Items {
		f := &FallbackSpec{Pos: item.Pos, Root: item}
		answer := &ReplySpec{Pos: item.Pos}
		ok := l.object(item, "a fallback",
			optional("last", l.duration(&f.Last, "last", time.Second, 24*hour)),
			optional("backend", l.text(&f.Backend, "backend")),
			optional("status", func(n *Node) { answer.Status = l.status(n) }),
			optional("headers", func(n *Node) { answer.Headers = l.headers(n) }),
			optional("body", func(n *Node) { answer.Body = n }),
		)
		if !ok || l.sketches != nil || !l.oneWayOut(item) {
			continue
		}
		if item.Key("status") != nil {
			f.Answer = answer
		}
		t.Fallbacks = append(t.Fallbacks, f)
	}
}

// oneWayOut reports a fallback that says nothing, or two things.
func (l *loader) oneWayOut(n *Node) bool {
	first := ""
	for _, key := range []string{"last", "backend", "status"} {
		switch k := n.Key(key); {
		case k == nil:
		case first == "":
			first = key
		default:
			l.add(CodeExclusive, k, fmt.Sprintf("a fallback has %s or %s, not both", first, key), "write two fallbacks; they are tried in order")
			return false
		}
	}
	if first == "" {
		l.add(CodeMissingKey, n, "a fallback does not say what to do", "add last:, backend: or status:")
		return false
	}
	for _, key := range []string{"headers", "body"} {
		if k := n.Key(key); k != nil && first != "status" {
			l.add(CodeExclusive, k, fmt.Sprintf("a fallback with %s has no %s of its own", first, key), "remove it")
			return false
		}
	}
	return true
}

// checkFallbacks compares the fallbacks of an operation with its backend.
func (l *loader) checkFallbacks(ws *Workspace, t *Transform, b *Backend, safe bool) {
	if len(t.Fallbacks) > 0 && !safe {
		l.add(CodeUnsafeRepeat, t.Root.Key("fallback"), "an operation that changes something has no fallback: what became of it must be told", "remove fallback; or write safe: true if the operation changes nothing at the host")
		return
	}
	for i, f := range t.Fallbacks {
		if f.Answer != nil && i < len(t.Fallbacks)-1 {
			l.warn(CodeNeverReached, t.Fallbacks[i+1].Root, "this fallback is never tried: the one before always answers", "put the fixed answer last")
		}
		if f.Backend.Value == "" {
			continue
		}
		at := f.Root.Get("backend")
		switch other := l.checkBackend(ws, &f.Backend, at); {
		case other == nil || b == nil:
		case other == b:
			l.add(CodeOtherHost, at, fmt.Sprintf("the fallback is the backend %q itself", b.Name), "name another one")
		case other.Wire != b.Wire || other.CodePage.Value != b.CodePage.Value:
			l.add(CodeOtherHost, at, fmt.Sprintf("the message is made for %s and %s, and backend %q has %s and %s", b.Wire, b.CodePage.Value, other.Name, other.Wire, other.CodePage.Value),
				"name a backend with the same wire and code page")
		}
	}
}
