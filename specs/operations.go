// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// OperationsConfig is the operations section of lintel.yaml: what operators see and may do.
type OperationsConfig struct {
	// AdminToken lets a caller of the admin port change things; it comes from a reference. Empty
	// means that only a unix socket does.
	AdminToken Text
	// AdminHosts are host names that the admin port answers to besides localhost and IP addresses.
	AdminHosts []string
	Log        LogConfig
	Traces     *TracesConfig // nil: no traces
	// Compress is the size in bytes from which an answer is compressed for callers who ask; 0 means never.
	Compress int64
	// ServerTiming tells callers where the time of their call went.
	ServerTiming bool
	Cache        CacheConfig
}

// CacheConfig bounds the answers that the gateway keeps.
type CacheConfig struct {
	// Entries is how many there are at most, default 1000; Size how many bytes they take, default 16 MiB.
	Entries int
	Size    int64
}

// LogConfig is the log section.
type LogConfig struct {
	// Level is debug, info (default), warn or error.
	Level string
	// Sample is the percentage of calls that went well which are logged; default 100.
	Sample int
}

// TracesConfig is the traces section: spans go to an OpenTelemetry collector by OTLP over HTTP.
type TracesConfig struct {
	// Endpoint is the URL that spans are posted to, for example http://127.0.0.1:4318/v1/traces.
	Endpoint Text
	// Sample is the percentage of traces begun here that are kept; default 10. A trace that a
	// caller began is kept if the caller keeps it.
	Sample int
	// Timeout bounds one post; default 5 s.
	Timeout time.Duration
	// Service is the name that spans carry; default lintel.
	Service Text
	// Headers are sent with every post.
	Headers []TraceHeader
	Pos     Pos
}

// TraceHeader is a header of the posts to a collector.
type TraceHeader struct {
	Name  string
	Value Text
}

func defaultOperations() OperationsConfig {
	return OperationsConfig{Log: LogConfig{Level: "info", Sample: 100}, Compress: 1 << 10, Cache: CacheConfig{Entries: 1000, Size: 16 << 20}}
}

// operations binds the section.
func (l *loader) operations(c *OperationsConfig, n *Node) {
	l.object(n, "operations",
		optional("adminToken", l.secretText(&c.AdminToken, "adminToken", minAdminToken)),
		optional("adminHosts", func(n *Node) { l.hostNames(&c.AdminHosts, n) }),
		optional("log", func(n *Node) {
			l.object(n, "log",
				optional("level", l.choice(&c.Log.Level, "level", []string{"debug", "info", "warn", "error"})),
				optional("sample", l.percent(&c.Log.Sample, "sample")),
			)
		}),
		optional("traces", func(n *Node) { l.traces(c, n) }),
		optional("compress", l.sizeOrOff(&c.Compress, "compress", 1<<30)),
		optional("cache", func(n *Node) {
			l.object(n, "cache",
				optional("entries", l.integer(&c.Cache.Entries, "entries", 1, 10_000_000)),
				optional("size", l.size(&c.Cache.Size, "size", 1<<10, 1<<34)),
			)
		}),
		optional("serverTiming", l.boolean(&c.ServerTiming, "serverTiming")),
	)
}

// minAdminToken is how many characters a token must have at least, so that it cannot be guessed.
const minAdminToken = 24

func (l *loader) traces(c *OperationsConfig, n *Node) {
	if n.missing {
		return
	}
	t := &TracesConfig{Sample: 10, Timeout: 5 * time.Second, Service: Text{Value: "lintel", Pos: n.Pos}, Pos: n.Pos}
	c.Traces = t
	l.object(n, "traces",
		required("endpoint", func(n *Node) {
			l.text(&t.Endpoint, "endpoint")(n)
			if u, err := url.Parse(t.Endpoint.Value); t.Endpoint.Value != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil) {
				l.add(CodeURL, n, fmt.Sprintf("endpoint must be an http or https URL without a login, not %s", show(n)), "write http://127.0.0.1:4318/v1/traces")
			}
		}),
		optional("sample", l.percent(&t.Sample, "sample")),
		optional("timeout", l.duration(&t.Timeout, "timeout", time.Millisecond, time.Minute)),
		optional("service", l.text(&t.Service, "service")),
		optional("headers", func(n *Node) { l.traceHeaders(t, n) }),
	)
}

func (l *loader) traceHeaders(t *TracesConfig, n *Node) {
	if n.missing || !l.isMap(n, "headers") {
		return
	}
	for _, f := range n.Fields {
		if !validToken(f.Key.Text) {
			l.add(CodeFormat, f.Key, fmt.Sprintf("%s is not the name of a header", show(f.Key)), "use letters, digits and -")
			continue
		}
		h := TraceHeader{Name: f.Key.Text}
		l.secretText(&h.Value, "a header of traces", 1)(f.Value)
		if strings.ContainsAny(h.Value.Value, "\r\n\x00") {
			l.add(CodeFormat, f.Value, "a header must be one line", "")
			continue
		}
		t.Headers = append(t.Headers, h)
	}
}

// secretText binds a text that may only come from a reference, with at least so many characters.
func (l *loader) secretText(to *Text, what string, shortest int) func(*Node) {
	return func(n *Node) {
		if n.missing {
			return
		}
		written := l.sketches == nil && n.Kind == ScalarNode && !n.Null && (!n.secret || n.ownDefault) && !n.broken
		n.secret, n.ownDefault = true, false
		l.text(to, what)(n)
		switch {
		case written:
			l.add(CodeFormat, n, what+" stands in the file itself, where everybody can read it", "write ${file:/run/secrets/NAME} or ${env:NAME}")
		case to.Value != "" && len(to.Value) < shortest:
			l.add(CodeOutOfRange, n, fmt.Sprintf("%s must have at least %d characters", what, shortest), "make one: openssl rand -hex 32")
		}
	}
}

func (l *loader) hostNames(to *[]string, n *Node) {
	if n.missing {
		return
	}
	for _, item := range l.oneOrMany(n) {
		var host Text
		l.text(&host, "adminHosts")(item)
		if strings.ContainsAny(host.Value, ":/ @*") {
			l.add(CodeFormat, item, fmt.Sprintf("%s is not the name of a host", show(item)), "write the name alone, without port")
			continue
		}
		if host.Value != "" {
			*to = append(*to, host.Value)
		}
	}
}

// sizeOrOff binds a size, or off for none.
func (l *loader) sizeOrOff(to *int64, what string, high int64) func(*Node) {
	size := l.size(to, what, 1, high)
	return func(n *Node) {
		if s := l.sketch(n); s != nil {
			*s = sketch{kind: scalarSketch, pattern: sizePattern + "|^off$", about: "a size with a unit, such as 1KiB, or off"}
			return
		}
		if n.Kind == ScalarNode && n.Text == "off" {
			*to = 0
			return
		}
		size(n)
	}
}

// adminAddress binds the address of the admin port: host:port, the path of a unix socket, or off.
func (l *loader) adminAddress(to *string, n *Node) {
	if l.isDefault(n, *to) || !l.scalar(n, "admin") {
		return
	}
	if path, ok := strings.CutPrefix(n.Text, "unix:"); n.Text != "off" && (!ok || !filepath.IsAbs(path)) && !validAddress(n.Text, 0) {
		l.add(CodeAddress, n, fmt.Sprintf("admin must be host:port, the path of a unix socket or off, not %s", show(n)), "write 127.0.0.1:9901 or unix:/run/lintel/admin.sock")
		return
	}
	*to = n.Text
}
