// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the digest of OAEP that every host knows; its weakness is none here
	"encoding/base64"
)

// encrypt encrypts the content of the body with a key of its own, and that key for the receiver.
func (s *sealing) encrypt() (key, data []byte, err error) {
	e := s.o.Encrypt
	public, _ := e.Certificate.PublicKey.(*rsa.PublicKey)
	algorithm := cipherOf(e.Cipher)
	size, cbc, _ := ciphers(algorithm)
	secret, err := s.in.bytes(size)
	if err != nil {
		return nil, nil, err
	}
	wrapped, err := rsa.EncryptOAEP(sha1.New(), s.in.Random, public, secret, nil) //nolint:gosec // see the import
	if err != nil {
		return nil, nil, refuse("the key of the receiver cannot encrypt")
	}
	sealed, err := s.sealContent(secret, cbc)
	if err != nil {
		return nil, nil, err
	}
	const alg = `<xenc:EncryptionMethod Algorithm="`
	keyID, dataID := s.base+"-key", s.base+"-data"
	key = append(key, `<xenc:EncryptedKey xmlns:xenc="`+nsEnc+`" Id="`+keyID+`">`+alg+rsaOAEP+`"><ds:DigestMethod xmlns:ds="`+nsDSig+
		`" Algorithm="`+algSHA1+`"/></xenc:EncryptionMethod><ds:KeyInfo xmlns:ds="`+nsDSig+`">`...)
	key = appendReference(key, e.Certificate, e.Reference, "")
	key = append(key, `</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>`...)
	key = base64.StdEncoding.AppendEncode(key, wrapped)
	key = append(key, `</xenc:CipherValue></xenc:CipherData><xenc:ReferenceList><xenc:DataReference URI="#`+dataID+`"/></xenc:ReferenceList></xenc:EncryptedKey>`...)
	data = append(data, `<xenc:EncryptedData xmlns:xenc="`+nsEnc+`" Id="`+dataID+`" Type="`+typeContent+`">`+alg+algorithm+
		`"/><ds:KeyInfo xmlns:ds="`+nsDSig+`"><wsse:SecurityTokenReference xmlns:wsse="`+nsWSSE+`"><wsse:Reference URI="#`+keyID+
		`"/></wsse:SecurityTokenReference></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>`...)
	data = base64.StdEncoding.AppendEncode(data, sealed)
	return key, append(data, `</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>`...), nil
}

// sealContent encrypts the content of the body as it stands.
func (s *sealing) sealContent(secret []byte, cbc bool) ([]byte, error) {
	content := s.doc.src[s.doc.body.inner:s.doc.body.outer]
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, refuse("the cipher cannot be used")
	}
	if !cbc {
		iv, err := s.in.bytes(12)
		if err != nil {
			return nil, err
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			return nil, refuse("the cipher cannot be used")
		}
		return gcm.Seal(iv, iv, content, nil), nil
	}
	iv, err := s.in.bytes(aes.BlockSize)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(content)%aes.BlockSize // XML Encryption, section 5.2
	out := make([]byte, len(iv)+len(content)+pad)
	copy(out[copy(out, iv):], content)
	out[len(out)-1] = byte(pad)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out[len(iv):], out[len(iv):])
	return out, nil
}

// errDecrypt is the one answer to whatever is wrong with what was encrypted: more would help to guess it.
func errDecrypt() error { return refuse("what is encrypted cannot be decrypted") }

// openKey decrypts an EncryptedKey.
func (r *Reply) openKey(n *node) ([]byte, error) {
	m := n.only(nsEnc, "EncryptionMethod")
	if m == nil {
		return nil, errDecrypt()
	}
	o := &rsa.OAEPOptions{Hash: crypto.SHA1, MGFHash: crypto.SHA1}
	if d := m.only(nsDSig, "DigestMethod"); d != nil {
		o.Hash = digests(d.attr("", "Algorithm"))
	}
	switch m.attr("", "Algorithm") {
	case rsaOAEP:
	case rsaOAEP11:
		if g := m.only(nsEnc11, "MGF"); g != nil {
			o.MGFHash = masks(g.attr("", "Algorithm"))
		}
	default: // rsa-1_5 above all: it lets messages be guessed (Bleichenbacher)
		return nil, refuse("the key is encrypted by an algorithm that is not taken")
	}
	if o.Hash == 0 || o.MGFHash == 0 {
		return nil, refuse("the key is encrypted by an algorithm that is not taken")
	}
	wrapped := n.at(nsEnc, "CipherData", nsEnc, "CipherValue").bytes()
	for _, k := range r.Decrypt {
		if key, err := k.Decrypt(nil, wrapped, o); err == nil {
			return key, nil
		}
	}
	return nil, errDecrypt()
}

// openData decrypts an EncryptedData.
func (r *Reply) openData(n *node, key []byte) ([]byte, error) {
	algorithm := n.only(nsEnc, "EncryptionMethod")
	if algorithm == nil {
		return nil, errDecrypt()
	}
	size, cbc, ok := ciphers(algorithm.attr("", "Algorithm"))
	if !ok || cbc && !r.CBC {
		return nil, refuse("the content is encrypted by an algorithm that is not taken")
	}
	data := n.at(nsEnc, "CipherData", nsEnc, "CipherValue").bytes()
	block, err := aes.NewCipher(key)
	if err != nil || len(key) != size {
		return nil, errDecrypt()
	}
	if cbc {
		return openCBC(block, data)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil || len(data) < gcm.NonceSize() {
		return nil, errDecrypt()
	}
	out, err := gcm.Open(nil, data[:gcm.NonceSize()], data[gcm.NonceSize():], nil)
	if err != nil {
		return nil, errDecrypt()
	}
	return out, nil
}

func openCBC(block cipher.Block, data []byte) ([]byte, error) {
	if len(data) < 2*aes.BlockSize || len(data)%aes.BlockSize != 0 {
		return nil, errDecrypt()
	}
	out := data[aes.BlockSize:]
	cipher.NewCBCDecrypter(block, data[:aes.BlockSize]).CryptBlocks(out, out)
	pad := int(out[len(out)-1])
	if pad < 1 || pad > aes.BlockSize {
		return nil, errDecrypt()
	}
	return out[:len(out)-pad], nil
}
