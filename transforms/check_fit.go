// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// formatBase64 is the format of texts that stand for bytes.
const formatBase64 = "byte"

// takesText holds a text that is not listed value by value against a field.
func (k *checker) takesText(f facts, t *Type, at specs.Pos) {
	sample := formatSample(f.typ.Format)
	wrong := k.tryText(t, sample)
	switch {
	case t.Enum != nil:
		if !f.vague {
			k.report(specs.Warning, codeNoCode, at, fmt.Sprintf("%s can be any text, and %s has %s only", f.name(), hostField(t), strings.Join(t.Enum, ", ")),
				fmt.Sprintf("set enum to [%s]%s", strings.Join(t.Enum, ", "), f.fixIn()))
		}
	case t.Format == formatBase64 && f.typ.Format != formatBase64:
		if !f.vague {
			k.report(specs.Warning, codeUnsureText, at, fmt.Sprintf("%s can be any text, and %s takes base64 only", f.name(), hostField(t)), "set format to byte"+f.fixIn())
		}
	case t.Shape == NumberShape || t.Shape == FloatShape:
		k.takesDigits(f, t, at)
	case k.isDate(t):
		switch {
		case sample != "" && wrong != nil:
			k.report(specs.Error, codeUnsureDate, at, fmt.Sprintf("%s is a %s, and %s holds another kind of date or time: %s", f.name(), f.typ.Format, hostField(t), wrong.Reason),
				"convert it with a function, or change the date picture in records.yaml")
		case sample == "" && !f.vague:
			k.report(specs.Warning, codeUnsureDate, at, fmt.Sprintf("%s can be any text, and %s holds a date or time only", f.name(), hostField(t)),
				"set format to date"+f.fixIn())
		}
	default:
		k.takesLength(f, t, at)
	}
}

// isDate tells that a field has a date rule: it refuses a text for not being a date.
func (k *checker) isDate(t *Type) bool {
	err := k.tryText(t, "?")
	return err != nil && err.Code == "date"
}

// takesDigits checks a text that is to become a number.
func (k *checker) takesDigits(f facts, t *Type, at specs.Pos) {
	tf := textOf(f.typ)
	sample := formatSample(f.typ.Format)
	switch {
	case f.vague && tf.digits:
	case f.vague:
		k.report(specs.Warning, codeUnsureText, at, fmt.Sprintf("%s can be any text, and %s takes digits only", f.name(), hostField(t)), "read it with number()")
	case sample != "":
		k.report(specs.Error, codeUnsureText, at, fmt.Sprintf("%s is a %s, which is no number, and %s is one", f.name(), f.typ.Format, hostField(t)),
			"give the field a date rule in records.yaml, or convert the text with a function")
	case !tf.digits:
		k.report(specs.Warning, codeUnsureText, at, fmt.Sprintf("%s can be any text, and %s takes digits only", f.name(), hostField(t)),
			fmt.Sprintf(`set pattern to "^[0-9]{1,%d}$"%s`, max(wholeDigits(t), 1), f.fixIn()))
	case tf.max < 0 || k.tryText(t, strings.Repeat("9", min(tf.max, 1<<12))) != nil:
		k.report(specs.Warning, codeRange, at, fmt.Sprintf("%s can have %s digits, and %s holds %d", f.name(), countOf(tf.max), hostField(t), wholeDigits(t)),
			fmt.Sprintf("set maxLength to %d%s", wholeDigits(t), f.fixIn()))
	}
}

// takesLength compares lengths: in characters, and in bytes where characters differ in that.
func (k *checker) takesLength(f facts, t *Type, at specs.Pos) {
	chars := []string{"A", "B", "1", "\uFF21"} // one may stand for null, or be none of the field's
	i := slices.IndexFunc(chars, func(c string) bool { return k.tryText(t, c) == nil })
	if i < 0 {
		return // the field is neither text nor anything else known here
	}
	char := chars[i]
	tf := textOf(f.typ)
	fits := func(n int) bool {
		err := k.tryText(t, strings.Repeat(char, min(n, 1<<20)))
		return err == nil || err.Code != "length"
	}
	hint := fmt.Sprintf("set maxLength to %d%s", t.MaxLength, f.fixIn())
	if f.fixIn() == "" {
		hint = "shorten it with a function"
	}
	switch {
	case t.MaxLength < 0 || f.vague && tf.max < 0:
	case !fits(tf.min):
		k.report(specs.Error, codeTooLong, at, fmt.Sprintf("%s has at least %d characters, and %s holds %d", f.name(), tf.min, hostField(t), t.MaxLength), hint)
	case tf.max < 0 && !fits(t.MaxLength+1):
		k.report(specs.Warning, codeTooLong, at, fmt.Sprintf("%s has no maxLength, and %s holds %d characters", f.name(), hostField(t), t.MaxLength), hint)
	case tf.max > 0 && !fits(tf.max):
		k.report(specs.Warning, codeTooLong, at, fmt.Sprintf("%s can have %d characters, and %s holds %d", f.name(), tf.max, hostField(t), t.MaxLength), hint)
	case t.SafeLength > 0 && !tf.ascii && tf.max > t.SafeLength:
		k.report(specs.Info, codeTooLong, at, fmt.Sprintf("%s can have %d characters; %s holds that many only if they are plain ones, and %d of any kind",
			f.name(), tf.max, hostField(t), t.SafeLength), fmt.Sprintf("set maxLength to %d%s if other characters must fit", t.SafeLength, f.fixIn()))
	}
}

// takesNumber compares range and decimals of a number with the field.
func (k *checker) takesNumber(f facts, t *Type, at specs.Pos) {
	if f.vague {
		if f.scaled && t.Shape == NumberShape {
			k.takesDecimals(f, t, at)
		}
		return
	}
	if f.typ.HostName != "" && f.typ.Maximum == "" { // of another message of the host: its digits bound it
		bounded := *f.typ
		bounded.Maximum, bounded.Minimum = fieldRange(f.typ)
		f.typ = &bounded
	}
	high, low := k.numberRange(f.typ, t)
	if t.Shape != StringShape {
		k.takesDecimals(f, t, at)
	}
	tooHigh, tooLow := k.tryNumber(t, high) != nil, low != "" && k.tryNumber(t, low) != nil
	if !tooHigh && !tooLow {
		return
	}
	fieldHigh, fieldLow := fieldRange(t)
	severity := specs.Warning
	if low := f.typ.Minimum; !tooLow && low != "" && low[0] != '-' && k.tryNumber(t, wholePart(low)) != nil {
		severity = specs.Error
	}
	var facts, hints []string
	if tooLow {
		hints = append(hints, "minimum to "+fieldLow)
		if fieldLow == "0" {
			facts = append(facts, "can be negative")
		} else {
			facts = append(facts, boundText("minimum", f.typ.Minimum))
		}
	}
	if tooHigh {
		facts, hints = append(facts, boundText("maximum", f.typ.Maximum)), append(hints, "maximum to "+fieldHigh)
	}
	k.report(severity, codeRange, at, fmt.Sprintf("%s %s, and %s holds %s to %s", f.name(), strings.Join(facts, " and "), hostField(t), fieldLow, fieldHigh),
		"set "+strings.Join(hints, " and ")+f.fixIn())
}

func boundText(word, bound string) string {
	if bound == "" {
		return "has no " + word
	}
	return "has " + word + " " + plainNumber(bound)
}

// takesDecimals compares the places behind the point.
func (k *checker) takesDecimals(f facts, t *Type, at specs.Pos) {
	places := f.typ.Scale
	if places < 0 {
		places = t.Scale + 1
	}
	if f.typ.Integer || places <= t.Scale || k.tryNumber(t, "0."+strings.Repeat("0", places-1)+"1") == nil {
		return
	}
	given := fmt.Sprintf("can have %d decimals", places)
	if f.typ.Scale < 0 {
		given = "can have any number of decimals"
	}
	hint := "set multipleOf to 0." + strings.Repeat("0", max(t.Scale-1, 0)) + "1" + f.fixIn()
	switch {
	case f.vague:
		hint = fmt.Sprintf("round it: round(..., %d, \"half up\")", t.Scale)
	case t.Scale == 0:
		hint = "set type to integer" + f.fixIn()
	}
	k.report(specs.Warning, codeDecimals, at, fmt.Sprintf("%s %s, and %s holds %d", f.name(), given, hostField(t), t.Scale), hint)
}

// numberRange gives the greatest and, if it is negative, the least whole number of a type; where it
// has no bound, the first that does not fit the field by its digits.
func (k *checker) numberRange(from, t *Type) (high, low string) {
	digits := t.MaxLength
	if t.Shape != StringShape {
		digits = wholeDigits(t)
	}
	beyond := "1" + strings.Repeat("0", max(digits, 0))
	high, low = beyond, "-"+beyond
	if from.Maximum != "" {
		high = wholePart(from.Maximum)
		if n := from.Digits - from.Scale; from.Digits >= 0 && from.Scale >= 0 && len(strings.TrimPrefix(high, "-")) > max(n, 1) {
			high = strings.Repeat("9", max(n, 1)) // the bound itself is excluded
		}
	}
	switch {
	case !from.Signed:
		low = ""
	case from.Minimum != "":
		low = wholePart(from.Minimum)
	}
	return high, low
}

// wholeDigits is how many digits a number field has before the point.
func wholeDigits(t *Type) int { return max(t.Digits-max(t.Scale, 0), 0) }

// wholePart is the part of a JSON number before the point.
func wholePart(text string) string {
	whole, _, _ := strings.Cut(plainNumber(text), ".")
	return whole
}

// plainNumber writes a JSON number without an exponent.
func plainNumber(text string) string {
	d, err := ParseDecimal(text)
	if err != nil {
		return text
	}
	return d.String()
}

// fieldRange gives the bounds of a number field, or of the numbers that a text field has room for.
func fieldRange(t *Type) (high, low string) {
	if t.Maximum != "" {
		return plainNumber(t.Maximum), plainNumber(t.Minimum)
	}
	if t.Shape == StringShape {
		low = "0"
		if t.MaxLength > 1 {
			low = "-" + strings.Repeat("9", t.MaxLength-1)
		}
		return strings.Repeat("9", max(t.MaxLength, 1)), low
	}
	high = strings.Repeat("9", wholeDigits(t))
	if high == "" {
		high = "0"
	}
	if t.Scale > 0 {
		high += "." + strings.Repeat("9", t.Scale)
	}
	if t.Signed {
		return high, "-" + high
	}
	return high, "0"
}

func countOf(n int) string {
	if n < 0 {
		return "any number of"
	}
	return fmt.Sprint(n)
}

// allows tells whether a type has the value: as far as bounds and lists say.
func allows(t *Type, json string) bool {
	v := JSONValue([]byte(json))
	if t.Enum != nil {
		return listed(t.Enum, json)
	}
	switch v.Kind {
	case String:
		text, err := unquote(v.Text)
		f := textOf(t)
		n := len([]rune(string(text)))
		return err == nil && t.Shape == StringShape && n >= f.min && (f.max < 0 || n <= f.max)
	case Number:
		return t.Shape == NumberShape && inRange(t, json)
	case Bool:
		return t.Shape == BoolShape
	default:
		return false
	}
}

// inRange compares a number with the bounds of a type.
func inRange(t *Type, text string) bool {
	d, err := ParseDecimal(text)
	if err != nil {
		return true
	}
	if low, err := ParseDecimal(t.Minimum); t.Minimum != "" && err == nil && d.Cmp(low) < 0 {
		return false
	}
	high, err := ParseDecimal(t.Maximum)
	return t.Maximum == "" || err != nil || d.Cmp(high) <= 0
}

// listed tells that a list has a value: texts are compared character by character, numbers by value.
func listed(list []string, json string) bool {
	d, err := ParseDecimal(json)
	for _, text := range list {
		if text == json {
			return true
		}
		if err == nil {
			if other, bad := ParseDecimal(text); bad == nil && other.Cmp(d) == 0 {
				return true
			}
		}
	}
	return false
}
