// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// random chooses a single value.
func (s *sampler) random(dst []byte, t *Type, w *wish) []byte {
	switch {
	case len(t.Enum) > 0:
		return append(dst, s.listed(t, w)...)
	case t.Shape == NumberShape:
		return append(dst, s.number(t)...)
	case t.Shape == FloatShape:
		return append(dst, strconv.Itoa(s.dice.IntN(100))+".5"...)
	case t.Shape == BoolShape:
		return strconv.AppendBool(dst, s.dice.IntN(2) == 0)
	case t.Format == "date":
		return fmt.Appendf(dst, `"%04d-%02d-%02d"`, 1970+s.dice.IntN(60), 1+s.dice.IntN(12), 1+s.dice.IntN(28))
	case t.Shape == StringShape && t.Format == "" && t.MaxLength > 0:
		if text, ok := s.matching(t); ok && (w == nil || !hasText(w.not, text)) {
			return AppendQuoted(dst, text)
		}
	}
	return sampleScalar(dst, t)
}

// listed chooses one of the listed values that is not unwanted.
func (s *sampler) listed(t *Type, w *wish) string {
	var good []string
	for _, e := range t.Enum {
		text, err := unquote([]byte(e))
		if w == nil || err != nil || !hasText(w.not, string(text)) {
			good = append(good, e)
		}
	}
	if len(good) == 0 {
		return t.Enum[0]
	}
	return good[s.dice.IntN(len(good))]
}

// number chooses a number of up to six digits before the point.
func (s *sampler) number(t *Type) string {
	if t.Minimum != "" || t.Maximum != "" {
		return s.between(t)
	}
	scale, whole := t.Scale, 6
	if t.Digits != Unbounded {
		whole = min(whole, t.Digits-scale)
	}
	if t.Integer {
		scale = min(scale, 0)
	}
	text := "0"
	if whole+min(scale, 0) > 0 {
		text = strconv.FormatInt(s.dice.Int64N(pow10(whole+min(scale, 0))), 10)
	}
	if scale < 0 && text != "0" {
		text += strings.Repeat("0", -scale)
	}
	if scale <= 0 || scale > 18 {
		return text
	}
	digits := scale
	if t.Digits != Unbounded {
		digits = min(digits, t.Digits)
	}
	return text + "." + strings.Repeat("0", scale-digits) + s.digits(digits)
}

// between chooses a whole number between the bounds, which may be excluded themselves.
func (s *sampler) between(t *Type) string {
	const far = 1_000_000
	whole := func(bound string, other int64) int64 {
		text, _, _ := strings.Cut(bound, ".")
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		return other
	}
	low := whole(t.Minimum, 0)
	high := whole(t.Maximum, max(low, 0)+far)
	if low < -far && high > -far {
		low = -far
	}
	high = min(high, low+2*far)
	if !t.Signed {
		low = max(low, 0)
	}
	if high-low >= 2 {
		low, high = low+1, high-1
	}
	if high < low {
		return t.Minimum
	}
	text := strconv.FormatInt(low+s.dice.Int64N(high-low+1), 10)
	if t.Scale > 0 && t.Scale <= 6 && !t.Integer && high-low > 2 && text != strconv.FormatInt(low, 10) && text != strconv.FormatInt(high, 10) {
		text += "." + s.digits(t.Scale)
	}
	return text
}

func pow10(n int) int64 {
	out := int64(1)
	for range min(n, 18) {
		out *= 10
	}
	return out
}

func (s *sampler) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(s.dice.IntN(10))
	}
	return string(b)
}

// words chooses a text: digits where keys and codes stand, letters where the picture takes nothing else, else words.
func (s *sampler) words(t *Type) string {
	letters := strings.HasPrefix(strings.ToUpper(t.Picture), "PIC A")
	if t.MaxLength <= 12 && !letters {
		return s.digits(t.MaxLength)
	}
	all := []string{"ADA", "BLUE", "CEDAR", "DELTA", "EMBER", "FALCON", "GRANITE", "HARBOR", "IRIS", "JUNIPER", "KITE", "LINTEL", "MAPLE", "NORTH"}
	text := ""
	for range 3 {
		next := all[s.dice.IntN(len(all))]
		if text != "" {
			next = text + " " + next
		}
		if len(next) > t.MaxLength {
			break
		}
		text = next
	}
	if text == "" {
		text = strings.Repeat("A", t.MaxLength)
	}
	if short := t.MinLength - len(text); short > 0 {
		text += strings.Repeat("X", short)
	}
	return text
}

// matching chooses a text that matches all patterns; false if none is found.
func (s *sampler) matching(t *Type) (string, bool) {
	fits := func(text string) bool {
		for _, p := range t.Patterns {
			if ok, err := regexp.MatchString(p, text); err != nil || !ok {
				return false
			}
		}
		n := utf8.RuneCountInString(text)
		return n >= t.MinLength && n <= t.MaxLength
	}
	if len(t.Patterns) == 0 {
		text := s.words(t)
		return text, fits(text)
	}
	re, err := syntax.Parse(t.Patterns[0], syntax.Perl)
	if err != nil {
		return "", false
	}
	for range 20 {
		if text := s.pattern(re.Simplify(), 0); fits(text) {
			return text, true
		}
	}
	return "", false
}

// pattern chooses a text of a regular expression.
func (s *sampler) pattern(re *syntax.Regexp, depth int) string {
	if depth > 50 {
		return ""
	}
	times := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(s.pattern(re.Sub[0], depth+1))
		}
		return b.String()
	}
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return s.character(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return string(rune('A' + s.dice.IntN(26)))
	case syntax.OpCapture:
		return times(1)
	case syntax.OpStar:
		return times(s.dice.IntN(4))
	case syntax.OpPlus:
		return times(1 + s.dice.IntN(3))
	case syntax.OpQuest:
		return times(s.dice.IntN(2))
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(s.pattern(sub, depth+1))
		}
		return b.String()
	case syntax.OpAlternate:
		return s.pattern(re.Sub[s.dice.IntN(len(re.Sub))], depth+1)
	}
	return "" // places between characters
}

// character chooses one of a class: a capital or a digit if it has any, which every code page has.
func (s *sampler) character(class []rune) string {
	var plain []rune
	for i := 0; i+1 < len(class); i += 2 {
		for r := max(class[i], '0'); r <= min(class[i+1], 'Z'); r++ {
			if r <= '9' || r >= 'A' {
				plain = append(plain, r)
			}
		}
	}
	if len(plain) > 0 {
		return string(plain[s.dice.IntN(len(plain))])
	}
	return string(class[2*s.dice.IntN(len(class)/2)])
}

// both narrows a type to what the contract promises of it too.
func (s *sampler) both(t *Type) *Type {
	p := s.promised[t]
	if p == nil {
		return t
	}
	out := *t
	out.Patterns = slices.Concat(t.Patterns, p.Patterns)
	out.MinLength, out.MinItems = max(t.MinLength, p.MinLength), max(t.MinItems, p.MinItems)
	out.MaxLength, out.MaxItems = least(t.MaxLength, p.MaxLength), least(t.MaxItems, p.MaxItems)
	if p.Shape == NumberShape && t.Shape == NumberShape {
		out.Integer = t.Integer || p.Integer
		if p.Minimum != "" || p.Maximum != "" {
			out.Minimum, out.Maximum = p.Minimum, p.Maximum
		}
	}
	if len(p.Enum) > 0 && len(t.Enum) == 0 && p.Shape == t.Shape {
		out.Enum = p.Enum
	}
	if t.Format == "" && t.Shape == StringShape {
		out.Format = p.Format
	}
	return &out
}

func least(a, b int) int {
	switch {
	case a == Unbounded:
		return b
	case b == Unbounded:
		return a
	default:
		return min(a, b)
	}
}

// promises finds what the contract says of the values that an answer moves out of the reply.
func promises(m *Mapping) map[*Type]*Type {
	out := map[*Type]*Type{}
	var pair func(host, contract *Type, depth int)
	pair = func(host, contract *Type, depth int) {
		if host == nil || contract == nil || depth > 32 {
			return
		}
		out[host] = contract
		pair(host.Items, contract.Items, depth+1)
		for _, h := range host.Members {
			pair(h, contract.Member(h.Name), depth+1)
		}
	}
	var visit func(m *Mapping)
	visit = func(m *Mapping) {
		if m == nil {
			return
		}
		switch src := m.Source.(type) {
		case *slotRef:
			pair(src.typ, m.Type, 0)
		case *expression: // such as trim(reply.name)
			if len(src.vars) == 1 && src.vars[0].ref.typ.Shape == StringShape {
				pair(src.vars[0].ref.typ, m.Type, 0)
			}
		}
		if m.Each != nil {
			if src, ok := m.Each.Source.(*slotRef); ok {
				items := *m.Type
				items.Items = nil
				out[src.typ] = &items
			}
			visit(m.Each.To)
		}
		for _, sub := range m.Members {
			visit(sub)
		}
	}
	visit(m)
	return out
}
