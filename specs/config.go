// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// hour bounds what durations of lintel.yaml can reasonably be.
const hour = time.Hour

// config binds lintel.yaml.
func (l *loader) config(c *Config, root *Node) {
	refs := &references{b: &l.binder, env: l.env, fsys: l.fsys}
	if l.defaults == nil {
		refs.expand(root)
	}
	c.Operations = defaultOperations()
	c.Gateway = GatewayConfig{
		Listen: ":8080", Admin: "127.0.0.1:9901", BodyLimit: 1 << 20,
		Timeout: 30 * time.Second, Drain: 30 * time.Second, Responses: "enforce", Replicas: 1, Edge: newEdge(),
	}
	c.Journal = JournalConfig{Directory: defaultJournal, Retention: 7 * 24 * hour}
	l.object(root, configFile,
		required("lintel", l.version),
		required("contract", l.text(&c.Contract, "contract")),
		required("backends", func(n *Node) { l.backends(c, n) }),
		optional("listeners", func(n *Node) { l.listeners(c, n) }),
		optional("gateway", func(n *Node) { l.gateway(&c.Gateway, n) }),
		optional("operations", func(n *Node) { l.operations(&c.Operations, n) }),
		optional("security", func(n *Node) { l.security(&c.Security, n) }),
		optional("journal", func(n *Node) { l.journal(&c.Journal, n) }),
	)
	for _, b := range c.Backends {
		if b.Timeout > c.Gateway.Timeout {
			l.findings.Warn(CodeNeverReached, b.Pos, fmt.Sprintf("the timeout of backend %q (%s) is longer than that of the gateway (%s)", b.Name, b.Timeout, c.Gateway.Timeout),
				"raise gateway.timeout, or lower the timeout of the backend")
		}
	}
}

func (l *loader) version(n *Node) {
	if l.scalar(n, "lintel") && n.Text != "1" {
		l.add(CodeWord, n, fmt.Sprintf("lintel must be 1, not %s", show(n)), "write lintel: 1; it is the version of this file's grammar")
	}
}

func (l *loader) gateway(g *GatewayConfig, n *Node) {
	known := []field{
		optional("listen", func(n *Node) { l.listenAddress(&g.Listen, n, "listen") }),
		optional("admin", func(n *Node) { l.adminAddress(&g.Admin, n) }),
		optional("bodyLimit", l.size(&g.BodyLimit, "bodyLimit", 1, 1<<30)),
		optional("timeout", l.duration(&g.Timeout, "timeout", time.Millisecond, hour)),
		optional("drain", l.duration(&g.Drain, "drain", time.Millisecond, hour)),
		optional("budgetHeader", func(n *Node) {
			var t Text
			l.text(&t, "budgetHeader")(n)
			if t.Value != "" && !validToken(t.Value) {
				l.add(CodeFormat, n, fmt.Sprintf("%s is not the name of a header", show(n)), "use letters, digits and -, such as Request-Timeout")
				return
			}
			g.BudgetHeader = t.Value
		}),
		optional("replicas", func(n *Node) {
			g.ReplicasPos = n.Pos
			l.integer(&g.Replicas, "replicas", 1, 10_000)(n)
		}),
		optional("responses", l.choice(&g.Responses, "responses", []string{"enforce", "report", "off"})),
	}
	l.object(n, "gateway", append(known, l.edge(&g.Edge)...)...)
}

func (l *loader) listenAddress(to *string, n *Node, what string) {
	if l.isDefault(n, *to) || !l.scalar(n, what) {
		return
	}
	if !validAddress(n.Text, 0) {
		l.add(CodeAddress, n, fmt.Sprintf("%s must be host:port, not %s", what, show(n)), "write :8080 or 127.0.0.1:8080")
		return
	}
	*to = n.Text
}

// validAddress reports whether s is host:port with a numeric port.
func validAddress(s string, lowPort int64) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil || strings.ContainsAny(host, " /\\\t\n@") {
		return false
	}
	p, ok := parseInteger(port)
	return ok && p >= lowPort && p <= 65535
}

func (l *loader) backends(c *Config, n *Node) {
	if !l.isMap(n, "backends") {
		return
	}
	if len(n.Fields) == 0 {
		l.add(CodeMissingKey, n, "backends must name at least one backend", "add a name and its tcp section")
	}
	for _, f := range n.Fields {
		if !validBackendName(f.Key.Text) {
			l.add(CodeFormat, f.Key, fmt.Sprintf("the backend name %s is not usable", show(f.Key)), "use up to 64 letters, digits, - and _, beginning with a letter")
			continue
		}
		if b := l.backend(f.Key, f.Value); b != nil {
			c.Backends = append(c.Backends, b)
		}
	}
}

func validBackendName(s string) bool {
	for i, c := range s {
		letter := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !letter && (i == 0 || c != '-' && c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// backend binds one backend, with the defaults filled in.
func (l *loader) backend(key, n *Node) *Backend {
	b := &Backend{
		Name: key.Text, Pos: key.Pos, Timeout: 5 * time.Second,
		CodePage:    Text{Value: "cp037", Pos: key.Pos},
		Concurrency: ConcurrencyConfig{Max: 32, Wait: 100 * time.Millisecond},
		Retries:     mostRetries,
		Breaker:     BreakerConfig{Window: 30 * time.Second, Failures: 50, Minimum: 20, Open: 10 * time.Second, Ramp: 5 * time.Second},
	}
	what := fmt.Sprintf("backend %q", b.Name)
	ok := l.object(n, what,
		optional("tcp", func(n *Node) { l.tcp(b, n) }),
		optional("http", func(n *Node) { l.http(b, n) }),
		optional("amqp", func(n *Node) { l.amqp(b, n) }),
		optional("mq", func(n *Node) { l.mq(b, n) }),
		optional("codepage", l.text(&b.CodePage, "codepage")),
		optional("timeout", l.duration(&b.Timeout, "timeout", time.Millisecond, hour)),
		optional("concurrency", func(n *Node) { l.concurrency(&b.Concurrency, n) }),
		optional("retries", l.integer(&b.Retries, "retries", 0, mostRetries)),
		optional("breaker", func(n *Node) { l.breaker(&b.Breaker, n) }),
	)
	if !ok {
		return b
	}
	l.oneWire(key, n, what)
	b.Concurrency.settle(n.Get("concurrency"))
	l.checkConcurrency(&b.Concurrency, n.Get("concurrency"))
	l.settlePing(b, n.Get("breaker"))
	l.settleBreaker(&b.Breaker, n.Get("breaker"))
	switch {
	case b.TCP != nil:
		l.settleConnect(b, n.Get("tcp"), b.TCP.Addresses, &b.TCP.Connect)
	case b.AMQP != nil:
		l.settleConnect(b, n.Get("amqp"), b.AMQP.Addresses, &b.AMQP.Connect)
	case b.HTTP != nil:
		l.settleConnect(b, n.Get("http"), b.HTTP.URLs, &b.HTTP.Connect)
	}
	if b.Breaker.Window < 4*b.Timeout {
		at := key
		if w := n.Get("breaker").Get("window"); w != nil {
			at = w
		} else if t := n.Get("timeout"); t != nil {
			at = t
		}
		l.add(CodeWindow, at, fmt.Sprintf("the breaker window (%s) must be at least four times the timeout (%s)", b.Breaker.Window, b.Timeout),
			fmt.Sprintf("set breaker.window to %s or more: calls that outlast the window are never counted", 4*b.Timeout))
	}
	return b
}

// wires are the keys of a backend that say how its host is reached.
func wires() []string { return []string{"tcp", "http", "amqp", "mq"} }

// oneWire reports a backend that names no wire, or two.
func (l *loader) oneWire(key, n *Node, what string) {
	first := ""
	for _, w := range wires() {
		switch k := n.Key(w); {
		case k == nil:
		case first == "":
			first = w
		default:
			l.add(CodeExclusive, k, fmt.Sprintf("%s has two wires, %s and %s", what, first, w), "keep one of them")
		}
	}
	if first == "" {
		l.add(CodeWire, key, what+" has no wire", "add tcp: {address: host:port, frame: {length: {bytes: 4}}}, http: {url: http://host:port/path}, amqp: {address: host:port, queue: NAME}, or mq: {queueManager: NAME, queue: NAME}")
	}
}

// file binds the name of a file below the workspace, which must exist.
func (l *loader) file(to *Text, what string) func(*Node) {
	return func(n *Node) {
		l.text(to, what)(n)
		if to.Value == "" {
			return
		}
		clean, ok := localPath(to.Value)
		if !ok {
			l.add(CodeOutside, n, fmt.Sprintf("%s must name a file below the workspace, not %s", what, show(n)), "copy the file to the workspace and name it with forward slashes")
			return
		}
		info, err := fs.Stat(l.fsys, clean)
		if err == nil && !info.Mode().IsRegular() {
			err = errNotRegular
		}
		if err != nil {
			l.add(CodeFile, n, fmt.Sprintf("the file of %s cannot be read: %s", what, reason(err)), "check the name; it is relative to the workspace")
			return
		}
		to.Value = clean
	}
}

// anyFile binds the name of a file below the workspace or, named by the operator on purpose, an
// absolute one. A private one must not be readable by everybody.
func (l *loader) anyFile(to *Text, what string, private bool) func(*Node) {
	return func(n *Node) {
		var t Text
		if n.Kind != ScalarNode || !filepath.IsAbs(n.Text) {
			l.file(&t, what)(n)
		} else if l.text(&t, what)(n); t.Value != "" {
			if info, err := os.Stat(t.Value); err != nil || !info.Mode().IsRegular() {
				l.add(CodeFile, n, fmt.Sprintf("the file of %s cannot be read", what), "check the name and the permissions")
				return
			}
		}
		*to = t
		if private {
			l.private(t, n, what)
		}
	}
}

// private reports a file with a secret that everybody may read.
func (l *loader) private(file Text, n *Node, what string) {
	if file.Value == "" {
		return
	}
	info, err := StatAny(l.fsys, file.Value)
	if err == nil && readableByAll(info) {
		l.add(CodeSecretFile, n, fmt.Sprintf("the file of %s can be read by everybody on this machine", what), secretFileHint)
	}
}

// StatAny describes a file below the workspace, or one with an absolute name.
func StatAny(fsys fs.FS, name string) (fs.FileInfo, error) {
	if filepath.IsAbs(name) {
		return os.Stat(name)
	}
	return fs.Stat(fsys, name)
}

// ReadAny reads a file below the workspace, or one with an absolute name.
func ReadAny(fsys fs.FS, name string) ([]byte, error) {
	if filepath.IsAbs(name) {
		return os.ReadFile(name)
	}
	return fs.ReadFile(fsys, name)
}

func (l *loader) concurrency(c *ConcurrencyConfig, n *Node) {
	l.object(n, "concurrency",
		optional("max", l.integer(&c.Max, "max", 1, 65_536)),
		optional("min", l.integer(&c.Min, "min", 1, 65_536)),
		optional("wait", l.duration(&c.Wait, "wait", 0, hour)),
		optional("queue", l.integer(&c.Queue, "queue", 0, 1_000_000)),
	)
}

func (l *loader) checkConcurrency(c *ConcurrencyConfig, n *Node) {
	if c.Min > c.Max {
		l.add(CodeOutOfRange, n.Get("min"), fmt.Sprintf("min (%d) must not be larger than max (%d)", c.Min, c.Max), "")
	}
}

// settle tells a zero that was written, which means none, from one that was not, which means the default.
func (c *ConcurrencyConfig) settle(n *Node) {
	if n.Get("queue") == nil {
		c.Queue = 4 * c.Max
	} else if c.Queue == 0 {
		c.Queue = -1
	}
	if c.Wait == 0 {
		c.Wait = -1
	}
}

func (l *loader) breaker(b *BreakerConfig, n *Node) {
	if n.Get("ping") != nil {
		b.Open = pingOpen
	}
	l.object(n, "breaker",
		optional("window", l.duration(&b.Window, "window", time.Second, 24*hour)),
		optional("failures", l.percent(&b.Failures, "failures")),
		optional("slow", func(n *Node) {
			l.object(n, "slow",
				required("over", l.duration(&b.SlowOver, "over", time.Millisecond, hour)),
				required("ratio", l.percent(&b.SlowRatio, "ratio")),
			)
		}),
		optional("minimum", l.integer(&b.Minimum, "minimum", 1, 1_000_000)),
		optional("open", l.duration(&b.Open, "open", time.Millisecond, hour)),
		optional("maxOpen", l.duration(&b.MaxOpen, "maxOpen", time.Millisecond, 24*hour)),
		optional("ramp", l.duration(&b.Ramp, "ramp", 0, hour)),
		optional("ping", func(n *Node) { l.breakerPing(b, n) }),
	)
}

func (l *loader) settleBreaker(b *BreakerConfig, n *Node) {
	switch {
	case b.MaxOpen == 0:
		b.MaxOpen = 4 * b.Open
	case b.MaxOpen < b.Open:
		l.add(CodeOutOfRange, n.Get("maxOpen"), fmt.Sprintf("maxOpen (%s) must not be shorter than open (%s)", b.MaxOpen, b.Open), "")
	}
	if b.Ramp == 0 {
		b.Ramp = -1
	}
}
