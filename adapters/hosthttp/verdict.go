// SPDX-License-Identifier: Apache-2.0

package hosthttp

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lintel/adapters"
)

// statuses is a set of HTTP statuses.
type statuses []string

// parseStatuses checks words like 404 or 5xx.
func parseStatuses(words []string) (statuses, error) {
	for _, w := range words {
		n, err := strconv.Atoi(strings.TrimSuffix(w, "xx"))
		class := strings.HasSuffix(w, "xx") && len(w) == 3
		if err != nil || class && (n < 3 || n > 5) || !class && (n < 300 || n > 599) {
			return nil, fmt.Errorf("http statuses: %q is neither a status from 300 to 599 nor 3xx, 4xx or 5xx", w)
		}
	}
	return statuses(words), nil
}

func (s statuses) has(status int) bool {
	return slices.ContainsFunc(s, func(w string) bool {
		return w == strconv.Itoa(status) || w[0] == byte('0'+status/100) && w[1:] == "xx"
	})
}

// verdict tells whether a reply is a message for the transform, and if not, what it says about the
// fate of the exchange.
//
// A status beside 2xx is a message where the options say so, or where it brings a SOAP envelope: hosts
// send faults with 400 and 500, and what a fault means is told by its content. Everything else is a
// failure: an error page says that something on the way did not do its part, not that the work was
// left undone.
func (a *Adapter) verdict(r *reply) *adapters.Error {
	switch {
	case r.status/100 == 2, a.messages.has(r.status):
		return nil
	case a.notApplied.has(r.status):
		return r.failure(adapters.NotApplied, adapters.Framing)
	case r.status >= 400 && isEnvelope(r.envelope()):
		return nil
	}
	switch r.status {
	case 401, 403, 404, 405, 406, 407, 411, 413, 414, 415, 417, 421, 426, 431:
		// Refused for what the request is, before any work on it (RFC 9110, section 15.5).
		return r.failure(adapters.NotApplied, adapters.Config)
	case 429: // RFC 6585: too many requests, this one is not served
		return r.failure(adapters.NotApplied, adapters.Busy)
	}
	if r.status < 400 { // the host answered, and what it wants is not done here
		return r.failure(adapters.Applied, adapters.Framing)
	}
	return r.failure(adapters.InDoubt, adapters.Framing)
}

func (r *reply) failure(f adapters.Fate, k adapters.Kind) *adapters.Error {
	e := &adapters.Error{Fate: f, Kind: k, Detail: fmt.Sprintf("the host answered with HTTP status %d", r.status)}
	if seconds, err := strconv.ParseUint(r.get("retry-after"), 10, 16); err == nil {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	return e
}

// envelope is the body, or the first part of one that has attachments: there the envelope stands.
func (r *reply) envelope() []byte {
	media, _, _ := strings.Cut(r.get("content-type"), ";")
	if !strings.EqualFold(strings.TrimSpace(media), "multipart/related") {
		return r.body
	}
	_, first, _ := bytes.Cut(r.body[:min(len(r.body), maxHead)], []byte("\r\n\r\n"))
	return first
}

// isEnvelope tells by the root element whether a body is a SOAP envelope. It looks at no more than
// what stands before the root; whether it is a right one is the format's matter.
func isEnvelope(body []byte) bool {
	rest := bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		var end []byte
		switch {
		case bytes.HasPrefix(rest, []byte("<?")):
			end = []byte("?>")
		case bytes.HasPrefix(rest, []byte("<!--")):
			end = []byte("-->")
		default:
			return rootIs(rest, "Envelope")
		}
		_, after, ok := bytes.Cut(rest, end)
		if !ok {
			return false
		}
		rest = after
	}
}

func rootIs(b []byte, local string) bool {
	if len(b) == 0 || b[0] != '<' {
		return false
	}
	end := bytes.IndexAny(b, " \t\r\n>/")
	if end < 0 || end > 128 {
		return false
	}
	name := string(b[1:end])
	return name[strings.IndexByte(name, ':')+1:] == local
}
