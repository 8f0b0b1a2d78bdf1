// SPDX-License-Identifier: Apache-2.0

package copybook

// expand reads the root book and carries out COPY and replacing; the result is the text words of the whole.
func (p *parser) expand(name string, src []byte) []token {
	f := &file{name: name}
	return p.lex(f, p.cut(f, p.readLines(f, src)))
}
