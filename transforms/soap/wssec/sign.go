// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"
)

// sign makes the signature over the parts of the message that were given identifiers.
func (s *sealing) sign(plain []byte) ([]byte, error) {
	d, err := parse(plain, s.o.Actor)
	if err != nil {
		return nil, err
	}
	targets := d.withIDs(s.ids)
	begins, lists := make([]int, len(targets)), make([][]string, len(targets))
	for i, e := range targets {
		begins[i] = e.begin
		if e.begin == d.body.begin {
			lists[i] = d.prefixes // values of the body may be names with prefixes
		}
	}
	forms, err := d.canonical(begins, lists, s.message)
	if err != nil {
		return nil, err
	}
	m, algorithm, digest := s.method()
	info := append([]byte(nil), `<ds:SignedInfo xmlns:ds="`+nsDSig+`"><ds:CanonicalizationMethod Algorithm="`+excC14N+
		`"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="`+algorithm+`"></ds:SignatureMethod>`...)
	for i, e := range targets {
		info = append(info, `<ds:Reference URI="#`+e.id+`"><ds:Transforms><ds:Transform Algorithm="`+excC14N+`">`...)
		if len(lists[i]) > 0 {
			info = append(info, `<ec:InclusiveNamespaces xmlns:ec="`+nsExcC14N+`" PrefixList="`+prefixList(lists[i])+`"></ec:InclusiveNamespaces>`...)
		}
		info = append(info, `</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="`+digest+`"></ds:DigestMethod><ds:DigestValue>`...)
		info = base64.StdEncoding.AppendEncode(info, sum(m.hash, forms[i]))
		info = append(info, `</ds:DigestValue></ds:Reference>`...)
	}
	if s.o.Attachments == SignedAttachments {
		if info, err = appendAttached(info, s.message.Attached(false), m, digest); err != nil {
			return nil, err
		}
	}
	info = append(info, `</ds:SignedInfo>`...)
	value, err := signWith(s.o.Sign.Key, m.hash, sum(m.hash, info))
	if err != nil {
		return nil, err
	}
	s.value = base64.StdEncoding.EncodeToString(value)
	out := append([]byte(`<ds:Signature xmlns:ds="`+nsDSig+`">`), info...)
	out = append(append(out, `<ds:SignatureValue>`...), s.value...)
	out = append(out, `</ds:SignatureValue><ds:KeyInfo>`...)
	out = appendReference(out, s.o.Sign.Certificate, s.o.Sign.Reference, s.base+"-token")
	return append(out, `</ds:KeyInfo></ds:Signature>`...), nil
}

func prefixList(prefixes []string) string {
	return strings.Join(slices.Collect(func(yield func(string) bool) {
		for _, p := range prefixes {
			if p == "" {
				p = "#default"
			}
			if !yield(p) {
				return
			}
		}
	}), " ")
}

// withIDs are the parts that have one of the identifiers, in the order of the document.
func (d *document) withIDs(ids []string) []*element {
	var out []*element
	for _, e := range d.candidates() {
		if e.id != "" && slices.Contains(ids, e.id) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b *element) int { return a.begin - b.begin })
	return out
}

// candidates are the elements that a signature can be over: the body, the blocks of the header, and what
// stands directly in the security block.
func (d *document) candidates() []*element {
	out := []*element{&d.body}
	for i := range d.blocks {
		if i != d.security {
			out = append(out, &d.blocks[i])
		}
	}
	for i := range d.parts {
		out = append(out, &d.parts[i])
	}
	return out
}

// method is how the key signs, and the algorithm of digests.
func (s *sealing) method() (m method, signature, digest string) {
	k, ok := s.o.Sign.Key.(*ecdsa.PrivateKey)
	if !ok {
		return method{crypto.SHA256, false}, rsaSHA256, algSHA256
	}
	switch size := k.Curve.Params().BitSize; {
	case size > 384:
		return method{crypto.SHA512, true}, ecdsaSHA512, algSHA512
	case size > 256:
		return method{crypto.SHA384, true}, ecdsaSHA384, algSHA384
	}
	return method{crypto.SHA256, true}, ecdsaSHA256, algSHA256
}

func sum(h crypto.Hash, b []byte) []byte {
	x := h.New()
	x.Write(b)
	return x.Sum(nil)
}

// signWith signs a digest. Both kinds of signatures depend on key and digest only (RFC 8017 and RFC 6979).
func signWith(key crypto.Signer, h crypto.Hash, digest []byte) ([]byte, error) {
	value, err := key.Sign(nil, digest, h)
	if err != nil {
		return nil, refuse("the key cannot sign")
	}
	k, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return value, nil
	}
	var parts struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(value, &parts); err != nil {
		return nil, refuse("the key cannot sign")
	}
	size := (k.Curve.Params().BitSize + 7) / 8
	out := make([]byte, 2*size) // XML Signature 1.1, section 6.4.3
	parts.R.FillBytes(out[:size])
	parts.S.FillBytes(out[size:])
	return out, nil
}

// verifyWith checks a signature.
func verifyWith(key crypto.PublicKey, m method, digest, value []byte) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return !m.ecdsa && rsa.VerifyPKCS1v15(k, m.hash, digest, value) == nil
	case *ecdsa.PublicKey:
		size := (k.Curve.Params().BitSize + 7) / 8
		if !m.ecdsa || len(value) != 2*size {
			return false
		}
		der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:size]), new(big.Int).SetBytes(value[size:])})
		return err == nil && ecdsa.VerifyASN1(k, digest, der)
	}
	return false
}
