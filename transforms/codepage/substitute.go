// SPDX-License-Identifier: Apache-2.0

package codepage

// Substitutes says what to write for characters that a code page lacks. The
// zero value refuses them all.
type Substitutes struct {
	// Texts are written in place of the characters, such as "EUR" for '€'. Characters that the page has are left alone.
	Texts map[rune]string
	// Default is written for every other character that the page lacks; 0 refuses those.
	Default rune
}

// Has reports whether the character has bytes in the page.
func (p *Page) Has(r rune) bool {
	if p.class == classUTF8 {
		return validRune(r)
	}
	if _, ok := p.encode.byteOf(r); ok || p.set == nil {
		return ok
	}
	return p.set.Has(r)
}

// Has reports whether the character has a double byte in the set.
func (d *DBCS) Has(r rune) bool {
	if d.set == nil {
		return validRune(r)
	}
	code, _ := d.set.find(r, nil)
	return code != 0
}

func validRune(r rune) bool {
	return r >= 0 && r < 0xD800 || r > 0xDFFF && r < sequence
}

// Substitute appends the UTF-8 text to dst, with what the page lacks replaced,
// ready for AppendEncode and EncodeInto, and returns how many characters were
// replaced. A character without a substitute, and a substitute that the page
// lacks itself, give an *UnmappableError; dst is as it was then.
func (p *Page) Substitute(dst, text []byte, s Substitutes) (out []byte, replaced int, err error) {
	return substitute(dst, text, s, p.name, p.Has)
}

// Substitute is that of Page, for fields of double bytes.
func (d *DBCS) Substitute(dst, text []byte, s Substitutes) (out []byte, replaced int, err error) {
	return substitute(dst, text, s, d.name, d.Has)
}

func substitute(dst, text []byte, s Substitutes, page string, has func(rune) bool) (out []byte, replaced int, err error) {
	out = dst
	for i := 0; i < len(text); {
		r, size, err := runeAt(text, i)
		if err != nil {
			return dst, 0, err
		}
		if has(r) {
			out = append(out, text[i:i+size]...)
			i += size
			continue
		}
		with, ok := s.Texts[r]
		if !ok && s.Default != 0 {
			with, ok = string(s.Default), true
		}
		for _, w := range with {
			ok = ok && has(w)
		}
		if !ok {
			return dst, 0, &UnmappableError{Page: page, Offset: i, Rune: r}
		}
		out = append(out, with...)
		replaced++
		i += size
	}
	return out, replaced, nil
}
