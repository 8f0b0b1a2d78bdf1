// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // names a certificate, and protects nothing
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"slices"

	"lintel/transforms/soap"
)

// appendReference writes how a certificate is named. token is the identifier of its token in the message.
func appendReference(dst []byte, c *x509.Certificate, r Reference, token string) []byte {
	dst = append(dst, `<wsse:SecurityTokenReference xmlns:wsse="`+nsWSSE+`"`...)
	switch r {
	case ByToken:
		dst = append(dst, `><wsse:Reference URI="#`+token+`" ValueType="`+x509v3+`"/>`...)
	case ByIssuer:
		dst = append(dst, `><ds:X509Data xmlns:ds="`+nsDSig+`"><ds:X509IssuerSerial><ds:X509IssuerName>`...)
		dst = soap.AppendEscaped(dst, c.Issuer.String())
		dst = append(dst, `</ds:X509IssuerName><ds:X509SerialNumber>`+c.SerialNumber.String()+`</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>`...)
	case ByKeyIdentifier:
		dst = appendKeyIdentifier(append(dst, '>'), x509SKI, c.SubjectKeyId)
	case ByThumbprint:
		dst = append(dst, ` xmlns:wsse11="`+nsWSSE11+`" wsse11:TokenType="`+x509v3+`">`...)
		dst = appendKeyIdentifier(dst, thumbprintSHA1, thumbprint(c))
	}
	return append(dst, `</wsse:SecurityTokenReference>`...)
}

func appendKeyIdentifier(dst []byte, valueType string, id []byte) []byte {
	dst = append(dst, `<wsse:KeyIdentifier EncodingType="`+base64Binary+`" ValueType="`+valueType+`">`...)
	return append(base64.StdEncoding.AppendEncode(dst, id), `</wsse:KeyIdentifier>`...)
}

func thumbprint(c *x509.Certificate) []byte {
	sum := sha1.Sum(c.Raw) //nolint:gosec // names a certificate, and protects nothing
	return sum[:]
}

// appendToken writes a certificate as a token of the message.
func appendToken(dst []byte, c *x509.Certificate, id string) []byte {
	dst = append(dst, `<wsse:BinarySecurityToken EncodingType="`+base64Binary+`" ValueType="`+x509v3+`" wsu:Id="`+id+`">`...)
	return append(base64.StdEncoding.AppendEncode(dst, c.Raw), `</wsse:BinarySecurityToken>`...)
}

// named finds the certificates that key info names: one that the message brings, or of those that are
// known. A name is a hint only, and whoever it leads to has to be trusted.
func (d *document) named(info *node, known []*x509.Certificate) []*x509.Certificate {
	if info == nil {
		return known
	}
	data := info.only(nsDSig, "X509Data")
	if str := info.only(nsWSSE, "SecurityTokenReference"); str != nil {
		if ref := str.only(nsWSSE, "Reference"); ref != nil {
			return d.tokenCertificate(ref.attr("", "URI"))
		}
		if k := str.only(nsWSSE, "KeyIdentifier"); k != nil {
			return byIdentifier(k, known)
		}
		data = str.only(nsDSig, "X509Data")
	}
	if c := data.only(nsDSig, "X509Certificate"); c != nil {
		return certificateOf(c)
	}
	if serial := data.at(nsDSig, "X509IssuerSerial", nsDSig, "X509SerialNumber"); serial != nil {
		return bySerial(serial, known)
	}
	return nil
}

// tokenCertificate is the certificate in the one token of the security header that has an identifier.
func (d *document) tokenCertificate(uri string) []*x509.Certificate {
	var found *element
	for i := range d.parts {
		if p := &d.parts[i]; p.is(nsWSSE, "BinarySecurityToken") && p.id != "" && uri == "#"+p.id {
			if found != nil {
				return nil
			}
			found = p
		}
	}
	if found == nil {
		return nil
	}
	n, err := tree(d.src, found.begin)
	if err != nil || n.attr("", "ValueType") != x509v3 {
		return nil
	}
	return certificateOf(n)
}

func certificateOf(n *node) []*x509.Certificate {
	c, err := x509.ParseCertificate(n.bytes())
	if err != nil {
		return nil
	}
	return []*x509.Certificate{c}
}

func byIdentifier(k *node, known []*x509.Certificate) []*x509.Certificate {
	want := k.bytes()
	return filter(known, func(c *x509.Certificate) bool {
		switch k.attr("", "ValueType") {
		case x509SKI:
			return bytes.Equal(c.SubjectKeyId, want)
		case thumbprintSHA1:
			return bytes.Equal(thumbprint(c), want)
		}
		return false
	})
}

func bySerial(n *node, known []*x509.Certificate) []*x509.Certificate {
	serial, ok := new(big.Int).SetString(n.words(), 10)
	if !ok {
		return nil
	}
	return filter(known, func(c *x509.Certificate) bool { return c.SerialNumber.Cmp(serial) == 0 })
}

func filter(list []*x509.Certificate, good func(*x509.Certificate) bool) []*x509.Certificate {
	return slices.DeleteFunc(slices.Clone(list), func(c *x509.Certificate) bool { return !good(c) })
}
