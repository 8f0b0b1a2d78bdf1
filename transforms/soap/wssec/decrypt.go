// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"slices"
	"strings"

	"lintel/transforms/soap"
)

// maxDecrypted bounds how often something is decrypted in one reply.
const maxDecrypted = 8

// encryptedKey decrypts a key and what it says is encrypted with it.
func (o *opening) encryptedKey(p *element) error {
	if len(o.o.Reply.Decrypt) == 0 {
		return refuse("the reply is encrypted, and there is no key for it")
	}
	n, err := tree(o.doc.src, p.begin)
	if err != nil {
		return err
	}
	if len(o.keys) >= maxDecrypted {
		return refuse("the reply has more keys than are read")
	}
	key, err := o.o.Reply.openKey(n)
	if err != nil {
		return err
	}
	o.keys[n.id] = key
	if list := n.only(nsEnc, "ReferenceList"); list != nil {
		return o.references(list, key)
	}
	return nil
}

// references decrypts what a ReferenceList names. key is nil where each tells its own.
func (o *opening) references(list *node, key []byte) error {
	if len(o.o.Reply.Decrypt) == 0 {
		return refuse("the reply is encrypted, and there is no key for it")
	}
	if len(list.kids) > maxDecrypted {
		return refuse("the reply has more encrypted parts than are read")
	}
	for _, ref := range list.kids {
		id, ok := strings.CutPrefix(ref.attr("", "URI"), "#")
		if !ref.is(nsEnc, "DataReference") || !ok || id == "" {
			return refuse("the reply refers to something encrypted that is not read")
		}
		if err := o.decrypt(id, key); err != nil {
			return err
		}
	}
	return nil
}

// decrypt decrypts the one thing with an identifier: the content of the body, or a part of the security
// header.
func (o *opening) decrypt(id string, key []byte) error {
	n, err := o.encryptedBody()
	if err != nil {
		return err
	}
	if n != nil && n.id == id {
		content, err := o.content(n, typeContent, key)
		if err != nil {
			return err
		}
		o.encrypted = true
		return o.replaceBody(n, content)
	}
	for i := range o.doc.parts {
		p := &o.doc.parts[i]
		if !p.is(nsEnc, "EncryptedData") || p.id != id {
			continue
		}
		n, err := tree(o.doc.src, p.begin)
		if err != nil {
			return err
		}
		part, err := o.content(n, typeElement, key)
		if err != nil {
			return err
		}
		return o.replace(n, part)
	}
	return refuse("the reply refers to something encrypted that is not read")
}

// content decrypts one EncryptedData.
func (o *opening) content(n *node, sort string, key []byte) ([]byte, error) {
	if n.attr("", "Type") != sort {
		return nil, refuse("what is encrypted is neither the content of the body nor a part of the security header")
	}
	if key == nil {
		ref := n.at(nsDSig, "KeyInfo", nsWSSE, "SecurityTokenReference", nsWSSE, "Reference")
		if ref == nil {
			return nil, errDecrypt()
		}
		if key = o.keys[strings.TrimPrefix(ref.attr("", "URI"), "#")]; key == nil {
			return nil, errDecrypt()
		}
	}
	return o.o.Reply.openData(n, key)
}

// bodySource is the document that holds the body now: the reply, or what was verified.
func (o *opening) bodySource() (src []byte, begin int) {
	if o.verified != nil {
		return o.verified.body, 0
	}
	return o.doc.src, o.doc.body.begin
}

// encryptedBody is the EncryptedData that is all of the body; nil if it is not.
func (o *opening) encryptedBody() (*node, error) {
	src, begin := o.bodySource()
	t, err := soap.NewTokens(src)
	if err != nil {
		return nil, malformed(err)
	}
	depth, child := 0, -1
	for {
		kind, err := t.Next()
		if err != nil {
			return nil, malformed(err)
		}
		_, at, end := t.At()
		switch {
		case kind == soap.StartTag && at == begin:
			depth = t.Depth()
		case depth == 0 || t.Depth() > depth+1 || kind == soap.EndTag && t.Depth() == depth:
		case kind == soap.StartTag:
			if space, _, local := t.Name(); child >= 0 || string(space) != nsEnc || string(local) != "EncryptedData" {
				return nil, nil //nolint:nilnil // there is none, and that is no error
			}
			child = at
		case kind == soap.EndTag && t.Depth() < depth:
			if child < 0 {
				return nil, nil //nolint:nilnil // there is none, and that is no error
			}
			return tree(src, child)
		case kind == soap.Characters && t.Depth() == depth && !blank(src[at:end]):
			return nil, nil //nolint:nilnil // there is none, and that is no error
		}
	}
}

// replaceBody puts the content in the place of what was encrypted.
func (o *opening) replaceBody(n *node, content []byte) error {
	if o.verified == nil {
		return o.replace(n, content)
	}
	o.verified.body = slices.Concat(o.verified.body[:n.begin], content, o.verified.body[n.end:])
	return nil
}

// replace puts bytes in the place of an element of the reply, and reads the reply again. What was
// encrypted must be of one piece: it cannot end what it stands in.
func (o *opening) replace(n *node, by []byte) error {
	d, err := parse(slices.Concat(o.doc.src[:n.begin], by, o.doc.src[n.end:]), "")
	if err != nil {
		return err
	}
	if len(d.blocks) != len(o.doc.blocks) || len(d.parts) != len(o.doc.parts) || d.security != o.doc.security {
		return errDecrypt()
	}
	o.doc = d
	return nil
}
