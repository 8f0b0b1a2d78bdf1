// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"

	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
)

// leafOf chooses the codec of an elementary item and puts the rules of records.yaml around it.
func (k *compiler) leafOf(n *node) {
	l := k.plainLeaf(n)
	if l == nil {
		return
	}
	n.base = l
	n.leaf = l
	k.wrap(n)
}

// unsupported reports an item the codec cannot handle.
func (k *compiler) unsupported(n *node, why string) leaf {
	k.findings.Add(codeUnsupported, n.item.Pos, fmt.Sprintf("%s (%s): %s", n.item.Name, picture(n.item), why), "")
	return nil
}

func (k *compiler) plainLeaf(n *node) leaf {
	it := n.item
	switch it.Category {
	case copybook.Alphabetic, copybook.Alphanumeric, copybook.AlphanumericEdited:
		n.partial = true
		if it.Usage == copybook.CompX || it.Usage == copybook.Binary || it.Usage == copybook.Native {
			n.partial = false
			return k.binary(n) // PIC X COMP and COMP-X are integers
		}
		return k.text(n)
	case copybook.Numeric:
		return k.number(n)
	case copybook.NumericEdited:
		return k.inCharset(n, k.edited)
	case copybook.FloatEdited:
		return k.inCharset(n, k.floatEdited)
	case copybook.NationalText, copybook.NationalEdited:
		return k.wide(n, codepage.UTF16BE())
	case copybook.DBCSText:
		set := n.cs.page.DBCS()
		if set == nil {
			return k.unsupported(n, fmt.Sprintf("code page %s has no double-byte characters", n.cs.page.Name()))
		}
		return k.wide(n, set)
	case copybook.UTF8Text:
		return k.utf8(n)
	default:
		return k.noPicture(n)
	}
}

func (k *compiler) noPicture(n *node) leaf {
	switch n.item.Usage {
	case copybook.Float:
		return k.float(n)
	case copybook.Binary, copybook.Native, copybook.CompX:
		return k.binary(n)
	default:
		return &rawLeaf{size: n.item.Size}
	}
}

func (k *compiler) text(n *node) leaf {
	p := n.policy
	if n.cs.multi {
		l := &wideLeaf{set: n.cs.page, pad: []byte{n.cs.space}, size: n.item.Size, justified: n.item.Justified, trim: p.Trim, overflow: p.Overflow}
		if p.Unmappable == UnmappableSubstitute {
			l.subst = []byte("?")
		}
		return l
	}
	return &textLeaf{
		cs: n.cs, space: n.cs.space, rightOnly: p.Trim == TrimPad && !n.item.Justified,
		size: n.item.Size, justified: n.item.Justified, trim: p.Trim, overflow: p.Overflow,
		subst: p.Unmappable == UnmappableSubstitute,
	}
}

// wide is PIC G and PIC N text.
func (k *compiler) wide(n *node, set *codepage.DBCS) leaf {
	p := n.policy
	space := set.Space()
	l := &wideLeaf{set: set, pad: space[:], size: n.item.Size, justified: n.item.Justified, trim: p.Trim, overflow: p.Overflow}
	if p.Unmappable == UnmappableSubstitute {
		l.subst = []byte("\uFF1F") // the full-width question mark, which all sets have
	}
	return l
}

// utf8 is PIC U: UTF-8 whatever the code page, padded with X'20'.
func (k *compiler) utf8(n *node) leaf {
	page, err := codepage.Lookup("utf-8")
	if err != nil {
		return k.unsupported(n, "the code page utf-8 is missing")
	}
	l := &wideLeaf{
		set: page, pad: []byte{' '}, size: n.item.Size, justified: n.item.Justified, trim: n.policy.Trim,
		overflow: n.policy.Overflow,
	}
	if n.item.Size == 4*n.item.Pic.Length {
		return &charsLeaf{wideLeaf: l, most: n.item.Pic.Length}
	}
	return l
}

// scaledOf is the decimal shape of an item.
func (k *compiler) scaledOf(n *node) scaled {
	it := n.item
	s := scaled{n: it.Digits, scale: it.Scale, signed: it.Signed, overflow: n.policy.Overflow, decimals: n.policy.Decimals}
	if it.Pic != nil {
		p := it.Pic.LeadingP + it.Pic.TrailingP
		s.n -= p
		s.hasP = p > 0
	}
	return s
}

func (k *compiler) specialsOf(n *node, cs *charset) specials {
	p := n.policy
	return specials{space: cs.space, blank: p.Blank, low: p.Low, high: p.High}
}

func (k *compiler) number(n *node) leaf {
	s := k.scaledOf(n)
	if s.n < 1 || s.n > maxDigits-2 {
		return k.unsupported(n, fmt.Sprintf("%d digits are out of the range 1 to %d", s.n, maxDigits-2))
	}
	switch n.item.Usage {
	case copybook.Display:
		return k.zoned(n, s)
	case copybook.National:
		return k.inCharset(n, k.nationalNumber)
	case copybook.Packed, copybook.PackedUnsigned:
		return k.packed(n, s)
	case copybook.Binary, copybook.Native, copybook.CompX:
		return k.binary(n)
	default:
		return k.unsupported(n, "this usage is not known for numbers")
	}
}

func (k *compiler) zoned(n *node, s scaled) leaf {
	l := &zonedLeaf{
		scaled: s, specials: k.specialsOf(n, n.cs), at: n.item.Sign, zero: n.cs.zero, plus: n.cs.plus, minus: n.cs.minus,
		blankWhenZero: n.item.BlankWhenZero,
	}
	l.absolute = n.policy.Sign == SignLax
	if !l.separate() {
		l.signTables(n.cs, k.dialectOf(n).Sign, n.policy.Sign)
	}
	want := s.n
	if l.separate() {
		want++
	}
	if n.item.Size != want {
		return k.unsupported(n, fmt.Sprintf("the layout gives it %d bytes and the picture %d", n.item.Size, want))
	}
	l.oneWord = s.quick() && !l.separate()
	l.leading = s.signed && l.at == copybook.Leading
	return l
}

func (k *compiler) packed(n *node, s scaled) leaf {
	noSign := n.item.Usage == copybook.PackedUnsigned && !s.signed
	want := s.n/2 + 1
	if noSign {
		want = (s.n + 1) / 2
	}
	if n.item.Size != want {
		return k.unsupported(n, fmt.Sprintf("the layout gives it %d bytes and the picture %d", n.item.Size, want))
	}
	l := &packedLeaf{scaled: s, specials: k.specialsOf(n, n.cs), noSign: noSign, policy: n.policy.Sign}
	l.signTables()
	l.oneWord = s.quick() && s.n < quickDigits && !noSign
	return l
}

func (k *compiler) binary(n *node) leaf {
	it := n.item
	s := k.scaledOf(n)
	if it.Size < 1 || it.Size > 16 {
		return k.unsupported(n, fmt.Sprintf("a binary number of %d bytes is out of the range 1 to 16", it.Size))
	}
	l := &binaryLeaf{scaled: s, specials: k.specialsOf(n, n.cs), little: it.LittleEndian}
	full := []int{0, 3, 5, 8, 10, 13, 15, 17, 20, 22, 25, 27, 29, 32, 34, 37, 39}
	l.full = it.FullRange || s.n < 1
	l.fullDigits = full[it.Size]
	if l.n < 1 {
		l.n = l.fullDigits
	}
	return l
}
