// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"crypto"
	// The digests that algorithms name.
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
)

// Namespaces.
const (
	nsSOAP11  = "http://schemas.xmlsoap.org/soap/envelope/"
	nsSOAP12  = "http://www.w3.org/2003/05/soap-envelope"
	oasis     = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
	nsWSSE    = oasis + "wssecurity-secext-1.0.xsd"
	nsWSU     = oasis + "wssecurity-utility-1.0.xsd"
	nsWSSE11  = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
	nsDSig    = "http://www.w3.org/2000/09/xmldsig#"
	nsDSig11  = "http://www.w3.org/2009/xmldsig11#"
	nsEnc     = "http://www.w3.org/2001/04/xmlenc#"
	nsEnc11   = "http://www.w3.org/2009/xmlenc11#"
	nsExcC14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
)

// Types of tokens and values (WS-Security 1.1, UsernameToken and X.509 token profiles).
const (
	soapMessage    = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1"
	passwordText   = oasis + "username-token-profile-1.0#PasswordText"
	passwordDigest = oasis + "username-token-profile-1.0#PasswordDigest"
	base64Binary   = oasis + "soap-message-security-1.0#Base64Binary"
	x509v3         = oasis + "x509-token-profile-1.0#X509v3"
	x509SKI        = oasis + "x509-token-profile-1.0#X509SubjectKeyIdentifier"
	thumbprintSHA1 = soapMessage + "#ThumbprintSHA1"
	typeContent    = nsEnc + "Content"
	typeElement    = nsEnc + "Element"
)

// Algorithms.
const (
	excC14N     = nsExcC14N
	enveloped   = nsDSig + "enveloped-signature"
	swaContent  = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform"
	algSHA1     = nsDSig + "sha1"
	algSHA256   = nsEnc + "sha256"
	algSHA384   = "http://www.w3.org/2001/04/xmldsig-more#sha384"
	algSHA512   = nsEnc + "sha512"
	rsaSHA1     = nsDSig + "rsa-sha1"
	rsaSHA256   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	rsaSHA384   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
	rsaSHA512   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
	ecdsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	ecdsaSHA384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
	ecdsaSHA512 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
	rsaOAEP     = nsEnc + "rsa-oaep-mgf1p"
	rsaOAEP11   = nsEnc11 + "rsa-oaep"
	mgfSHA1     = nsEnc11 + "mgf1sha1"
	mgfSHA256   = nsEnc11 + "mgf1sha256"
	mgfSHA384   = nsEnc11 + "mgf1sha384"
	mgfSHA512   = nsEnc11 + "mgf1sha512"
	aes128GCM   = nsEnc11 + "aes128-gcm"
	aes256GCM   = nsEnc11 + "aes256-gcm"
	aes128CBC   = nsEnc + "aes128-cbc"
	aes256CBC   = nsEnc + "aes256-cbc"
)

// digests are the digest algorithms that are read.
func digests(algorithm string) crypto.Hash {
	return map[string]crypto.Hash{algSHA1: crypto.SHA1, algSHA256: crypto.SHA256, algSHA384: crypto.SHA384, algSHA512: crypto.SHA512}[algorithm]
}

// method is an algorithm of signatures.
type method struct {
	hash  crypto.Hash
	ecdsa bool
}

// methods are the signature algorithms that are read. There is no HMAC: nothing here shares a key with
// its host, and a public key taken for one would let anybody sign.
func methods(algorithm string) (method, bool) {
	m, ok := map[string]method{
		rsaSHA1: {crypto.SHA1, false}, rsaSHA256: {crypto.SHA256, false}, rsaSHA384: {crypto.SHA384, false}, rsaSHA512: {crypto.SHA512, false},
		ecdsaSHA256: {crypto.SHA256, true}, ecdsaSHA384: {crypto.SHA384, true}, ecdsaSHA512: {crypto.SHA512, true},
	}[algorithm]
	return m, ok
}

// ciphers are the algorithms of content: the length of the key, and whether it is CBC.
func ciphers(algorithm string) (key int, cbc, ok bool) {
	switch algorithm {
	case aes128GCM:
		return 16, false, true
	case aes256GCM:
		return 32, false, true
	case aes128CBC:
		return 16, true, true
	case aes256CBC:
		return 32, true, true
	}
	return 0, false, false
}

// masks are the mask generation functions of OAEP.
func masks(algorithm string) crypto.Hash {
	return map[string]crypto.Hash{mgfSHA1: crypto.SHA1, mgfSHA256: crypto.SHA256, mgfSHA384: crypto.SHA384, mgfSHA512: crypto.SHA512}[algorithm]
}
