// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lintel/specs"
)

// fixedHeader is a header that every answer of a route has.
type fixedHeader struct {
	name   string
	values [1]string
}

// fixedHeaders are those that the contract's words about the end of an operation become: Deprecation
// (RFC 9745) and Sunset (RFC 8594).
func fixedHeaders(op *specs.Operation) []fixedHeader {
	var out []fixedHeader
	switch {
	case !op.DeprecatedAt.IsZero():
		out = append(out, fixedHeader{"Deprecation", [1]string{"@" + strconv.FormatInt(op.DeprecatedAt.Unix(), 10)}})
	case op.Deprecated:
		// The contract says no date, which RFC 9745 asks for: the word of the drafts before it.
		out = append(out, fixedHeader{"Deprecation", [1]string{"true"}})
	}
	if !op.Sunset.IsZero() {
		out = append(out, fixedHeader{"Sunset", [1]string{op.Sunset.UTC().Format(http.TimeFormat)}})
	}
	return out
}

// cacheControl is what apps are told about an answer of the route. One that everybody gets, and who calls does
// not matter, is still kept by no proxy where callers have to show who they are (RFC 9111, 3.5).
func cacheControl(c *Caching, open bool) string {
	if c == nil {
		return ""
	}
	who := "private"
	if c.AllCallers && open {
		who = "public"
	}
	if c.Apps <= 0 {
		return who + ", no-cache" // it may be kept, and must be asked for each time
	}
	return who + ", max-age=" + strconv.FormatInt(int64(c.Apps/time.Second), 10)
}

// cacheHeaders lets apps keep the answer and ask whether it is still right.
func (c *call) cacheHeaders(h http.Header) {
	h["Cache-Control"] = c.route.cacheControl[:]
	if c.cached != "" {
		h["Age"] = []string{strconv.FormatInt(int64(c.age/time.Second), 10)}
	}
	// Weak: it is the same whatever the answer is compressed with.
	sum := sha256.Sum256(c.output.Body)
	h["Etag"] = []string{`W/"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`}
}

// has reports that the app has the answer already (RFC 9110, 13.1.2).
func (c *call) has(h http.Header) bool {
	if c.route.Caching == nil || c.output.Status != http.StatusOK {
		return false
	}
	tags, etag := c.r.Header["If-None-Match"], h["Etag"]
	if len(tags) == 0 || len(etag) == 0 || c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return false
	}
	want := strings.TrimPrefix(etag[0], "W/")
	for _, list := range tags {
		for tag := range strings.SplitSeq(list, ",") {
			if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == want {
				return true
			}
		}
	}
	return false
}

// compressed returns the body as it is sent.
func (c *call) compressed(body []byte) []byte {
	h := c.w.Header()
	h["Vary"] = append(h["Vary"][:len(h["Vary"]):len(h["Vary"])], "Accept-Encoding")
	if len(h["Content-Encoding"]) > 0 {
		return body
	}
	out, how := c.g.compressor.compress(coding(c.r.Header["Accept-Encoding"]), body)
	if how != codingNone {
		h["Content-Encoding"] = []string{how}
	}
	return out
}
