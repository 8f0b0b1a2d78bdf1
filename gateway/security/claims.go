// SPDX-License-Identifier: Apache-2.0

package security

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/gateway"
	"lintel/specs"
)

// claims are the members of the payload of a token whose signature is verified.
type claims map[string]jsontext.Value

// parseClaims reads a payload. A member that stands twice is refused at every level: two readers
// could see two callers.
func parseClaims(payload []byte) (claims, bool) {
	raw := jsontext.Value(payload)
	if raw.Kind() != '{' || !raw.IsValid() {
		return nil, false
	}
	return members(raw), true
}

// members returns the members of an object that is valid; nil of anything else.
func members(raw jsontext.Value) claims {
	if raw.Kind() != '{' {
		return nil
	}
	out := claims{}
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := d.ReadToken(); err != nil {
		return nil
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return nil
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return nil
		}
		out[key] = value.Clone()
	}
	return out
}

// text returns a claim that is a text.
func (c claims) text(name string) string { return textOf(c[name]) }

func textOf(v jsontext.Value) string {
	if v.Kind() != '"' {
		return ""
	}
	out, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return ""
	}
	return string(out)
}

// texts returns a claim that is a text or a list of texts.
func textsOf(v jsontext.Value) []string {
	switch v.Kind() {
	case '"':
		return []string{textOf(v)}
	case '[':
		d := jsontext.NewDecoder(bytes.NewReader(v))
		var out []string
		if _, err := d.ReadToken(); err != nil {
			return nil
		}
		for d.PeekKind() != ']' {
			item, err := d.ReadValue()
			if err != nil {
				return nil
			}
			if item.Kind() == '"' {
				out = append(out, textOf(item))
			}
		}
		return out
	}
	return nil
}

// date returns a claim that is a NumericDate (RFC 7519, 2). ok is false if it is there and none.
func (c claims) date(name string) (seconds float64, there, ok bool) {
	v, there := c[name]
	if !there {
		return 0, false, true
	}
	if v.Kind() != '0' {
		return 0, true, false
	}
	seconds, err := strconv.ParseFloat(string(v), 64)
	return seconds, true, err == nil
}

// has reports whether a claim is the text wanted, or a list that holds it.
func (c claims) has(want specs.RequiredClaim) bool {
	v := c.find(want.Name)
	switch v.Kind() {
	case 't', 'f', '0':
		return string(v) == want.Value
	}
	return slices.Contains(textsOf(v), want.Value)
}

// find returns the claim of that name, or the one that its dots lead to. Names that are URLs have
// dots of their own, so the whole name goes first.
func (c claims) find(name string) jsontext.Value {
	if v, ok := c[name]; ok {
		return v
	}
	first, rest, more := strings.Cut(name, ".")
	if !more {
		return nil
	}
	if inner := members(c[first]); inner != nil {
		return inner.find(rest)
	}
	return nil
}

// identity is what the claims say about the caller.
func (c claims) identity(payload []byte, roles string) *gateway.Identity {
	id := &gateway.Identity{Subject: c.text("sub"), Client: c.text("azp"), Claims: payload}
	if id.Client == "" {
		id.Client = c.text("client_id")
	}
	if id.Subject == "" {
		id.Subject = id.Client
	}
	id.Scopes = strings.Fields(c.text("scope"))
	for _, s := range textsOf(c["scp"]) {
		id.Scopes = append(id.Scopes, strings.Fields(s)...)
	}
	if roles != "" {
		id.Roles = textsOf(c.find(roles))
	}
	return id
}
