// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Document is something that is served as it is beside the operations: the contract, and the page
// that explains it. A path of the contract goes before a document of the same path.
type Document struct {
	// Path is exact, Type the Content-Type.
	Path, Type string
	// Body is the content; GzipBody, if it is set, is the content compressed, and Body may then be empty.
	Body, GzipBody []byte
	// Policy is the Content-Security-Policy; empty means one that allows nothing.
	Policy string
	// Redirect, if it is set, is where the document is instead.
	Redirect string
}

// document is a Document with what is sent with it.
type document struct {
	Document
	etag string
}

const documentMethods = "GET, HEAD, OPTIONS"

func compileDocuments(list []Document) (map[string]*document, error) {
	out := map[string]*document{}
	for _, d := range list {
		path, ok := canonicalPath(d.Path)
		if !ok || out[path] != nil {
			return nil, fmt.Errorf("document %s cannot be served at its path", d.Path)
		}
		sum := sha256.Sum256(append(append([]byte(d.Type), d.Body...), d.GzipBody...))
		if len(d.Body) == 0 && len(d.GzipBody) > 0 {
			zr, err := gzip.NewReader(bytes.NewReader(d.GzipBody))
			if err != nil {
				return nil, fmt.Errorf("document %s: %w", d.Path, err)
			}
			if d.Body, err = io.ReadAll(io.LimitReader(zr, maxDocument)); err != nil || len(d.Body) == maxDocument {
				return nil, errors.Join(fmt.Errorf("document %s cannot be read", d.Path), err)
			}
		}
		out[path] = &document{d, `"` + hex.EncodeToString(sum[:12]) + `"`}
	}
	return out, nil
}

// maxDocument bounds a document, in bytes.
const maxDocument = 32 << 20

// noContent is the policy of answers that are no pages: nothing in them is to be run or framed.
const noContent = "default-src 'none'; frame-ancestors 'none'"

// serveDocument answers a call for a document.
func (c *call) serveDocument() {
	d := c.document
	switch c.r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		c.entry = nil
		h := c.w.Header()
		c.commonHeaders(h)
		h["Allow"] = []string{documentMethods}
		c.send(http.StatusNoContent, nil)
		return
	default:
		c.refuse(&fault{kind: kindMethodNotAllowed, allow: documentMethods})
		return
	}
	h := c.w.Header()
	c.commonHeaders(h)
	if d.Redirect != "" {
		h["Location"] = []string{d.Redirect}
		c.send(http.StatusFound, nil)
		return
	}
	h["Cache-Control"] = []string{"no-cache"}
	h["Etag"] = []string{d.etag}
	if d.Policy != "" {
		h["Content-Security-Policy"] = []string{d.Policy}
	}
	if etagMatches(c.r.Header["If-None-Match"], d.etag) {
		c.send(http.StatusNotModified, nil)
		return
	}
	h["Content-Type"] = []string{d.Type}
	body := d.Body
	if len(d.GzipBody) > 0 {
		h["Vary"] = append(h["Vary"], "Accept-Encoding")
		if acceptsGzip(c.r.Header["Accept-Encoding"]) {
			h["Content-Encoding"], body = []string{"gzip"}, d.GzipBody
		}
	}
	c.send(http.StatusOK, body)
}

// etagMatches reports whether one of the entity tags of If-None-Match is that of the document (RFC 9110, 13.1.2).
func etagMatches(lines []string, etag string) bool {
	for _, line := range lines {
		for _, t := range strings.Split(line, ",") {
			if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == etag || t == "*" {
				return true
			}
		}
	}
	return false
}

// acceptsGzip reports whether a client takes gzip; one that gives it no weight does not.
func acceptsGzip(lines []string) bool {
	for _, line := range lines {
		for _, part := range strings.Split(line, ",") {
			coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
			if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
				q := strings.ReplaceAll(params, " ", "")
				return q != "q=0" && !strings.HasPrefix(q, "q=0.000") && q != "q=0.0" && q != "q=0.00"
			}
		}
	}
	return false
}
