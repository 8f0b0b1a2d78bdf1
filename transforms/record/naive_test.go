// SPDX-License-Identifier: Apache-2.0

package record_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"lintel/transforms/copybook"
)

// A second codec, slow and obvious: it walks the items of the layout, reckons with big numbers and
// builds texts. It shares nothing with the first one. It knows code page 037, DISPLAY, COMP-3, COMP
// and COMP-5, tables, and one REDEFINES rule: KIND chooses B or C, and anything else the item itself.

var (
	errNaive = errors.New("refused")
	// errCut: the message is too short, for which the naive codec has no rules.
	errCut = errors.New("cut")
)

type naive struct {
	msg []byte
	pos int
	// counts are the values of counters seen; kind is the discriminator.
	counts map[*copybook.Item]int
	kind   string
}

// shape is how many digits are stored, and how many of them (or more) are decimals.
func shape(it *copybook.Item) (digits, scale int) {
	return it.Digits - it.Pic.LeadingP - it.Pic.TrailingP, it.Scale
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// decimalText writes v times 10 to the minus scale.
func decimalText(v *big.Int, scale int) string {
	if scale <= 0 {
		return new(big.Int).Mul(v, power(-scale)).String()
	}
	s := new(big.Int).Abs(v).String()
	for len(s) <= scale {
		s = "0" + s
	}
	s = s[:len(s)-scale] + "." + s[len(s)-scale:]
	if v.Sign() < 0 {
		s = "-" + s
	}
	return s
}

func (d *naive) take(n int) ([]byte, error) {
	if d.pos+n > len(d.msg) {
		return nil, errCut
	}
	d.pos += n
	return d.msg[d.pos-n : d.pos], nil
}

// decode gives the JSON of a whole record.
func (d *naive) decode(root *copybook.Item) (string, error) {
	s, err := d.object(root)
	if err == nil && d.pos != len(d.msg) {
		err = errNaive
	}
	return s, err
}

func (d *naive) object(group *copybook.Item) (string, error) {
	var members []string
	for _, it := range group.Children {
		if it.Redefines != nil {
			continue // read with the item it redefines
		}
		chosen, after := it, -1
		for _, other := range group.Children {
			if other.Redefines == it {
				after = d.pos + it.Size
				if other.Name[len(other.Name)-1:] == d.kind {
					chosen = other
				}
			}
		}
		if after > len(d.msg) {
			return "", errCut
		}
		s, err := d.item(chosen)
		if err != nil {
			return "", err
		}
		if after >= 0 {
			d.pos = after
		}
		members = append(members, fmt.Sprintf("%q:%s", strings.ToLower(chosen.Name), s))
	}
	return "{" + strings.Join(members, ",") + "}", nil
}

func (d *naive) item(it *copybook.Item) (string, error) {
	if it.Occurs == nil {
		return d.single(it)
	}
	n := it.Occurs.Max
	if c := it.Occurs.DependingOn; c != nil {
		if n = d.counts[c]; n < it.Occurs.Min || n > it.Occurs.Max {
			return "", errNaive
		}
	}
	entries := make([]string, n)
	for i := range entries {
		s, err := d.single(it)
		if err != nil {
			return "", err
		}
		entries[i] = s
	}
	return "[" + strings.Join(entries, ",") + "]", nil
}

func (d *naive) single(it *copybook.Item) (string, error) {
	if len(it.Children) > 0 {
		return d.object(it)
	}
	raw, err := d.take(it.Size)
	if err != nil {
		return "", err
	}
	if it.Category == copybook.Alphanumeric {
		s, _ := charmap.CodePage037.NewDecoder().String(string(raw))
		if it.Justified {
			s = strings.TrimLeft(s, " ")
		} else {
			s = strings.TrimRight(s, " ")
		}
		if strings.HasPrefix(it.Name, "KIND") {
			d.kind = s
		}
		return quoteNaive(s), nil
	}
	v, err := number(it, raw)
	if err != nil {
		return "", err
	}
	if v.IsInt64() {
		d.counts[it] = int(v.Int64())
	}
	_, scale := shape(it)
	return decimalText(v, scale), nil
}

func quoteNaive(s string) string {
	out := `"`
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out += `\` + string(r)
		case strings.ContainsRune("\b\f\n\r\t", r):
			out += `\` + string("btn_fr"[r-8])
		case r < ' ':
			out += fmt.Sprintf(`\u%04x`, r)
		default:
			out += string(r)
		}
	}
	return out + `"`
}

// number reads the bytes of a number as an integer, the point left out.
func number(it *copybook.Item, raw []byte) (*big.Int, error) {
	v := new(big.Int)
	if it.Usage == copybook.Binary || it.Usage == copybook.Native {
		v.SetBytes(raw)
		if it.Signed && raw[0] >= 0x80 {
			v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
		}
		return v, nil
	}
	var sign byte
	text := fmt.Sprintf("%X", raw)
	separate := it.Signed && (it.Sign == copybook.LeadingSeparate || it.Sign == copybook.TrailingSeparate)
	switch {
	case it.Usage == copybook.Packed:
		sign, text = text[len(text)-1], text[:len(text)-1]
	case separate:
		at := 0
		if it.Sign == copybook.TrailingSeparate {
			at = len(text) - 2
		}
		sign = map[string]byte{"4E": 'C', "60": 'D'}[text[at:at+2]]
		text = text[:at] + text[at+2:]
	default:
		at := len(text) - 2
		if it.Signed && it.Sign == copybook.Leading {
			at = 0
		}
		sign = text[at]
		text = text[:at] + "F" + text[at+1:]
	}
	if it.Usage != copybook.Packed {
		zones, digits := "", ""
		for i := 0; i < len(text); i += 2 {
			zones, digits = zones+text[i:i+1], digits+text[i+1:i+2]
		}
		if strings.Trim(zones, "F") != "" {
			return nil, errNaive
		}
		text = digits
	}
	digits, _ := shape(it)
	if _, valid := v.SetString(text, 10); !valid || v.Cmp(power(digits)) >= 0 || !strings.ContainsRune("ABCDEF", rune(sign)) {
		return nil, errNaive
	}
	if sign == 'B' || sign == 'D' {
		v.Neg(v)
	}
	if v.Sign() < 0 && !it.Signed {
		return nil, errNaive
	}
	return v, nil
}

// encode gives the bytes of a record from its JSON.
func encodeNaive(root *copybook.Item, doc string) ([]byte, error) {
	dec := json.NewDecoder(strings.NewReader(doc))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return encodeObject(root, v)
}

func encodeObject(group *copybook.Item, v map[string]any) ([]byte, error) {
	var out []byte
	for _, it := range group.Children {
		if it.Redefines != nil {
			continue
		}
		chosen := it
		for _, other := range group.Children {
			if _, given := v[strings.ToLower(other.Name)]; given && other.Redefines == it {
				chosen = other
			}
		}
		field, err := encodeItem(chosen, v[strings.ToLower(chosen.Name)], v)
		if err != nil {
			return nil, err
		}
		if chosen != it {
			for len(field) < it.Size { // what stands behind a shorter alternative
				field = append(field, 0x40)
			}
		}
		out = append(out, field...)
	}
	return out, checkKind(group, v)
}

// checkKind: the discriminator must choose the alternative that is given.
func checkKind(group *copybook.Item, v map[string]any) error {
	for _, it := range group.Children {
		if _, given := v[strings.ToLower(it.Name)]; !given {
			continue
		}
		if strings.HasSuffix(it.Name, "ALT") != (v["kind"] != "B" && v["kind"] != "C") && strings.Contains(it.Name, "ALT") {
			return errNaive
		}
		if it.Redefines != nil && it.Name[len(it.Name)-1:] != v["kind"] {
			return errNaive
		}
	}
	return nil
}

func encodeItem(it *copybook.Item, v any, around map[string]any) ([]byte, error) {
	if it.Occurs == nil {
		return encodeSingle(it, v)
	}
	list, _ := v.([]any)
	least := it.Occurs.Min
	if it.Occurs.DependingOn == nil {
		least = it.Occurs.Max
	} else if given := around[strings.ToLower(it.Occurs.DependingOn.Name)]; fmt.Sprint(given) != fmt.Sprint(len(list)) {
		return nil, errNaive
	}
	if len(list) < least || len(list) > it.Occurs.Max {
		return nil, errNaive
	}
	var out []byte
	for _, e := range list {
		b, err := encodeSingle(it, e)
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	return out, nil
}

func encodeSingle(it *copybook.Item, v any) ([]byte, error) {
	if len(it.Children) > 0 {
		return encodeObject(it, v.(map[string]any))
	}
	switch v := v.(type) {
	case string:
		s, err := charmap.CodePage037.NewEncoder().String(v)
		if err != nil || len(s) > it.Size || it.Category != copybook.Alphanumeric {
			return nil, errNaive
		}
		blanks := strings.Repeat("\x40", it.Size-len(s))
		if it.Justified {
			return []byte(blanks + s), nil
		}
		return []byte(s + blanks), nil
	case json.Number:
		return putNumber(it, string(v))
	}
	return nil, errNaive
}

func putNumber(it *copybook.Item, text string) ([]byte, error) {
	digits, scale := shape(it)
	r, valid := new(big.Rat).SetString(text)
	if !valid {
		return nil, errNaive
	}
	if scale >= 0 {
		r.Mul(r, new(big.Rat).SetInt(power(scale)))
	} else {
		r.Quo(r, new(big.Rat).SetInt(power(-scale)))
	}
	v := r.Num()
	if !r.IsInt() || v.Sign() < 0 && !it.Signed {
		return nil, errNaive
	}
	if it.Usage == copybook.Binary || it.Usage == copybook.Native {
		low, high := new(big.Int), power(digits)
		if it.Usage == copybook.Native {
			high.Lsh(big.NewInt(1), uint(8*it.Size))
			if it.Signed {
				high.Rsh(high, 1)
			}
		}
		if it.Signed {
			low.Neg(high)
			if it.Usage == copybook.Binary {
				low.Add(low, big.NewInt(1))
			}
		}
		if v.Cmp(low) < 0 || v.Cmp(high) >= 0 {
			return nil, errNaive
		}
		if v.Sign() < 0 {
			v.Add(v, new(big.Int).Lsh(big.NewInt(1), uint(8*it.Size)))
		}
		return v.FillBytes(make([]byte, it.Size)), nil
	}
	all := fmt.Sprintf("%0*s", digits, new(big.Int).Abs(v).String())
	if len(all) > digits {
		return nil, errNaive
	}
	return unhexNaive(signed(it, all, v.Sign() < 0)), nil
}

// signed gives the bytes of digits with their sign, in hexadecimal.
func signed(it *copybook.Item, all string, minus bool) string {
	sign := "F"
	if it.Signed {
		sign = map[bool]string{false: "C", true: "D"}[minus]
	}
	if it.Usage == copybook.Packed {
		return fmt.Sprintf("%0*s", 2*it.Size, all+sign)
	}
	out := ""
	for i := range all {
		zone := "F"
		if it.Signed && (it.Sign == copybook.Leading && i == 0 || it.Sign != copybook.Leading && it.Sign != copybook.LeadingSeparate &&
			it.Sign != copybook.TrailingSeparate && i == len(all)-1) {
			zone = sign
		}
		out += zone + all[i:i+1]
	}
	byteOf := map[bool]string{false: "4E", true: "60"}[minus]
	switch {
	case it.Signed && it.Sign == copybook.LeadingSeparate:
		return byteOf + out
	case it.Signed && it.Sign == copybook.TrailingSeparate:
		return out + byteOf
	}
	return out
}

func unhexNaive(s string) []byte {
	v, _ := new(big.Int).SetString(s, 16)
	return v.FillBytes(make([]byte, len(s)/2))
}
