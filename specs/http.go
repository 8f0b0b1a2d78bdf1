// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// HTTPConfig is the http section of a backend: a host that takes messages as the bodies of HTTP requests.
type HTTPConfig struct {
	// URLs are the ways to the host, the first one first: http or https, without user, query and fragment. Spread uses
	// them in turn.
	URLs   []Text
	Spread bool
	// Method of requests; default POST.
	Method string
	// Headers are sent with every request.
	Headers []HeaderConfig
	// Messages are the statuses besides 2xx whose replies a transform reads, NotApplied those that
	// prove that nothing was done: 404, or 4xx for a class.
	Messages, NotApplied []string
	// Gzip asks for compressed replies.
	Gzip bool
	// Connect bounds the connection and the TLS handshake; default 2 s, with several URLs at most what leaves time for
	// all of them.
	Connect time.Duration
	// Idle closes pooled connections that were not used for so long; default 60 s.
	Idle time.Duration
	// MaxReply is the largest reply in bytes; default 1 MiB.
	MaxReply int64
	TLS      *TLSConfig
	// SOAP is what stands around the envelopes of a SOAP service; nil for nothing.
	SOAP *SOAPConfig
}

// HeaderConfig is one header of every request.
type HeaderConfig struct {
	Name  string
	Value Text
}

// URL is the first of the URLs: the name of the host in what is said about it.
func (h *HTTPConfig) URL() string {
	if len(h.URLs) == 0 {
		return ""
	}
	return h.URLs[0].Value
}

// Plain reports that a URL has no TLS.
func (h *HTTPConfig) Plain() bool {
	return slices.ContainsFunc(h.URLs, func(u Text) bool { return strings.HasPrefix(u.Value, "http:") })
}

func (l *loader) http(b *Backend, n *Node) {
	h := &HTTPConfig{Method: "POST", Connect: 2 * time.Second, Idle: 60 * time.Second, MaxReply: 1 << 20}
	b.HTTP, b.Wire = h, "http"
	ok := l.object(n, "http",
		optional("url", func(n *Node) { l.way(&h.URLs, l.hostURL, n) }),
		optional("urls", func(n *Node) { l.waysOf(&h.URLs, "urls", l.hostURL, n) }),
		optional("spread", l.boolean(&h.Spread, "spread")),
		optional("method", l.word("method", []string{"POST", "PUT", "PATCH", "GET", "DELETE"}, func(n *Node) { h.Method = n.Text })),
		optional("headers", func(n *Node) { h.Headers = l.hostHeaders(n) }),
		optional("messages", func(n *Node) { h.Messages = l.statusWords(n, "messages") }),
		optional("notApplied", func(n *Node) { h.NotApplied = l.statusWords(n, "notApplied") }),
		optional("gzip", l.boolean(&h.Gzip, "gzip")),
		optional("connect", l.duration(&h.Connect, "connect", time.Millisecond, hour)),
		optional("idle", l.duration(&h.Idle, "idle", time.Millisecond, 24*hour)),
		optional("maxReply", l.size(&h.MaxReply, "maxReply", 1, 1<<30)),
		optional("tls", func(n *Node) { l.tls(&h.TLS, n) }),
		optional("soap", func(n *Node) { l.soap(&h.SOAP, h, n) }),
	)
	if h.TLS != nil && h.Plain() {
		l.add(CodeTogether, n.Key("tls"), "tls belongs to an https URL", "write https:// in url, or remove tls")
	}
	if ok && l.sketches == nil {
		l.oneOrSeveral(n, "http", "url", "urls")
	}
}

// hostURL binds where a host listens. Plain http is allowed: many hosts have nothing else.
func (l *loader) hostURL(to *Text, n *Node) {
	var t Text
	l.text(&t, "url")(n)
	if t.Value == "" {
		return
	}
	u, err := url.Parse(t.Value)
	plain := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
	if !plain || u.Port() != "" && !validAddress(u.Host, 1) {
		l.add(CodeAddress, n, "url must be a plain http or https URL", // not shown: it may hold a password
			"write http://host:port/path, without a user, a query or a fragment; a user and password go into headers as Authorization")
		return
	}
	*to = t
}

// hostHeaders binds the headers of every request to a host.
func (l *loader) hostHeaders(n *Node) []HeaderConfig {
	if !l.isMap(n, "headers") {
		return nil
	}
	var out []HeaderConfig
	for _, f := range n.Fields {
		h := HeaderConfig{Name: f.Key.Text}
		l.text(&h.Value, "a header")(f.Value)
		switch name := strings.ToLower(h.Name); {
		case !validToken(h.Name):
			l.add(CodeFormat, f.Key, fmt.Sprintf("%s is not the name of a header", show(f.Key)), "use letters, digits and -")
		case name != "content-type" && slices.Contains(ownHeaders(), name):
			l.add(CodeFormat, f.Key, fmt.Sprintf("the header %s cannot be set", show(f.Key)), "remove it: it belongs to the connection, or would let a request be sent again on the way")
		case strings.ContainsFunc(h.Value.Value, func(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7F }):
			l.add(CodeFormat, f.Value, fmt.Sprintf("the header %s has a character that HTTP does not carry", show(f.Key)), "use printable ASCII in one line")
		case h.Value.Value != "":
			out = append(out, h)
		}
	}
	return out
}

// statusWords binds one status from 300 on or a list of them; 4xx is a whole class.
func (l *loader) statusWords(n *Node, what string) []string {
	var out []string
	for _, item := range l.oneOrMany(n) {
		if !l.scalar(item, what) {
			continue
		}
		v, ok := parseInteger(item.Text)
		class := slices.Contains([]string{"3xx", "4xx", "5xx"}, item.Text)
		if !class && (!ok || len(item.Text) != 3 || v < 300 || v > 599) {
			l.add(CodeFormat, item, fmt.Sprintf("%s takes HTTP statuses from 300 to 599, not %s", what, show(item)), "write 404, or 4xx for all of its class")
			continue
		}
		out = append(out, item.Text)
	}
	return out
}
