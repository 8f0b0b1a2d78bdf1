// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"slices"
	"strings"
	"time"
)

// maxReferences bounds what one signature is over.
const maxReferences = 16

// signedInfo is what a signature says, read from the bytes that it is over.
type signedInfo struct {
	method     method
	canonical  []byte
	references []reference
}

// reference is one thing that a signature is over.
type reference struct {
	id       string
	hash     crypto.Hash
	digest   []byte
	prefixes []string
	target   *element
}

// same tells whether another reference says the same: some write what they sign by themselves once more where they are
// told to.
func (r *reference) same(o reference) bool {
	return o.id == r.id && o.hash == r.hash && bytes.Equal(o.digest, r.digest) && slices.Equal(o.prefixes, r.prefixes)
}

// signature verifies the signature of the reply, and keeps what it is over.
func (o *opening) signature(p *element) error {
	if o.verified != nil {
		return refuse("the reply has two signatures")
	}
	n, err := tree(o.doc.src, p.begin)
	if err != nil {
		return err
	}
	info, value := n.only(nsDSig, "SignedInfo"), n.only(nsDSig, "SignatureValue").bytes()
	keyInfo := n.only(nsDSig, "KeyInfo")
	parts := 2
	if keyInfo != nil {
		parts++
	}
	if info == nil || value == nil || len(n.kids) != parts {
		return refuse("the signature is malformed")
	}
	s, err := o.signedInfo(info)
	if err != nil {
		return err
	}
	if err := o.signer(keyInfo, s, value); err != nil {
		return err
	}
	forms, err := o.digested(s.references)
	if err != nil {
		return err
	}
	return o.keep(s, forms)
}

// signedInfo reads what is signed from its canonical form: the bytes that the signature is over.
func (o *opening) signedInfo(info *node) (*signedInfo, error) {
	prefixes, ok := canonicalMethod(info.only(nsDSig, "CanonicalizationMethod"))
	if !ok {
		return nil, refuse("the signature is over another form than the exclusive canonical one")
	}
	forms, err := o.doc.canonical([]int{info.begin}, [][]string{prefixes}, nil)
	if err != nil {
		return nil, err
	}
	s := &signedInfo{canonical: forms[0]}
	if info, err = tree(s.canonical, 0); err != nil {
		return nil, err
	}
	if !blank(info.text) || len(info.kids) < 3 || len(info.kids) > 2+maxReferences || !info.kids[0].is(nsDSig, "CanonicalizationMethod") || !info.kids[1].is(nsDSig, "SignatureMethod") {
		return nil, refuse("the signature is malformed")
	}
	algorithm := info.kids[1].attr("", "Algorithm")
	if s.method, ok = methods(algorithm); !ok || algorithm == rsaSHA1 && !o.o.Reply.SHA1 || len(info.kids[1].kids) > 0 {
		return nil, refuse("the signature is made by an algorithm that is not taken")
	}
	for _, k := range info.kids[2:] {
		r, attached, err := o.reference(k)
		if err != nil {
			return nil, err
		}
		if !attached && !slices.ContainsFunc(s.references, r.same) {
			s.references = append(s.references, r)
		}
	}
	return s, nil
}

// canonicalMethod reads a method or transform that must be the exclusive canonical form.
func canonicalMethod(n *node) (prefixes []string, ok bool) {
	if n == nil || n.attr("", "Algorithm") != excC14N || len(n.kids) > 1 {
		return nil, false
	}
	for _, k := range n.kids {
		if !k.is(nsExcC14N, "InclusiveNamespaces") {
			return nil, false
		}
		prefixes = strings.Fields(k.attr("", "PrefixList"))
		for i, p := range prefixes {
			if p == "#default" {
				prefixes[i] = ""
			}
		}
	}
	return prefixes, true
}

// reference reads one reference. What it is transformed by can only be the exclusive canonical form; the
// transform of enveloped signatures may stand before it, since no part holds the signature. attached tells that it is
// one to an attachment, which is done with.
func (o *opening) reference(n *node) (r reference, attached bool, err error) {
	id, local := strings.CutPrefix(n.attr("", "URI"), "#")
	attached = strings.HasPrefix(id, "cid:") && !local
	if !n.is(nsDSig, "Reference") || !local && !attached || id == "" {
		return r, false, refuse("the signature is over something that is not named by an identifier")
	}
	steps := n.only(nsDSig, "Transforms")
	digest, value := n.only(nsDSig, "DigestMethod"), n.only(nsDSig, "DigestValue")
	if steps == nil || digest == nil || value == nil || len(n.kids) != 3 || len(steps.kids) == 0 || len(steps.kids) > 2 {
		return r, false, refuse("the signature is malformed")
	}
	algorithm := digest.attr("", "Algorithm")
	h := digests(algorithm)
	if h == 0 || algorithm == algSHA1 && !o.o.Reply.SHA1 {
		return r, false, refuse("a digest is made by an algorithm that is not taken")
	}
	r.id, r.digest, r.hash = id, value.bytes(), h
	if attached {
		return r, true, o.attachedReference(n, steps, &r)
	}
	last, ok := steps.kids[len(steps.kids)-1], false
	if len(steps.kids) == 2 && (!steps.kids[0].is(nsDSig, "Transform") || steps.kids[0].attr("", "Algorithm") != enveloped) {
		return r, false, refuse("the signature is over a transformed part: only the exclusive canonical form is taken")
	}
	if r.prefixes, ok = canonicalMethod(last); !ok || !last.is(nsDSig, "Transform") {
		return r, false, refuse("the signature is over a transformed part: only the exclusive canonical form is taken")
	}
	return r, false, nil
}

// signer checks the signature with the key of a signer that is trusted.
func (o *opening) signer(keyInfo *node, s *signedInfo, value []byte) error {
	candidates := o.doc.named(keyInfo, o.o.Reply.Signers)
	if len(candidates) == 0 {
		return refuse("the signature names no certificate that is known")
	}
	digest := sum(s.method.hash, s.canonical)
	var why error
	for _, c := range candidates {
		if err := o.o.Reply.trusts(c, o.now); err != nil {
			why = err
			continue
		}
		if verifyWith(c.PublicKey, s.method, digest, value) {
			return nil
		}
		why = refuse("the signature is wrong")
	}
	return why
}

// trusts tells why a certificate is not one of a signer; nil if it is.
func (r *Reply) trusts(c *x509.Certificate, now time.Time) error {
	if !strong(c.PublicKey) || c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return refuse("the certificate of the signer is not one for signatures")
	}
	if now.Before(c.NotBefore) || now.After(c.NotAfter) {
		return refuse("the certificate of the signer is not valid at this time")
	}
	roots := x509.NewCertPool()
	for _, s := range r.Signers {
		if bytes.Equal(s.Raw, c.Raw) {
			return nil
		}
		if s.IsCA {
			roots.AddCert(s)
		}
	}
	if _, err := c.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		return refuse("the signer is not trusted")
	}
	return nil
}

// digested checks the digests, and returns the bytes they are over. A part is found by where it stands:
// the body, a block of the header, a part of the security header. Its identifier must be that of the
// reference, and no other element of the whole reply may have it.
func (o *opening) digested(refs []reference) ([][]byte, error) {
	ids := make([]string, len(refs))
	begins, prefixes := make([]int, len(refs)), make([][]string, len(refs))
	for i := range refs {
		r := &refs[i]
		for _, c := range o.doc.candidates() {
			if c.id == r.id {
				r.target = c
			}
		}
		if r.target == nil {
			return nil, refuse("the signature is over something that is not read")
		}
		ids[i], begins[i], prefixes[i] = r.id, r.target.begin, r.prefixes
	}
	counts, err := o.doc.count(ids)
	if err != nil {
		return nil, err
	}
	for _, n := range counts { // also of one that is referred to in two ways, which is counted once
		if n != 1 {
			return nil, refuse("an identifier that the signature names is not the only one of its kind")
		}
	}
	forms, err := o.doc.canonical(begins, prefixes, nil)
	if err != nil {
		return nil, err
	}
	for i, r := range refs {
		if subtle.ConstantTimeCompare(sum(r.hash, forms[i]), r.digest) != 1 {
			return nil, refuse("what is signed was changed")
		}
	}
	return forms, nil
}

// keep makes sure that the body is signed, and keeps what is.
func (o *opening) keep(s *signedInfo, forms [][]byte) error {
	v := &verified{mark: sha256.Sum256(s.canonical)}
	for i, r := range s.references {
		switch {
		case r.target == &o.doc.body:
			v.body = forms[i]
		case r.target.is(nsWSU, "Timestamp"):
			v.timestamp = forms[i]
		case r.target.is(nsWSSE11, "SignatureConfirmation"):
			n, err := tree(forms[i], 0)
			if err != nil {
				return err
			}
			v.confirmed = append(v.confirmed, strings.Join(strings.Fields(n.attr("", "Value")), ""))
		case o.isBlock(r.target):
			v.blocks = append(v.blocks, forms[i])
		}
	}
	if v.body == nil {
		return refuse("the body of the reply is not signed")
	}
	o.verified = v
	return nil
}

func (o *opening) isBlock(e *element) bool {
	for i := range o.doc.blocks {
		if e == &o.doc.blocks[i] {
			return true
		}
	}
	return false
}
