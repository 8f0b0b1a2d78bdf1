// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

// fakeScheme takes the header of its name: "good", "scoped" (with the scope and role s), "down", or
// anything else, which is bad.
func fakeScheme(name, challenge string) *Scheme {
	return &Scheme{Challenge: challenge, Header: name, Authenticator: authenticator(func(r *http.Request) (*Identity, error) {
		id := &Identity{Subject: "sub of " + name}
		switch r.Header.Get(name) {
		case "":
			return nil, ErrNoCredential
		case "good":
			return id, nil
		case "nobody":
			return &Identity{}, nil
		case "scoped":
			id.Scopes, id.Roles, id.Client, id.Claims = []string{"s"}, []string{"s"}, "client of "+name, []byte(`{"c":1}`)
			return id, nil
		case "down":
			return nil, errors.New("anything")
		}
		return nil, ErrBadCredential
	})}
}

type authenticator func(r *http.Request) (*Identity, error)

func (a authenticator) Authenticate(r *http.Request) (*Identity, error) { return a(r) }

func requirement(schemes ...string) specs.SecurityRequirement {
	r := specs.SecurityRequirement{}
	for _, s := range schemes {
		name, scope, scoped := strings.Cut(s, ":")
		u := specs.SchemeUse{Name: name}
		if scoped {
			u.Scopes = []string{scope}
		}
		r.Schemes = append(r.Schemes, u)
	}
	return r
}

func securedRoute(public bool, alternatives ...specs.SecurityRequirement) Route {
	return routeOf("GET", "/a", func(r *Route) {
		r.Operation.Security, r.Public = alternatives, public
		r.Schemes = map[string]*Scheme{"A": fakeScheme("A", "Bearer"), "B": fakeScheme("B", "ApiKey")}
		r.Start = func() Runner {
			return fakeRunner{request: func(in transforms.Input) (transforms.Message, error) {
				return transforms.Message{Body: slices.Concat([]byte(`{"identity":`), in.Identity, []byte(`}`))}, nil
			}}
		}
	})
}

// TestAccess checks alternatives (one of several), schemes that must hold together, and what is
// said when none does.
func TestAccess(t *testing.T) {
	or := []specs.SecurityRequirement{requirement("A:s"), requirement("B")}
	and := []specs.SecurityRequirement{requirement("A", "B:s")}
	free := []specs.SecurityRequirement{requirement("A"), requirement()}
	cases := []struct {
		name      string
		security  []specs.SecurityRequirement
		headers   []string
		status    int
		challenge string
		body      string
	}{
		{"first", or, []string{"A", "scoped"}, 200, "", `{"subject":"sub of A","client":"client of A","scopes":["s"],"roles":["s"],"claims":{"c":1}}`},
		{"second", or, []string{"B", "good"}, 200, "", `{"subject":"sub of B","scopes":[],"roles":[]}`},
		{"second when the first lacks a scope", or, []string{"A", "good", "B", "good"}, 200, "", "sub of B"},
		{"second when the first is wrong", or, []string{"A", "bad", "B", "good"}, 200, "", "sub of B"},
		{"scope is missing", or, []string{"A", "good"}, 403, `Bearer realm="api", error="insufficient_scope", scope="s"`, "forbidden"},
		{"nothing", or, nil, 401, `Bearer realm="api"; ApiKey realm="api"`, "unauthorized"},
		{"wrong token", or, []string{"A", "bad"}, 401, `Bearer realm="api", error="invalid_token"; ApiKey realm="api"`, "unauthorized"},
		{"wrong key", or, []string{"B", "bad"}, 401, `Bearer realm="api"; ApiKey realm="api"`, "unauthorized"},
		{"nobody", or, []string{"B", "nobody"}, 401, `Bearer realm="api"; ApiKey realm="api"`, "unauthorized"},
		{"issuer is down", or, []string{"A", "down"}, 503, "", "identity-unavailable"},
		{"issuer is down, key is good", or, []string{"A", "down", "B", "good"}, 200, "", "sub of B"},
		{"both", and, []string{"A", "good", "B", "scoped"}, 200, "", `{"subject":"sub of A","client":"client of B","scopes":["s"],"roles":["s"],"claims":{"c":1}}`},
		{"role is missing", and, []string{"A", "good", "B", "good"}, 403, "", "forbidden"},
		{"one of both", and, []string{"A", "good"}, 401, `Bearer realm="api"; ApiKey realm="api"`, "unauthorized"},
		{"anonymous", free, nil, 200, "", `{"identity":}`},
		{"known", free, []string{"A", "good"}, 200, "", "sub of A"},
		{"not taken for anonymous", free, []string{"A", "bad"}, 401, `Bearer realm="api", error="invalid_token"`, "unauthorized"},
	}
	for _, c := range cases {
		g := newGateway(t, Options{}, securedRoute(len(c.security[len(c.security)-1].Schemes) == 0, c.security...))
		w := do(g, "GET", "/a", "", c.headers...)
		if got := strings.Join(w.Header().Values("WWW-Authenticate"), "; "); w.Code != c.status || got != c.challenge || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s: %d %q %s", c.name, w.Code, got, w.Body)
		}
	}
}

// TestAccessRefused makes sure that Swap takes no operation whose security cannot be enforced.
func TestAccessRefused(t *testing.T) {
	cases := map[string]Route{
		"open by oversight":       securedRoute(false),
		"optional by oversight":   securedRoute(false, requirement("A"), requirement()),
		"public all the same":     securedRoute(true, requirement("A")),
		"unknown scheme":          securedRoute(false, requirement("A"), requirement("C")),
		"unknown beside optional": securedRoute(true, requirement("C"), requirement()),
	}
	for name, r := range cases {
		g, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Swap([]Route{r}); err == nil {
			t.Errorf("%s: served", name)
		}
	}
}

// TestAllowRefused answers 403 for an allow rule that denies, and logs one that could not decide.
func TestAllowRefused(t *testing.T) {
	for _, cause := range []error{nil, errors.New("claim is no number")} {
		var log bytes.Buffer
		r := securedRoute(false, requirement("A"))
		r.Start = func() Runner {
			return fakeRunner{request: func(transforms.Input) (transforms.Message, error) {
				return transforms.Message{}, &transforms.DeniedError{Cause: cause}
			}}
		}
		g := newGateway(t, Options{Log: slog.New(slog.NewJSONHandler(&log, nil))}, r)
		w := do(g, "GET", "/a", "", "A", "good")
		if p := problemIn(t, w); w.Code != 403 || p.Code != "forbidden" || p.Outcome != outcomeNotSent {
			t.Errorf("%d %+v", w.Code, p)
		}
		if strings.Contains(log.String(), "allow rule failed") != (cause != nil) || strings.Contains(log.String(), "sub of A") {
			t.Errorf("log %s", &log)
		}
	}
}

// TestQueryKeyIsNoParameter makes sure that the name of an API key is no unknown parameter, and does
// not get to the transform with those that a contract does not list.
func TestQueryKeyIsNoParameter(t *testing.T) {
	r := securedRoute(false, requirement("B"))
	r.Schemes["B"].Query = "key"
	r.Operation.Parameters = []*specs.Parameter{{Name: "rest", In: "query", Style: "form", Explode: true, Schema: &specs.Schema{Types: []string{"object"}, Additional: &specs.Schema{}}}}
	r.Start = func() Runner { return fakeRunner{} }
	w := do(newGateway(t, Options{}, r), "GET", "/a?key=k1&x=1", "", "B", "good")
	if w.Code != 200 || strings.Contains(w.Body.String(), "k1") || !strings.Contains(w.Body.String(), `"x":`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
