// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"path"
	"strings"
	"time"
)

// pingsDir holds one file for each backend with a ping.
const pingsDir = "pings"

// pingBreaker has the defaults of a breaker that has a ping: no call is at risk when it looks early, and it
// has its own longest pause, so that maxOpen matters only to a host that comes and goes.
const (
	pingOpen    = time.Second
	pingMaxOpen = 40 * time.Second
)

// PingConfig is the ping section of a breaker: when the exchange of pings/BACKEND.yaml is made.
type PingConfig struct {
	Pos Pos
	// Every is the longest pause between two; default 5 s.
	Every time.Duration
	// Timeout bounds one; default 2 s, or Every or the timeout of the backend if that is shorter.
	Timeout time.Duration
}

// Ping is one file of pings/: the exchange that tells whether a host works again.
type Ping struct {
	File string
	Root *Node
	// Backend is whose ping it is.
	Backend Text
	Request RequestSpec
	// Reply has outcomes that say only whether the host works.
	Reply ReplySpec
}

// Ping returns the ping of the backend with that name, or nil.
func (w *Workspace) Ping(backend string) *Ping {
	for _, p := range w.Pings {
		if p.Backend.Value == backend {
			return p
		}
	}
	return nil
}

// Transform returns the ping as a transform. Its statuses are 503 for a host that does not work, 204 else.
func (p *Ping) Transform() *Transform {
	safe := true
	return &Transform{
		File: p.File, Root: p.Root, Operation: p.Backend, Backend: p.Backend, Public: true, Safe: &safe,
		Request: p.Request, Reply: p.Reply, Ping: true,
	}
}

// breakerPing binds the ping section of a breaker.
func (l *loader) breakerPing(b *BreakerConfig, n *Node) {
	if n.missing {
		return
	}
	b.Ping = &PingConfig{Pos: n.Pos, Every: 5 * time.Second}
	l.object(n, "ping",
		optional("every", l.duration(&b.Ping.Every, "every", time.Second, hour)),
		optional("timeout", l.duration(&b.Ping.Timeout, "timeout", time.Millisecond, hour)),
	)
}

// settlePing fills in what depends on other settings.
func (l *loader) settlePing(b *Backend, breaker *Node) {
	c := &b.Breaker
	p := c.Ping
	if p == nil {
		return
	}
	if c.MaxOpen == 0 {
		c.MaxOpen = max(pingMaxOpen, 4*c.Open)
	}
	switch {
	case p.Timeout == 0:
		p.Timeout = min(2*time.Second, p.Every, b.Timeout)
	case p.Timeout > p.Every:
		l.add(CodeOutOfRange, breaker.Get("ping").Get("timeout"), fmt.Sprintf("timeout (%s) must not be longer than every (%s)", p.Timeout, p.Every),
			"a ping that has no reply must be over before the next is sent")
	}
}

// ping binds one file of pings/.
func (l *loader) ping(file string, root *Node) *Ping {
	p := &Ping{File: file, Root: root}
	l.inStep = "ping"
	defer func() { l.inStep = "" }()
	l.object(root, "the ping",
		required("ping", l.text(&p.Backend, "ping")),
		required("safe", l.pingSafe),
		required("request", func(n *Node) { l.request(&p.Request, n) }),
		required("reply", func(n *Node) { l.reply(&p.Reply, n, false) }),
	)
	settlePingReply(&p.Reply)
	for _, v := range p.Reply.Variants {
		settlePingReply(&v.Reply)
	}
	if want := strings.TrimSuffix(path.Base(file), ".yaml"); p.Backend.Value != "" && p.Backend.Value != want {
		l.add(CodeFileName, root.Get("ping"), fmt.Sprintf("the file of the ping of backend %q must be named %s.yaml", p.Backend.Value, p.Backend.Value),
			fmt.Sprintf("rename the file, or write ping: %s", want))
	}
	return p
}

// pingSafe takes the declaration that nothing is changed, and no other.
func (l *loader) pingSafe(n *Node) {
	safe := false
	before := len(l.findings)
	l.boolean(&safe, "safe")(n)
	if l.sketches == nil && !safe && len(l.findings) == before {
		l.add(CodePing, n, "a ping is sent again and again while nobody calls, and must change nothing at the host",
			"choose a request that only asks, and write safe: true")
	}
}

// settlePingReply gives every end of a ping its status.
func settlePingReply(r *ReplySpec) {
	works := &Node{Text: "204", Pos: r.Pos}
	r.Status = works
	for _, o := range r.Outcomes {
		if o.Status = works; o.Host.Value == "failed" {
			o.Status = &Node{Text: "503", Pos: o.Pos}
		}
	}
}

// checkPings looks at what the files of pings/ and lintel.yaml say of each other.
func (l *loader) checkPings(ws *Workspace) {
	for _, p := range ws.Pings {
		n := p.Root.Get("ping")
		b := l.checkBackend(ws, &p.Backend, n)
		if b == nil {
			continue
		}
		if b.Breaker.Ping == nil {
			l.add(CodePing, n, fmt.Sprintf("the breaker of backend %q has no ping in %s, and so this one is never sent", b.Name, configFile), "add ping: {} to its breaker")
		}
		if ws.Contract != nil && ws.Contract.Operation(b.Name) != nil || ws.Config.Listener(b.Name) != nil {
			l.add(CodePing, n, fmt.Sprintf("an operation or a listener has the name of backend %q, and its ping would have the same file of tests", b.Name), "rename the backend")
		}
	}
	for _, b := range ws.Config.Backends {
		file := pingsDir + "/" + b.Name + ".yaml"
		switch p := b.Breaker.Ping; {
		case p == nil:
		case b.Datagram():
			l.findings.Add(CodePing, p.Pos, fmt.Sprintf("backend %q sends datagrams, and nobody answers a ping", b.Name), "remove ping: one call finds out whether the queue is there")
		case ws.Ping(b.Name) == nil && !l.unreadable(file):
			l.findings.Add(CodePing, p.Pos, fmt.Sprintf("there is no file %s", file), "add it: it says what is sent, and which replies mean that the host does not work")
		}
	}
}
