// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"lintel/transforms"
)

// What an Authenticator finds. Any other error counts as ErrUnavailable: the call is not served.
var (
	// ErrNoCredential says that the request shows nothing for this scheme.
	ErrNoCredential = errors.New("no credential")
	// ErrBadCredential says that what the request shows is not valid, for whatever reason.
	ErrBadCredential = errors.New("credential is not valid")
	// ErrUnavailable says that it cannot be decided now: the keys of an issuer were never loaded.
	ErrUnavailable = errors.New("credentials cannot be verified now")
)

// Authenticator verifies the credential of one security scheme.
type Authenticator interface {
	// Authenticate finds out who sent a request, from its head alone. It is called before the body
	// is read, by many goroutines at once, and must be bounded in time.
	Authenticate(r *http.Request) (*Identity, error)
}

// Identity is who calls, as one scheme has verified it.
type Identity struct {
	// Subject is never empty: the caller in the name of whom things are done.
	Subject string
	// Client is the program that calls, or empty.
	Client        string
	Scopes, Roles []string
	// Claims is the JSON object of the claims of a token, nil if there is none.
	Claims []byte
}

// Scheme is a security scheme of the contract as the gateway enforces it.
type Scheme struct {
	Authenticator
	// Challenge is the scheme of WWW-Authenticate: Bearer, Basic, ApiKey or Certificate.
	Challenge string
	// Query is the name of a query parameter that carries the credential, Header that of a header.
	Query, Header string
	// LogClient allows the name of the client in the access log. Otherwise it has a pseudonym.
	LogClient bool
}

// accessPlan is the security of one operation: alternatives, each a set of schemes that must all hold.
type accessPlan struct {
	schemes      []*Scheme // each once
	alternatives [][]schemeUse
	anonymous    bool
}

type schemeUse struct {
	scheme int // index into accessPlan.schemes
	needs  []string
	roles  bool // needs are roles, not scopes
}

// compileAccess compiles the security of an operation; nil if nothing can be shown for it.
func compileAccess(r *Route) (*accessPlan, error) {
	op := r.Operation
	if op.Secured() == r.Public {
		if r.Public {
			return nil, errors.New("contract asks for security, so it is not served as public")
		}
		return nil, errors.New("contract lets everybody in, so it is served only if declared public")
	}
	if !op.Identifies() {
		return nil, nil
	}
	a := &accessPlan{}
	for _, alternative := range op.Security {
		if len(alternative.Schemes) == 0 {
			a.anonymous = true
			continue
		}
		var uses []schemeUse
		for _, u := range alternative.Schemes {
			s := r.Schemes[u.Name]
			if s == nil || s.Authenticator == nil {
				return nil, fmt.Errorf("security scheme %s cannot be verified", u.Name)
			}
			i := slices.Index(a.schemes, s)
			if i < 0 {
				i = len(a.schemes)
				a.schemes = append(a.schemes, s)
			}
			// For schemes without scopes OpenAPI takes the list for names of roles.
			uses = append(uses, schemeUse{i, u.Scopes, s.Challenge != challengeBearer})
		}
		a.alternatives = append(a.alternatives, uses)
	}
	return a, nil
}

const challengeBearer = "Bearer"

// addTo tells the inputs of an operation which names belong to credentials.
func (a *accessPlan) addTo(in *inputPlan) {
	if a == nil {
		return
	}
	for _, s := range a.schemes {
		if s.Header != "" {
			in.twins[http.CanonicalHeaderKey(s.Header)] = true
		}
		if _, declared := in.names[s.Query]; s.Query != "" && !declared {
			if in.foreign == nil {
				in.foreign = map[string]bool{}
			}
			in.foreign[s.Query] = true
		}
	}
}

// Words of the label result of lintel_authentications_total.
const (
	accessOK          = "ok"
	accessAnonymous   = "anonymous"
	accessMissing     = "missing"
	accessInvalid     = "invalid"
	accessScope       = "scope"
	accessUnavailable = "unavailable"
	accessDenied      = "denied"
)

func accessResults() []string {
	return []string{accessOK, accessAnonymous, accessMissing, accessInvalid, accessScope, accessUnavailable, accessDenied}
}

// verdict is what one scheme said about a request.
type verdict struct {
	identity *Identity
	err      error
}

// authenticate applies the security of the route. It leaves the identity of the caller in c.identity.
func (c *call) authenticate() error {
	a := c.route.access
	if a == nil {
		return nil
	}
	verdicts := make([]verdict, len(a.schemes))
	for i, s := range a.schemes {
		verdicts[i].identity, verdicts[i].err = s.Authenticate(c.r)
		if verdicts[i].err == nil && (verdicts[i].identity == nil || verdicts[i].identity.Subject == "") {
			verdicts[i].err = ErrBadCredential
		}
	}
	var lacking []schemeUse
	for _, uses := range a.alternatives {
		switch held, scoped := holds(uses, verdicts); {
		case held && scoped:
			c.identify(a, uses, verdicts)
			c.g.metrics.access[accessOK].Inc()
			return nil
		case held && lacking == nil:
			lacking = uses
		}
	}
	if lacking != nil {
		c.g.metrics.access[accessScope].Inc()
		return &fault{kind: kindForbidden, challenges: scopeChallenges(lacking, verdicts)}
	}
	return c.unauthenticated(a, verdicts)
}

// holds reports whether all schemes of an alternative hold, and whether they bring what it needs.
func holds(uses []schemeUse, verdicts []verdict) (held, scoped bool) {
	scoped = true
	for _, u := range uses {
		v := verdicts[u.scheme]
		if v.err != nil {
			return false, false
		}
		scoped = scoped && u.granted(v.identity)
	}
	return true, scoped
}

// granted reports whether an identity has all that the use of its scheme needs.
func (u schemeUse) granted(id *Identity) bool {
	have := id.Scopes
	if u.roles {
		have = id.Roles
	}
	return !slices.ContainsFunc(u.needs, func(need string) bool { return !slices.Contains(have, need) })
}

// unauthenticated decides what to say to a caller for whom no alternative holds. One that shows
// something wrong is not taken for anonymous: it would get less than it believes.
func (c *call) unauthenticated(a *accessPlan, verdicts []verdict) error {
	result, kind := accessMissing, kindUnauthorized
	for _, v := range verdicts {
		switch {
		case v.err == nil, errors.Is(v.err, ErrNoCredential):
			// One of several that must hold together counts as shown, too.
			if v.err == nil && result == accessMissing {
				result = accessInvalid
			}
		case errors.Is(v.err, ErrBadCredential):
			if result != accessUnavailable {
				result = accessInvalid
			}
		default:
			result, kind = accessUnavailable, kindIdentityUnavailable
		}
	}
	if result == accessMissing && a.anonymous {
		c.g.metrics.access[accessAnonymous].Inc()
		return nil
	}
	c.g.metrics.access[result].Inc()
	if result == accessInvalid {
		c.countFailure()
	}
	if kind == kindIdentityUnavailable {
		return &fault{kind: kind}
	}
	return &fault{kind: kind, challenges: a.challenges(verdicts)}
}

// challenges lists what the caller could show (RFC 9110, 11.6.1), and for tokens that one was shown
// and is not valid (RFC 6750, 3.1). Why it is not is nobody's business but the log's of its issuer.
func (a *accessPlan) challenges(verdicts []verdict) []string {
	var out []string
	for i, s := range a.schemes {
		text := s.Challenge + ` realm="api"`
		if s.Challenge == "Basic" {
			text += `, charset="UTF-8"` // RFC 7617, 2.1
		}
		if s.Challenge == challengeBearer && errors.Is(verdicts[i].err, ErrBadCredential) {
			text += `, error="invalid_token"`
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// scopeChallenges names the scopes of a token that has not all of them (RFC 6750, 3.1). There is no
// such thing for roles.
func scopeChallenges(uses []schemeUse, verdicts []verdict) []string {
	for _, u := range uses {
		if !u.roles && !u.granted(verdicts[u.scheme].identity) {
			return []string{challengeBearer + ` realm="api", error="insufficient_scope", scope="` + strings.Join(u.needs, " ") + `"`}
		}
	}
	return nil
}

// identify joins what the schemes of an alternative say: the first that knows a subject, client or
// claims decides, scopes and roles add up.
func (c *call) identify(a *accessPlan, uses []schemeUse, verdicts []verdict) {
	id := *verdicts[uses[0].scheme].identity
	for _, u := range uses[1:] {
		next := verdicts[u.scheme].identity
		if id.Client == "" {
			id.Client = next.Client
		}
		if id.Claims == nil {
			id.Claims = next.Claims
		}
		id.Scopes = slices.Concat(id.Scopes, next.Scopes)
		id.Roles = slices.Concat(id.Roles, next.Roles)
	}
	c.identity = id.AppendInput(c.identity[:0])
	c.subject = id.Subject
	c.tenant = a.schemes[uses[0].scheme].Challenge + "\x00" + id.Subject + "\x00" + id.Client
	if name := id.Client; name != "" && a.schemes[uses[0].scheme].LogClient {
		c.caller = name
		return
	}
	c.caller = c.g.pseudonym(id.Subject)
}

// pseudonym stands for a subject in the log: the same for the same subject as long as the gateway
// runs, and of no use to who has only the log.
func (g *Gateway) pseudonym(subject string) string {
	// A hash behind a secret of one block, cut short, can neither be computed nor extended from outside.
	var text [256]byte
	sum := sha256.Sum256(append(append(text[:0], g.pseudonyms[:]...), subject...))
	var out [17]byte
	out[0] = '~'
	hex.Encode(out[1:], sum[:8])
	return string(out[:])
}

// AppendInput writes transforms.Input.Identity.
func (id *Identity) AppendInput(b []byte) []byte {
	b = append(b, '{')
	b = appendText(b, "subject", id.Subject)
	b = appendText(b, "client", id.Client)
	b = appendTexts(b, "scopes", id.Scopes)
	b = appendTexts(b, "roles", id.Roles)
	if id.Claims != nil {
		b = append(append(appendKey(b, "claims"), id.Claims...), ',')
	}
	return append(trimComma(b), '}')
}

func appendTexts(b []byte, name string, texts []string) []byte {
	b = append(appendKey(b, name), '[')
	for _, t := range texts {
		b = append(appendQuoted(b, t), ',')
	}
	return append(trimComma(b), ']', ',')
}

// queryName reports whether a name in the query is that of a credential.
func (in *inputPlan) queryName(name string) bool { return in.foreign[name] }

// countDenied counts a call that the allow rule of its transform denies.
func (c *call) countDenied(err error) {
	var denied *transforms.DeniedError
	if errors.As(err, &denied) {
		c.g.metrics.access[accessDenied].Inc()
	}
}
