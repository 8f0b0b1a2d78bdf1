// SPDX-License-Identifier: Apache-2.0

package soap

import "iter"

// Kind is the sort of token that Tokens found.
type Kind uint8

// The kinds of tokens. Comments are none.
const (
	End Kind = iota
	StartTag
	EndTag
	Characters
)

// Tokens goes over a message as it is written, with the strictness of the reader of this package, for
// what has to know where in a message something stands. It opens and looks up nothing.
type Tokens struct {
	s    scanner
	kind Kind
}

// envelopeOf is the envelope of a message with that media type, which may be empty, in UTF-8.
func envelopeOf(mediaType string, msg []byte) ([]byte, error) {
	u, err := unpackParts(mediaType, msg)
	if err != nil {
		return nil, err
	}
	return toUTF8(u.envelope, u.charset)
}

// NewTokens begins a document in UTF-8.
func NewTokens(src []byte) (*Tokens, error) {
	t := &Tokens{}
	t.s.reset(src, nil)
	return t, t.s.prolog()
}

// Next moves to the next token. An error says what is wrong with the document, and never holds any of it.
func (t *Tokens) Next() (Kind, error) {
	tok, err := t.s.next()
	t.kind = [...]Kind{tokenEOF: End, tokenStart: StartTag, tokenEnd: EndTag, tokenText: Characters}[tok]
	return t.kind, err
}

// At returns the kind of the present token, where it begins, and where what follows it does, as offsets
// in bytes. An element that ends in its own tag has an end tag of no length.
func (t *Tokens) At() (kind Kind, begin, end int) { return t.kind, t.s.at, t.s.pos }

// Depth is how many elements are open, the one of a present start tag included.
func (t *Tokens) Depth() int { return len(t.s.open) }

// Closed tells that the present start tag ends its element.
func (t *Tokens) Closed() bool { return t.kind == StartTag && t.s.pending }

// Name returns the name of the present start tag.
func (t *Tokens) Name() (space, prefix, local []byte) {
	space, _ = t.Bound(t.s.prefix)
	return space, t.s.prefix, t.s.name.local
}

// Bound returns the namespace that a prefix is bound to here; no prefix is the default namespace.
func (t *Tokens) Bound(prefix []byte) (space []byte, ok bool) {
	b := t.s.lookup(prefix)
	if b == nil || len(b.uri) == 0 {
		return nil, false
	}
	return b.uri, true
}

// Declared goes over the prefixes that the present start tag declares.
func (t *Tokens) Declared() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, b := range t.s.binds[t.s.open[len(t.s.open)-1].marks:] {
			if !yield(b.prefix) {
				return
			}
		}
	}
}

// Attribute is one attribute of a start tag, without namespace declarations. Value is raw.
type Attribute struct{ Space, Prefix, Local, Value []byte }

// AppendValue appends the value as XML defines it: references decoded, white space made blanks.
func (a *Attribute) AppendValue(dst []byte) []byte { return appendAttrText(dst, a.Value) }

// Attributes is how many attributes the present start tag has.
func (t *Tokens) Attributes() int { return len(t.s.attrs) }

// Attribute returns one attribute of the present start tag.
func (t *Tokens) Attribute(i int) Attribute {
	a := &t.s.attrs[i]
	var space []byte
	if a.prefix != nil {
		space, _ = t.Bound(a.prefix)
	}
	return Attribute{space, a.prefix, a.local, a.value}
}

// AppendText appends the characters of the present token: references decoded, line ends made one.
func (t *Tokens) AppendText(dst []byte) []byte {
	if t.s.cdata {
		return appendLineEnds(dst, t.s.text)
	}
	return appendText(dst, t.s.text)
}

// AppendEscaped appends text as content of an element: nothing in it can become markup.
func AppendEscaped(dst []byte, text string) []byte { return appendEscaped(dst, text) }

// AppendEscapedValue appends text as value of an attribute in double quotes.
func AppendEscapedValue(dst []byte, text string) []byte { return appendEscapedAttr(dst, text) }
