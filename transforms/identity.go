// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"

	"lintel/specs"
)

// DeniedError says that the transform's allow rule does not let this caller have this.
type DeniedError struct {
	// Cause is set when the rule could not be decided on the values of this call, which denies too.
	Cause error
}

// Error says that the caller was denied, never whom or what.
func (e *DeniedError) Error() string {
	if e.Cause != nil {
		return "allow rule denies the call: " + e.Cause.Error()
	}
	return "allow rule denies the call"
}

// Unwrap gives the cause.
func (e *DeniedError) Unwrap() error { return e.Cause }

// identityType is the type of who calls. The claims depend on the issuer: they are an open object
// whose members become known as expressions name them. Nothing is certain where callers may be anonymous.
func identityType(anonymous bool) *Type {
	text := &Type{Shape: StringShape, MaxLength: Unbounded}
	list := func(name string) *Type {
		return &Type{Name: name, Shape: ArrayShape, Items: text, MaxItems: Unbounded, Optional: anonymous}
	}
	return &Type{Name: "identity", Shape: ObjectShape, Members: []*Type{
		{Name: "subject", Shape: StringShape, MaxLength: Unbounded, Optional: anonymous},
		{Name: "client", Shape: StringShape, MaxLength: Unbounded, Optional: true},
		list("scopes"), list("roles"),
		{Name: "claims", Optional: true, Nullable: true, growing: true},
	}}
}

// grow returns the member of a growing type, which it makes when it is first named.
func (t *Type) grow(name string) *Type {
	for _, m := range t.Members {
		if m.Name == name || t.folded && strings.EqualFold(m.Name, name) {
			return m
		}
	}
	m := &Type{Name: name, Optional: true, Nullable: true, growing: true}
	if t.grown != nil {
		*m = *t.grown
		m.Name = name
	}
	t.Shape, t.Members = ObjectShape, append(t.Members, m)
	return m
}

// growVisitor follows the chains of names in an expression once before it is compiled, so that it is
// known which claims are objects: the inner names of a chain are visited before the outer ones.
type growVisitor struct{ p *pathPass }

// Visit implements ast.Visitor.
func (v growVisitor) Visit(node *ast.Node) {
	if n, ok := (*node).(*ast.MemberNode); ok && !v.p.failed {
		if rt := v.p.rootOf(n); rt != nil && rt.refused == nil && rt.grows {
			v.p.path(n)
		}
	}
}

// rootOf returns the root that a chain of names begins with, or nil.
func (p *pathPass) rootOf(n ast.Node) *root {
	for {
		switch m := n.(type) {
		case *ast.MemberNode:
			n = m.Node
		case *ast.ChainNode:
			n = m.Node
		case *ast.IdentifierNode:
			return p.scope.find(m.Value)
		default:
			return nil
		}
	}
}

// identityRoot is the name identity. In an operation that nobody can show an identity to, it is
// known only to say so.
func (k *compilation) identityRoot() root {
	r := documentRoot("identity", k.t.identity)
	r.grows = true
	switch {
	case k.doc.Ping:
		r.refused = &refusal{codeExprIdentity, "a ping has no caller, and so there is no identity", "do without identity"}
	case !k.op.Identifies():
		r.refused = &refusal{
			codeExprIdentity, "the contract asks for no security for " + k.op.ID + ", so there is no identity",
			"add security to the operation in the contract, or do without identity",
		}
	}
	return r
}

// compileAllow compiles the allow rule.
func (k *compilation) compileAllow() {
	n := k.doc.Allow
	if n == nil {
		return
	}
	before := k.t.identity.named
	k.t.allow = k.condition(n, k.inputScope())
	k.allowNames = k.t.identity.named - before
}

// sharedAnswers reports a use of identity where every caller is to get the same answer: what is made for one
// would be given to the others. The allow rule may use it, since it is applied to every call.
func sharedAnswers(doc *specs.Transform, parts ...*compilation) (found specs.Findings) {
	if doc.Cache == nil || !doc.Cache.AllCallers {
		return nil
	}
	for _, k := range parts {
		if k.t.identity != nil && k.t.identity.named > k.allowNames {
			found.Add(specs.CodeCache, doc.Root.Get("cache").Get("callers").Pos, fmt.Sprintf("the answers of %q are made with identity, and would be given to every caller", k.op.ID),
				"write callers: each, or do without identity in request and reply")
			return found
		}
	}
	return nil
}

// refuseRoot reports a name that is known and cannot be used.
func (p *pathPass) refuseRoot(rt *root, at int) {
	if !p.failed {
		p.failed = true
		p.c.findings.Add(rt.refused.code, p.c.at(p.node, p.src, at), rt.refused.message, rt.refused.hint)
	}
}

// allowed applies the allow rule. What cannot be decided is denied.
func (r *Run) allowed() error {
	if r.t.allow == nil {
		return nil
	}
	ok, err := r.t.allow.Holds(r)
	if err != nil || !ok {
		return &DeniedError{Cause: err}
	}
	return nil
}

// readIdentity fills the slots of what the transform names of the identity.
func (r *Run) readIdentity() error {
	d := r.t.identity
	if d.capture.Size == 0 || len(r.in.Identity) == 0 {
		return nil
	}
	if err := r.readGrown(d.capture, r.in.Identity, d.base); err != nil {
		return fmt.Errorf("identity cannot be read: %w", err)
	}
	return nil
}

func (r *Run) readGrown(c *Capture, raw []byte, base int) error {
	v := JSONValue(raw)
	if c.Slot >= 0 {
		*r.slots.At(base + c.Slot) = v
	}
	if len(c.Members) == 0 || v.Kind != Object {
		return nil
	}
	return eachChild(raw, func(name string, _ int, raw []byte) error {
		for _, m := range c.Members {
			if m.Type.Name == name {
				return r.readGrown(m, raw, base)
			}
		}
		return nil
	})
}
