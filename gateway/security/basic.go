// SPDX-License-Identifier: Apache-2.0

package security

import (
	"net/http"
	"strings"

	"lintel/gateway"
)

// Basic verifies HTTP basic authentication (RFC 7617): the user is a client, the password one of its keys.
type Basic struct{ keys *Keys }

var _ gateway.Authenticator = (*Basic)(nil)

// NewBasic makes the authenticator; the keys are those of clients.
func NewBasic(keys *Keys) *Basic { return &Basic{keys} }

// Authenticate implements gateway.Authenticator.
func (b *Basic) Authenticate(r *http.Request) (*gateway.Identity, error) {
	values := r.Header["Authorization"]
	switch {
	case len(values) > 1:
		return nil, gateway.ErrBadCredential
	case len(values) == 0 || !isBasic(values[0]):
		return nil, gateway.ErrNoCredential
	case len(values[0]) > 2*maxKey:
		return nil, gateway.ErrBadCredential
	}
	user, password, ok := r.BasicAuth()
	if !ok {
		return nil, gateway.ErrBadCredential
	}
	id, err := b.keys.verify(password)
	if err != nil || id.Client != user {
		return nil, gateway.ErrBadCredential
	}
	return id, nil
}

func isBasic(value string) bool {
	scheme, _, _ := strings.Cut(value, " ")
	return strings.EqualFold(scheme, "Basic")
}
