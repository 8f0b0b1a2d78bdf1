// SPDX-License-Identifier: Apache-2.0

package security

import (
	"net/http"
	"net/url"
	"strings"

	"lintel/gateway"
)

// maxToken and maxKey bound the length of what callers show, in bytes.
const (
	maxToken = 16 << 10
	maxKey   = 512
)

// bearer takes the token out of the header Authorization (RFC 6750, 2.1), which need not be a token68
// yet. A second header of the
// name is refused: another server on the way could have read the other one.
func bearer(h http.Header) (string, error) {
	values := h["Authorization"]
	if len(values) > 1 {
		return "", gateway.ErrBadCredential
	}
	if len(values) == 0 {
		return "", gateway.ErrNoCredential
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", gateway.ErrNoCredential
	}
	if token = strings.TrimLeft(token, " "); token == "" || len(token) > maxToken {
		return "", gateway.ErrBadCredential
	}
	return token, nil
}

// isToken68 reports whether s is a token68 of RFC 9110, 11.2.
func isToken68(s string) bool {
	s = strings.TrimRight(s, "=")
	for i := 0; i < len(s); i++ {
		b := s[i]
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
		if !letter && strings.IndexByte("-._~+/", b) < 0 {
			return false
		}
	}
	return s != ""
}

// place is where an API key stands in a request.
type place struct {
	in, name string
}

// key takes the API key out of a request. One that stands twice is refused.
func (p place) key(r *http.Request) (string, error) {
	var found []string
	switch p.in {
	case "header":
		found = r.Header[p.name]
	case "query":
		found = inQuery(r.URL.RawQuery, p.name)
	case "cookie":
		for _, c := range r.CookiesNamed(p.name) {
			found = append(found, c.Value)
		}
	}
	switch {
	case len(found) == 0:
		return "", gateway.ErrNoCredential
	case len(found) > 1 || found[0] == "" || len(found[0]) > maxKey:
		return "", gateway.ErrBadCredential
	}
	return found[0], nil
}

// inQuery finds the values of a name, read as the gateway reads the parameters of a query. A value
// that cannot be read counts, as an empty one.
func inQuery(query, name string) []string {
	var found []string
	for query != "" && len(found) < 2 {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		rawName, rawValue, _ := strings.Cut(pair, "=")
		if n, err := url.QueryUnescape(rawName); err != nil || n != name {
			continue
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			value = ""
		}
		found = append(found, value)
	}
	return found
}
