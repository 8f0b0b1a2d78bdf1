// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"lintel/transforms/soap"
)

// appendAttached writes references to attachments (SwA Profile 1.1, section 5.4).
func appendAttached(info []byte, list []soap.Attached, m method, digest string) ([]byte, error) {
	for i := range list {
		if list[i].ID == "" {
			return nil, refuse("an attachment has no Content-ID, and cannot be signed")
		}
		form, err := attachedForm(&list[i])
		if err != nil {
			return nil, err
		}
		info = append(info, `<ds:Reference URI="cid:`...)
		info = append(soap.AppendEscapedValue(info, url.PathEscape(list[i].ID)), `"><ds:Transforms><ds:Transform Algorithm="`+swaContent+
			`"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="`+digest+`"></ds:DigestMethod><ds:DigestValue>`...)
		info = base64.StdEncoding.AppendEncode(info, sum(m.hash, form))
		info = append(info, `</ds:DigestValue></ds:Reference>`...)
	}
	return info, nil
}

// attachedForm is the form of an attachment that is digested (section 5.4.2): XML in exclusive canonical form, text with
// the line ends of MIME, anything else as it is.
func attachedForm(a *soap.Attached) ([]byte, error) {
	kind := strings.ToLower(a.MediaType)
	switch {
	case kind == "text/xml" || kind == "application/xml" || strings.HasSuffix(kind, "+xml"):
		return canonicalDocument(a.Content)
	case strings.HasPrefix(kind, "text/"):
		lines := bytes.ReplaceAll(a.Content, []byte("\r\n"), []byte("\n"))
		return bytes.ReplaceAll(bytes.ReplaceAll(lines, []byte("\r"), []byte("\n")), []byte("\n"), []byte("\r\n")), nil
	}
	return a.Content, nil
}

// canonicalDocument is the canonical form of a document in UTF-8.
func canonicalDocument(src []byte) ([]byte, error) {
	t, err := soap.NewTokens(src)
	if err == nil {
		_, err = t.Next()
	}
	var out []byte
	if err == nil {
		out, err = appendCanonical(nil, t, nil, nil)
	}
	for kind := soap.EndTag; err == nil && kind != soap.End; {
		kind, err = t.Next()
	}
	if err != nil {
		return nil, refuse("an attachment is not the XML that is read here, and has no form that is signed")
	}
	return out, nil
}

// attachedReference reads a reference to an attachment, and checks its digest. What is read of the attachment is
// what was digested from then on.
func (o *opening) attachedReference(n *node, steps *node, r *reference) error {
	if len(steps.kids) != 1 || !steps.kids[0].is(nsDSig, "Transform") || steps.kids[0].attr("", "Algorithm") != swaContent || len(steps.kids[0].kids) > 0 {
		return refuse("the signature is over a transformed attachment: only the transform for its content is taken")
	}
	id, err := url.PathUnescape(strings.TrimPrefix(n.attr("", "URI"), "cid:"))
	i := slices.IndexFunc(o.attached, func(a soap.Attached) bool { return err == nil && id != "" && a.ID == id })
	if i < 0 || slices.Contains(o.vouched, i) {
		return refuse("the signature is over an attachment that is not there")
	}
	form, err := attachedForm(&o.attached[i])
	if err != nil {
		return err
	}
	if !bytes.Equal(sum(r.hash, form), r.digest) {
		return refuse("what is signed was changed")
	}
	o.attached[i].Content = form
	o.vouched = append(o.vouched, i)
	return nil
}

// attachments makes sure that the attachments of the reply are what is demanded of them.
func (o *opening) attachments() error {
	if len(o.attached) == 0 || len(o.o.Reply.Signers) == 0 && len(o.o.Reply.Decrypt) == 0 {
		return nil
	}
	switch {
	case o.o.Attachments == PlainAttachments:
	case o.o.Attachments == RefuseAttachments:
		return refuse("the reply has attachments, and nothing vouches for them")
	case len(o.o.Reply.Signers) > 0 && len(o.vouched) < len(o.attached):
		return refuse("an attachment of the reply is not signed")
	}
	return nil
}
