// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"net/url"
	"strconv"
	"strings"

	"lintel/transforms"
)

// outgoing are the attachments of a message that is being written. The boundary is a digest of all that
// goes in, so that nothing in it can hold the boundary, and the same message has the same bytes.
type outgoing struct {
	digest string
	mtom   bool
	list   []outPart
}

// outPart is one attachment: a span of JSON that is text in base64.
type outPart struct {
	id, mediaType string
	text          []byte
}

// Attaches implements transforms.Typed.
func (f *Format) Attaches() bool {
	return f.mtom || f.Loose()
}

// Loose tells whether a message can have attachments that are not the content of an element: SOAP with Attachments.
func (f *Format) Loose() bool { return f.refers || len(f.attached) > 0 || f.others != "" }

// MTOM tells whether binary content is sent as attachments.
func (f *Format) MTOM() bool { return f.mtom }

// Literal tells whether the element of the body is one that the schema declares: document/literal.
func (f *Format) Literal() bool { return !f.op.RPC && !f.op.Encoded }

func newOutgoing(f *Format, json []byte) *outgoing {
	if !f.Attaches() {
		return nil
	}
	sum := sha256.Sum256(json)
	return &outgoing{digest: hex.EncodeToString(sum[:16]), mtom: f.mtom}
}

// rootType is the media type of the part with the envelope.
func (f *Format) rootType() string {
	if !f.mtom {
		return f.Properties()[propertyContentType]
	}
	return `application/xop+xml; charset=UTF-8; type="` + f.envelopeType() + `"` + f.actionParameter()
}

const propertyContentType = "contentType"

func (f *Format) envelopeType() string {
	if f.op.Version == 12 {
		return "application/soap+xml"
	}
	return "text/xml"
}

func (f *Format) actionParameter() string {
	if f.op.Version == 12 && f.op.Action != "" {
		return `; action="` + f.op.Action + `"`
	}
	return ""
}

// MediaType implements transforms.Typed.
func (f *Format) MediaType(msg []byte) string {
	boundary := ownBoundary(msg)
	if boundary == "" {
		return ""
	}
	id := strings.TrimPrefix(boundary, boundaryStart)
	if f.mtom {
		return `multipart/related; boundary="` + boundary + `"; type="application/xop+xml"; start="<root.` + id + `@lintel>"; start-info="` + f.envelopeType() + `"` + f.actionParameter()
	}
	return `multipart/related; boundary="` + boundary + `"; type="` + f.envelopeType() + `"; start="<root.` + id + `@lintel>"`
}

const boundaryStart = "lintel-"

// begin appends what stands before the envelope.
func (o *outgoing) begin(dst []byte, f *Format) []byte {
	return o.head(dst, f.rootType(), "root."+o.digest+"@lintel", "8bit")
}

func (o *outgoing) head(dst []byte, mediaType, id, encoding string) []byte {
	dst = append(append(append(dst, "--"+boundaryStart...), o.digest...), "\r\nContent-Type: "...)
	dst = append(append(dst, mediaType...), "\r\nContent-Transfer-Encoding: "...)
	dst = append(append(dst, encoding...), "\r\nContent-ID: <"...)
	return append(append(dst, id...), ">\r\n\r\n"...)
}

// finish appends the attachments behind the envelope. What began at start and has none, and needs none,
// loses what stands before the envelope.
func (o *outgoing) finish(dst []byte, start int, f *Format) ([]byte, error) {
	if len(o.list) == 0 && !o.mtom && len(f.attached) == 0 {
		envelope := bytes.Index(dst[start:], []byte("\r\n\r\n")) + 4
		return append(dst[:start], dst[start+envelope:]...), nil
	}
	for i := range o.list {
		p := &o.list[i]
		dst = o.head(append(dst, "\r\n"...), p.mediaType, p.id, "binary")
		var err error
		if dst, err = base64.StdEncoding.AppendDecode(dst, p.text); err != nil {
			return dst, misfit("type", "an attachment is not base64")
		}
	}
	return append(append(append(dst, "\r\n--"+boundaryStart...), o.digest...), "--\r\n"...), nil
}

// add takes one more attachment and returns its id. Its media type was checked.
func (o *outgoing) add(name, mediaType string, text []byte) string {
	id := strconv.Itoa(len(o.list)+1) + "." + o.digest + "@lintel"
	if name != "" {
		id = url.PathEscape(name) + "=" + id
	}
	if mediaType == "" {
		mediaType = octets
	}
	o.list = append(o.list, outPart{id: id, mediaType: mediaType, text: text})
	return id
}

// attach writes binary content as an attachment: what stands behind the name of the element.
func (e *encoder) attach(x *elem, s *simple, json []byte, mediaType string) error {
	text, err := s.base64Text(json)
	if err != nil {
		return err
	}
	if mediaType == "" {
		mediaType = x.mediaType
	}
	id := "cid:" + e.out.add("", mediaType, text)
	if s.kind == kindSwaRef {
		e.str(">" + id)
	} else {
		e.str(`><xop:Include xmlns:xop="` + nsXOP + `" href="` + id + `"/>`)
	}
	e.end(x)
	return nil
}

// base64Text is the base64 text of a JSON string, checked against the type: a span of the JSON, unless
// it is written with escapes or blanks.
func (s *simple) base64Text(json []byte) ([]byte, error) {
	if len(json) < 2 || json[0] != '"' {
		return nil, &transforms.FieldError{Offset: -1, Picture: s.name, Code: "type", Reason: "the value is no " + s.name}
	}
	text := json[1 : len(json)-1]
	n, ok := base64Length(text)
	if !ok {
		plain, err := transforms.Unquote(nil, json)
		text = bytes.Join(bytes.Fields(plain), nil)
		if n, ok = base64Length(text); err != nil || !ok {
			return nil, &transforms.FieldError{Offset: -1, Picture: s.name, Code: "type", Reason: "the value is no base64"}
		}
	}
	if code, reason := s.lengths(n); code != "" {
		return nil, &transforms.FieldError{Offset: -1, Picture: s.name, Code: code, Reason: reason}
	}
	return text, nil
}

// base64Length is the number of bytes that a text in base64 stands for, and whether it is one: with
// padding, without blanks (RFC 4648, section 4).
func base64Length(text []byte) (n int, ok bool) {
	if len(text)%4 != 0 {
		return 0, false
	}
	body := bytes.TrimSuffix(bytes.TrimSuffix(text, []byte{'='}), []byte{'='})
	for _, c := range body {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '+' && c != '/' {
			return 0, false
		}
	}
	return len(body) * 6 / 8, true
}

// attachNamed takes the attachments that the WSDL declares as parts of the message.
func (f *Format) attachNamed(o *outgoing, vals [][]byte) error {
	for i, x := range f.m.attached {
		if vals[i] == nil {
			return below(misfit("missing", "the attachment is missing"), f.attached[i])
		}
		text, err := x.typ.simple.base64Text(vals[i])
		if err != nil {
			return below(err, f.attached[i])
		}
		o.add(x.local, x.mediaType, text)
	}
	return nil
}

// attachOthers takes attachments that nothing in the message names.
func (f *Format) attachOthers(o *outgoing, json []byte) error {
	if json == nil {
		return nil
	}
	if json[0] != '[' {
		return below(misfit("type", "an array is needed here"), f.others)
	}
	n := 0
	for item := range items(json) {
		if err := o.other(item); err != nil {
			return below(err, f.others+"["+strconv.Itoa(n)+"]")
		}
		n++
	}
	return nil
}

func (o *outgoing) other(json []byte) error {
	var id, mediaType string
	var text []byte
	if len(json) == 0 || json[0] != '{' {
		return misfit("type", "an object is needed here")
	}
	for name, v := range members(json) {
		var err error
		switch string(name) {
		case `"contentID"`:
			id, err = headerText(v)
		case `"mediaType"`:
			mediaType, err = mediaTypeText(v)
		case `"content"`:
			text, err = swaRef().base64Text(v)
		default:
			err = misfit("unknown", "an attachment has no such member")
		}
		if err != nil {
			return below(err, strings.Trim(string(name), `"`))
		}
	}
	if text == nil {
		return misfit("missing", "the attachment has no content")
	}
	o.add("", mediaType, text)
	if id != "" {
		for i := range o.list[:len(o.list)-1] {
			if o.list[i].id == id {
				return below(misfit("attachment", "two attachments have the same id"), "contentID")
			}
		}
		o.list[len(o.list)-1].id = id
	}
	return nil
}

// headerText is a JSON string that can stand in angle brackets in a header.
func headerText(json []byte) (string, error) {
	text, err := transforms.Unquote(nil, json)
	if err != nil || len(text) > 200 || bytes.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7F || r == '<' || r == '>' }) {
		return "", misfit("type", "the text cannot be an id")
	}
	return string(text), nil
}

// mediaTypeText is a JSON string that is a media type, written anew so that nothing else is in it.
func mediaTypeText(json []byte) (string, error) {
	text, err := transforms.Unquote(nil, json)
	if err == nil {
		media, params, fault := mime.ParseMediaType(string(text))
		if out := mime.FormatMediaType(media, params); fault == nil && out != "" && strings.Contains(media, "/") {
			return out, nil
		}
	}
	return "", misfit("type", "the text is no media type")
}
