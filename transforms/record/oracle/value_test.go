// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"

	"lintel/transforms"
)

// value is what an elementary item is filled with.
type value struct {
	// json is the JSON text, line what the COBOL program reads for it.
	json, line string
	// kept is what comes back as JSON, and print what COBOL prints, once the value has been cut.
	kept, print string
}

// same is a value that fits.
func same(json, line string) value { return value{json, line, json, line} }

// round is one set of values of a layout, or one message.
type round struct {
	l *layout
	n int
}

// random gives the same numbers for the same item, occurrence and round, whatever else is in the
// record: so a shrunken record keeps its values.
func (r round) random(it *item, occ []int, what string) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, it.name, occ, what)
	return rand.New(rand.NewPCG(r.l.seed^h.Sum64(), uint64(r.n)))
}

// choice is the alternative of a block that is there.
func (r round) choice(first *item) int {
	return r.random(first, nil, "choice").IntN(len(first.alternatives()))
}

// count is the number of entries of a table; occ are the occurrences around it.
func (r round) count(table *item, occ []int) int {
	o := table.occurs
	if o.counter == nil {
		return o.max
	}
	occ = occ[:len(o.counter.tables())]
	switch r.n {
	case 0:
		return o.max
	case 1:
		return o.min
	}
	return o.min + r.random(o.counter, occ, "count").IntN(o.max-o.min+1)
}

// of is the value of an elementary item in one of its occurrences, counted from 0.
func (r round) of(it *item, occ []int) value {
	rnd := r.random(it, occ, "value")
	switch {
	case it.counterFor != nil:
		return numberValue(it, big.NewInt(int64(r.count(it.counterFor, occ))), it.scale)
	case it.kind == text && r.cut(it, rnd):
		return longText(it, rnd)
	case it.kind == text:
		return textValue(it, rnd, r.n)
	case it.kind == textEdited:
		return textEditedValue(it, rnd)
	case it.kind == float:
		return floatValue(it, rnd, r.n)
	case it.kind == opaque:
		return same(strconv.Quote(hex.EncodeToString(make([]byte, it.laid.Size))), "")
	case r.cut(it, rnd):
		return longNumber(it, rnd)
	default:
		return numberValue(it, drawNumber(it, rnd, r.n), it.scale)
	}
}

// cut tells that the value is to be too long for its field.
func (r round) cut(it *item, rnd *rand.Rand) bool {
	return it.excess() > 0 && r.n > 2 && rnd.IntN(3) > 0
}

// drawNumber draws the digits of a number, the point left out.
func drawNumber(it *item, rnd *rand.Rand, n int) *big.Int {
	lowest, highest := bounds(it)
	one := big.NewInt(1)
	var v *big.Int
	switch c := n; {
	case c == 0:
		return highest
	case c == 1:
		return lowest
	case c == 2:
		return new(big.Int)
	default:
		switch rnd.IntN(8) {
		case 0:
			v = new(big.Int).Sub(highest, one)
		case 1:
			v = new(big.Int).Add(lowest, one)
		case 2:
			v = big.NewInt(1)
		case 3:
			v = big.NewInt(-1)
		default:
			v = randomBig(rnd, highest)
			if rnd.IntN(2) == 0 {
				v.Neg(v)
			}
		}
	}
	if v.Cmp(lowest) < 0 {
		v.Neg(v)
	}
	if v.Cmp(highest) > 0 || v.Cmp(lowest) < 0 {
		return highest
	}
	return v
}

// randomBig draws a number of 1 to all digits of most.
func randomBig(rnd *rand.Rand, most *big.Int) *big.Int {
	digits := most.String()
	n := 1 + rnd.IntN(len(digits))
	b := []byte(digits[:n])
	for i := range b {
		b[i] = byte('0' + rnd.IntN(10))
	}
	v, _ := new(big.Int).SetString(string(b), 10)
	if v.Cmp(most) > 0 {
		return new(big.Int).Set(most)
	}
	return v
}

// bounds are the least and the greatest number an item can hold, the point left out.
func bounds(it *item) (lowest, highest *big.Int) {
	one := big.NewInt(1)
	if it.fullRange {
		bits := uint(8 * it.laid.Size)
		if it.signed {
			half := new(big.Int).Lsh(one, bits-1)
			return new(big.Int).Neg(half), new(big.Int).Sub(half, one)
		}
		return new(big.Int), new(big.Int).Sub(new(big.Int).Lsh(one, bits), one)
	}
	highest = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(it.digits)), nil)
	highest.Sub(highest, one)
	if it.signed {
		return new(big.Int).Neg(highest), highest
	}
	return new(big.Int), highest
}

// numberValue writes a number of that scale both ways: as JSON, and as sign and digits for COBOL.
func numberValue(it *item, v *big.Int, scale int) value {
	whole, fraction := decimalDigits(v, scale)
	j := whole
	if scale > 0 {
		j += "." + fraction
	}
	sign := "+"
	if v.Sign() < 0 {
		j, sign = "-"+j, "-"
	}
	s, _ := it.shape()
	if s[0] == 0 {
		whole = "" // only a zero in front of the point
	}
	if len(whole) < s[0] {
		whole = strings.Repeat("0", s[0]-len(whole)) + whole
	}
	if len(fraction) < s[1] {
		fraction += strings.Repeat("0", s[1]-len(fraction))
	}
	return same(j, sign+whole+fraction)
}

// decimalDigits are the digits of a number before and behind the point.
func decimalDigits(v *big.Int, scale int) (whole, fraction string) {
	digits := new(big.Int).Abs(v).String()
	if scale < 0 && digits != "0" {
		digits += strings.Repeat("0", -scale)
	}
	places := max(scale, 0)
	if len(digits) <= places {
		digits = strings.Repeat("0", places+1-len(digits)) + digits
	}
	return digits[:len(digits)-places], digits[len(digits)-places:]
}

// longNumber has more digits than its field, on one side of the point or on both. MOVE cuts them off.
func longNumber(it *item, rnd *rand.Rand) value {
	more, less := rnd.IntN(it.excess()+1), rnd.IntN(it.excess()+1)
	if it.kind == edited {
		more = 0 // see the edges
	}
	ten := big.NewInt(10)
	_, most := bounds(it)
	v := randomBig(rnd, new(big.Int).Mul(most, new(big.Int).Exp(ten, big.NewInt(int64(more+less)), nil)))
	kept := new(big.Int).Quo(v, new(big.Int).Exp(ten, big.NewInt(int64(less)), nil))
	kept.Rem(kept, new(big.Int).Exp(ten, big.NewInt(int64(it.digits)), nil))
	if it.signed && kept.Sign() != 0 && rnd.IntN(2) == 0 {
		v.Neg(v)
		kept.Neg(kept)
	}
	if kept.Sign() == 0 { // GnuCOBOL edits what was not zero before it was cut as no zero, see the edges
		return numberValue(it, kept, it.scale)
	}
	out, cut := numberValue(it, v, it.scale+less), numberValue(it, kept, it.scale)
	return value{out.json, out.line, cut.json, cut.line}
}

// longText is up to twice as long as its field.
func longText(it *item, rnd *rand.Rand) value {
	size := it.laid.Size
	from := letters
	runes := make([]byte, size+1+rnd.IntN(size))
	for i := range runes {
		runes[i] = from[rnd.IntN(len(from))]
	}
	s := string(runes)
	cut := s[:size]
	if it.justified {
		cut = s[len(s)-size:]
	}
	return value{quoted(s), s, quoted(cut), cut}
}

// floatWhole and floatDecimals bound floats to what a decimal item of COBOL holds exactly.
const floatWhole, floatDecimals = 9, 9

// floatValue draws a number whose binary and decimal forms are both exact and short.
func floatValue(it *item, rnd *rand.Rand, n int) value {
	bits := 24
	if !it.single() {
		bits = 36
	}
	m := rnd.Int64N(1 << bits)
	shift := rnd.IntN(floatDecimals + 1)
	if n == 2 {
		m = 0
	}
	for m>>shift >= 1_000_000_000 {
		m >>= 1
	}
	f := float64(m) / float64(int64(1)<<shift)
	if rnd.IntN(2) == 0 && f != 0 {
		f = -f
	}
	abs := strconv.FormatFloat(max(f, -f), 'f', floatDecimals, 64)
	whole, fraction, _ := strings.Cut(abs, ".")
	sign := "+"
	if f < 0 {
		sign = "-"
	}
	width := 64
	if it.single() {
		width = 32
	}
	return same(strconv.FormatFloat(f, 'f', -1, width), sign+strings.Repeat("0", floatWhole-len(whole))+whole+fraction)
}

const (
	letters    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	characters = letters + "0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\u00a0\u00a3\u00a7\u00c4\u00df\u00e9\u00ff"
)

// textValue draws a text that does not end (JUSTIFIED: begin) in a blank, which would be padding.
func textValue(it *item, rnd *rand.Rand, n int) value {
	size := it.laid.Size
	from := []rune(characters)
	if it.letters {
		from = []rune(letters + " ")
	}
	length := rnd.IntN(size + 1)
	switch n {
	case 0:
		length = size
	case 2:
		length = 0
	}
	runes := make([]rune, length)
	for i := range runes {
		runes[i] = from[rnd.IntN(len(from))]
	}
	s := string(runes)
	if it.justified {
		s = strings.TrimLeft(s, " ")
	} else {
		s = strings.TrimRight(s, " ")
	}
	return same(quoted(s), s)
}

// textEditedValue draws the text of the X positions; JSON has the whole field.
func textEditedValue(it *item, rnd *rand.Rand) value {
	var source, field strings.Builder
	for _, c := range it.pic {
		switch c {
		case 'X':
			r := rune(letters[rnd.IntN(len(letters))])
			source.WriteRune(r)
			field.WriteRune(r)
		case 'B':
			field.WriteByte(' ')
		default:
			field.WriteRune(c)
		}
	}
	j := quoted(strings.TrimRight(field.String(), " "))
	return value{j, source.String(), j, field.String()}
}

func quoted(s string) string { return string(transforms.AppendQuoted(nil, s)) }
