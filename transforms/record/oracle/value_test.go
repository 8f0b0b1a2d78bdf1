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
	// json is the JSON text, line what the COBOL program reads and prints for it.
	json, line string
}

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
		return numberValue(it, big.NewInt(int64(r.count(it.counterFor, occ))))
	case it.kind == text:
		return textValue(it, rnd, r.n)
	case it.kind == textEdited:
		return textEditedValue(it, rnd)
	case it.kind == float:
		return floatValue(it, rnd, r.n)
	case it.kind == opaque:
		return value{json: strconv.Quote(hex.EncodeToString(make([]byte, it.laid.Size)))}
	default:
		return numberValue(it, drawNumber(it, rnd, r.n))
	}
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

// numberValue writes a number both ways: as JSON with the scale of the picture, and as sign and
// digits for COBOL.
func numberValue(it *item, v *big.Int) value {
	digits := new(big.Int).Abs(v).String()
	if it.scale < 0 && digits != "0" {
		digits += strings.Repeat("0", -it.scale)
	}
	places := it.decimals()
	if len(digits) <= places {
		digits = strings.Repeat("0", places+1-len(digits)) + digits
	}
	whole, fraction := digits[:len(digits)-places], digits[len(digits)-places:]
	j := whole
	if places > 0 {
		j += "." + fraction
	}
	sign := "+"
	if v.Sign() < 0 {
		j, sign = "-"+j, "-"
	}
	n := it.wholeDigits()
	if n == 0 {
		whole = "" // only a zero in front of the point
	}
	if len(whole) < n {
		whole = strings.Repeat("0", n-len(whole)) + whole
	}
	return value{json: j, line: sign + whole + fraction}
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
	return value{
		json: strconv.FormatFloat(f, 'f', -1, width),
		line: sign + strings.Repeat("0", floatWhole-len(whole)) + whole + fraction,
	}
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
	return value{json: quoted(s), line: s}
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
	return value{json: quoted(strings.TrimRight(field.String(), " ")), line: source.String()}
}

func quoted(s string) string { return string(transforms.AppendQuoted(nil, s)) }
