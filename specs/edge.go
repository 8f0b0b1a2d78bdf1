// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// EdgeConfig is what the gateway section of lintel.yaml says about the way in: who may connect, how,
// and how much of it. Its defaults are those of newEdge.
type EdgeConfig struct {
	// TLS is nil if plain HTTP is served.
	TLS *ListenTLS
	// Proxies are the networks whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// CORS is nil if no web page of another origin may call.
	CORS *CORSConfig
	// HSTS is how long a browser shall use TLS only; 0 says nothing.
	HSTS        time.Duration
	Publish     PublishConfig
	Limits      LimitsConfig
	Concurrency EdgeConcurrency
	Rate        RateConfig
}

// ListenTLS is the tls section of the gateway.
type ListenTLS struct {
	Pos Pos
	// Certificate and Key are PEM files: below the workspace, or absolute.
	Certificate, Key Text
	// Clients is a PEM file with the roots that certificates of clients are verified by; empty means
	// that none are asked for.
	Clients Text
	// Require refuses connections without a certificate of a client.
	Require bool
	// Minimum is the lowest version: "1.2" (default) or "1.3".
	Minimum string
	// HTTP2 is true by default.
	HTTP2 bool
}

// CORSConfig says which web pages may call from a browser.
type CORSConfig struct {
	// Origins are scheme://host[:port], or "*" alone.
	Origins []string
	// Headers may be sent beside those that always may; Expose are headers of answers that pages may read.
	Headers, Expose []string
	// Credentials allows cookies and the like.
	Credentials bool
	// MaxAge is how long a browser may remember; default 10 min.
	MaxAge time.Duration
}

// PublishConfig says what is told about the API.
type PublishConfig struct {
	// Contract serves /openapi.json and /openapi.yaml, Docs a page for people at /docs/; both true by default.
	Contract, Docs bool
}

// LimitsConfig bounds what one request or connection may cost.
type LimitsConfig struct {
	// Head is the largest head, URL the longest target of a request in bytes, Headers the most header lines.
	Head, URL int64
	Headers   int
	// HeadTime and BodyTime bound how long head and body may take to come, Idle how long a connection
	// may be unused.
	HeadTime, BodyTime, Idle time.Duration
	// Connections is how many there may be at once.
	Connections int
}

// EdgeConcurrency bounds the calls that run at once.
type EdgeConcurrency struct {
	// Max is for all operations together.
	Max int
	// Adaptive refuses at once what would wait for its backend too long; true by default.
	Adaptive bool
}

// RateConfig bounds how many calls come in a time.
type RateConfig struct {
	// Redis is the URL of the server that counts for all gateways together; zero if each counts its own.
	Redis    Secret
	Policies []*RatePolicy
}

// RatePolicy is one bound.
type RatePolicy struct {
	Name Text
	// Requests is how many are allowed in Per.
	Requests int
	Per      time.Duration
	// By says what is counted by itself: client, address, all or failure.
	By string
	// Operations are those it holds for; empty means all.
	Operations []Text
}

func newEdge() EdgeConfig {
	return EdgeConfig{
		Publish: PublishConfig{Contract: true, Docs: true},
		Limits: LimitsConfig{
			Head: 32 << 10, URL: 8 << 10, Headers: 100, HeadTime: 5 * time.Second, BodyTime: 10 * time.Second,
			Idle: 75 * time.Second, Connections: 10_000,
		},
		Concurrency: EdgeConcurrency{Max: 2048, Adaptive: true},
	}
}

// edge are the keys of the gateway section that make an EdgeConfig.
func (l *loader) edge(e *EdgeConfig) []field {
	*e = newEdge()
	return []field{
		optional("tls", present(func(n *Node) { l.listenTLS(e, n) })),
		optional("proxies", present(func(n *Node) { e.Proxies = l.networks(n) })),
		optional("cors", present(func(n *Node) { l.cors(e, n) })),
		optional("hsts", l.duration(&e.HSTS, "hsts", time.Second, 3*365*24*hour)),
		optional("publish", func(n *Node) {
			l.object(n, "publish",
				optional("contract", l.boolean(&e.Publish.Contract, "contract")),
				optional("docs", l.boolean(&e.Publish.Docs, "docs")),
			)
		}),
		optional("limits", func(n *Node) { l.requestLimits(&e.Limits, n) }),
		optional("concurrency", func(n *Node) { l.edgeConcurrency(&e.Concurrency, n) }),
		optional("rate", present(func(n *Node) { l.rate(&e.Rate, n) })),
	}
}

// present binds a part that has no default: when it is not there, there is nothing to tell.
func present(bind func(n *Node)) func(n *Node) {
	return func(n *Node) {
		if !n.missing {
			bind(n)
		}
	}
}

func (l *loader) listenTLS(e *EdgeConfig, n *Node) {
	t := &ListenTLS{Pos: n.Pos, Minimum: "1.2", HTTP2: true}
	e.TLS = t
	l.object(n, "tls",
		required("certificate", l.anyFile(&t.Certificate, "certificate", false)),
		required("key", l.anyFile(&t.Key, "key", true)),
		optional("clients", present(l.anyFile(&t.Clients, "clients", false))),
		optional("require", l.boolean(&t.Require, "require")),
		optional("minimum", l.choice(&t.Minimum, "minimum", []string{"1.2", "1.3"})),
		optional("http2", l.boolean(&t.HTTP2, "http2")),
	)
	if t.Require && t.Clients.Value == "" && n.Get("clients") == nil {
		l.add(CodeTogether, n.Key("require"), "require needs clients: without roots no certificate of a client can be verified", "name a PEM file with the roots of your clients")
	}
}

// networks binds a list of addresses and networks.
func (l *loader) networks(n *Node) []netip.Prefix {
	if !l.isList(n, "proxies") {
		return nil
	}
	var out []netip.Prefix
	for _, i := range n.Items {
		if !l.scalar(i, "a proxy") {
			continue
		}
		p, err := netip.ParsePrefix(i.Text)
		if a, aerr := netip.ParseAddr(i.Text); err != nil && aerr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil || p.Addr().Zone() != "" {
			l.add(CodeFormat, i, fmt.Sprintf("%s is neither an IP address nor a network", show(i)), "write 10.1.2.3 or 10.0.0.0/8")
			continue
		}
		if p.Bits() == 0 {
			l.add(CodeOutOfRange, i, "every address would be a trusted proxy, and every caller could choose its own", "name the networks of your proxies")
			continue
		}
		out = append(out, p.Masked())
	}
	return out
}

func (l *loader) cors(e *EdgeConfig, n *Node) {
	c := &CORSConfig{MaxAge: 10 * time.Minute}
	e.CORS = c
	l.object(n, "cors",
		required("origins", func(n *Node) { c.Origins = l.origins(n) }),
		optional("headers", present(func(n *Node) { c.Headers = l.headerNames(n, "headers") })),
		optional("expose", present(func(n *Node) { c.Expose = l.headerNames(n, "expose") })),
		optional("credentials", l.boolean(&c.Credentials, "credentials")),
		optional("maxAge", l.duration(&c.MaxAge, "maxAge", 0, 24*hour)),
	)
	if c.Credentials && slices.Contains(c.Origins, "*") {
		l.add(CodeOrigin, n.Key("credentials"), "credentials for every origin: any web page could act for the users who visit it", "list the origins, or remove credentials")
	}
}

func (l *loader) origins(n *Node) []string {
	if !l.isList(n, "origins") {
		return nil
	}
	var out []string
	for _, i := range n.Items {
		if !l.scalar(i, "an origin") {
			continue
		}
		if i.Text == "*" {
			if len(n.Items) > 1 {
				l.add(CodeOrigin, i, "* stands for every origin and cannot stand beside others", "remove it, or the others")
			}
			out = append(out, i.Text)
			continue
		}
		u, err := url.Parse(i.Text)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Scheme+"://"+u.Host != i.Text || strings.ToLower(i.Text) != i.Text || strings.Contains(i.Text, "*") {
			l.add(CodeOrigin, i, fmt.Sprintf("%s is not an origin", show(i)), "write https://host or https://host:port in lower case, without a path or pattern")
			continue
		}
		out = append(out, i.Text)
	}
	if len(n.Items) == 0 {
		l.add(CodeOutOfRange, n, "origins must not be empty", "remove cors, or list origins")
	}
	return out
}

func (l *loader) headerNames(n *Node, what string) []string {
	if !l.isList(n, what) {
		return nil
	}
	var out []string
	for _, i := range n.Items {
		if !l.scalar(i, "a header") {
			continue
		}
		if !validToken(i.Text) || i.Text == "*" {
			l.add(CodeFormat, i, fmt.Sprintf("%s is not the name of a header", show(i)), "use letters, digits and -")
			continue
		}
		out = append(out, i.Text)
	}
	return out
}

func (l *loader) requestLimits(c *LimitsConfig, n *Node) {
	l.object(n, "limits",
		optional("head", l.size(&c.Head, "head", 1<<10, 1<<20)),
		optional("url", l.size(&c.URL, "url", 256, 1<<20)),
		optional("headers", l.integer(&c.Headers, "headers", 10, 10_000)),
		optional("headTime", l.duration(&c.HeadTime, "headTime", 100*time.Millisecond, 10*time.Minute)),
		optional("bodyTime", l.duration(&c.BodyTime, "bodyTime", 100*time.Millisecond, hour)),
		optional("idle", l.duration(&c.Idle, "idle", 100*time.Millisecond, 24*hour)),
		optional("connections", l.integer(&c.Connections, "connections", 1, 1_000_000)),
	)
}

func (l *loader) edgeConcurrency(c *EdgeConcurrency, n *Node) {
	l.object(n, "concurrency",
		optional("max", l.integer(&c.Max, "max", 1, 1_000_000)),
		optional("adaptive", l.boolean(&c.Adaptive, "adaptive")),
	)
}

func (l *loader) operationIDs(n *Node, what string) []Text {
	if !l.isList(n, what) {
		return nil
	}
	var out []Text
	for _, i := range n.Items {
		var t Text
		if l.text(&t, "an operation")(i); t.Value != "" {
			out = append(out, t)
		}
	}
	return out
}

func (l *loader) rate(r *RateConfig, n *Node) {
	l.object(n, "rate",
		optional("redis", present(func(n *Node) { l.redisURL(&r.Redis, n) })),
		required("policies", func(n *Node) {
			if !l.isMap(n, "policies") {
				return
			}
			for _, f := range n.Fields {
				if !validBackendName(f.Key.Text) {
					l.add(CodeFormat, f.Key, fmt.Sprintf("the policy name %s is not usable", show(f.Key)), "use up to 64 letters, digits, - and _, beginning with a letter")
					continue
				}
				r.Policies = append(r.Policies, l.ratePolicy(f.Key, f.Value))
			}
		}),
	)
}

func (l *loader) ratePolicy(key, n *Node) *RatePolicy {
	p := &RatePolicy{Name: key.asText(), By: "client"}
	l.object(n, fmt.Sprintf("policy %q", key.Text),
		required("requests", l.integer(&p.Requests, "requests", 1, 1_000_000)),
		required("per", l.duration(&p.Per, "per", time.Second, 24*hour)),
		optional("by", l.choice(&p.By, "by", []string{"client", "address", "all", "failure"})),
		optional("operations", present(func(n *Node) { p.Operations = l.operationIDs(n, "operations") })),
	)
	return p
}

// redisURL binds the URL of a Redis server. One with a password must come from a reference.
func (l *loader) redisURL(to *Secret, n *Node) {
	var t Text
	l.text(&t, "redis")(n)
	if t.Value == "" {
		return
	}
	u, err := url.Parse(t.Value)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Host == "" {
		l.add(CodeURL, n, "redis is not the URL of a Redis server", "write redis://host:6379/0, or rediss:// for TLS")
		return
	}
	if _, has := u.User.Password(); has && !t.Secret {
		l.add(CodeInlineSecret, n, "the password of redis is a secret and stands in the document itself", "take the URL from ${env:NAME} or ${file:/run/secrets/NAME}, and change the password: this one was seen")
		return
	}
	*to = Secret{value: t.Value, Pos: t.Pos}
}

// checkEdge makes sure that operations which the gateway section names are in the contract.
func (l *loader) checkEdge(ws *Workspace) {
	e := &ws.Config.Gateway.Edge
	var named []Text
	for _, p := range e.Rate.Policies {
		named = append(named, p.Operations...)
	}
	var ids []string
	for _, o := range ws.Contract.Operations {
		ids = append(ids, o.ID)
	}
	for _, t := range named {
		if ws.Contract.Operation(t.Value) == nil {
			what := fmt.Sprintf("the contract has no operation %q", t.Value)
			if t.Secret {
				what = "the contract has no operation of the name that a reference gives"
			}
			l.findings.Add(CodeNoOperation, t.Pos, what, didYouMean(t.Value, sorted(ids)))
		}
	}
}
