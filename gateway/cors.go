// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORS says which web pages may call the API from a browser (Fetch Standard, 3.2).
type CORS struct {
	// Origins are exact: scheme://host[:port]. "*" alone stands for all.
	Origins []string
	// Headers may be sent beside those that the contract knows; Expose may be read beside those of the gateway.
	Headers, Expose []string
	// Credentials lets browsers send cookies and client certificates; not with "*".
	Credentials bool
	// MaxAge is how long a browser may remember the answer to a preflight.
	MaxAge time.Duration
}

// corsPlan is CORS as it is applied.
type corsPlan struct {
	any, credentials        bool
	origins                 map[string]bool
	headers, expose, maxAge string
}

// exposed are headers of the gateway that pages may read.
const exposed = "Location, Retry-After, RateLimit, RateLimit-Policy"

func compileCORS(c *CORS) (*corsPlan, error) {
	if c == nil {
		return nil, nil
	}
	p := &corsPlan{
		any: slices.Contains(c.Origins, "*"), credentials: c.Credentials, origins: map[string]bool{},
		headers: strings.Join(c.Headers, ", "), expose: strings.Join(append([]string{exposed}, c.Expose...), ", "),
		maxAge: strconv.FormatInt(seconds(c.MaxAge), 10),
	}
	if p.any && p.credentials {
		return nil, errors.New("CORS with credentials for every origin would let any page act for its visitors")
	}
	for _, o := range c.Origins {
		p.origins[o] = true
	}
	return p, nil
}

// head adds what a page needs to read an answer, if its origin may.
func (p *corsPlan) head(h, request http.Header) (allowed bool) {
	if !p.any {
		h["Vary"] = append(h["Vary"], "Origin")
	}
	origins := request["Origin"]
	if len(origins) != 1 || !p.any && !p.origins[origins[0]] {
		return false
	}
	if p.any {
		h["Access-Control-Allow-Origin"] = []string{"*"}
	} else {
		h["Access-Control-Allow-Origin"] = origins
	}
	if p.credentials {
		h["Access-Control-Allow-Credentials"] = []string{"true"}
	}
	h["Access-Control-Expose-Headers"] = []string{p.expose}
	return true
}

// isPreflight reports whether a browser asks what it may send. Such a call has no credential, so it is
// answered before the operation is looked at.
func (c *call) isPreflight() bool {
	return c.table.cors != nil && c.entry != nil && c.r.Method == http.MethodOptions &&
		len(c.r.Header["Origin"]) == 1 && len(c.r.Header["Access-Control-Request-Method"]) == 1
}

// preflight answers with the methods and headers of the path. It tells them to allowed origins only.
func (c *call) preflight() {
	h := c.w.Header()
	c.commonHeaders(h)
	h["Allow"] = []string{c.entry.allow}
	h["Vary"] = []string{"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
	if len(h["Access-Control-Allow-Origin"]) > 0 {
		delete(h, "Access-Control-Expose-Headers")
		h["Access-Control-Allow-Methods"] = []string{c.entry.allow}
		h["Access-Control-Allow-Headers"] = []string{c.entry.corsHeaders(c.table.cors)}
		h["Access-Control-Max-Age"] = []string{c.table.cors.maxAge}
	}
	c.send(http.StatusNoContent, nil)
}

// corsHeaders lists the headers that the operations of a path know.
func (e *pathEntry) corsHeaders(p *corsPlan) string {
	names := []string{"Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Traceparent", "Tracestate"}
	for _, r := range e.routes {
		for i := range r.inputs.header {
			names = append(names, r.inputs.header[i].header)
		}
		if r.access != nil {
			for _, s := range r.access.schemes {
				if s.Header != "" {
					names = append(names, http.CanonicalHeaderKey(s.Header))
				}
			}
		}
	}
	slices.Sort(names)
	text := strings.Join(slices.Compact(names), ", ")
	if p.headers != "" {
		text += ", " + p.headers
	}
	return text
}
