// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"lintel/transforms"
)

func numberFuncs() []transforms.Func {
	out := []transforms.Func{
		define("numbers", "number(value) number",
			"Makes an exact number of a text with an optional sign and point (leading zeros and blanks around it are allowed), of a float, which gives the shortest decimal that stands for it, or of a value that the contract gives no type.",
			toNumber,
			gives(`number(7.50)`, `7.50`), gives(`number("000123.40")`, `123.40`), gives(`number("-7") + 10`, `3`), fails(`number("12A")`, "no number")),
		define("numbers", "text(value) text",
			"Writes a number as text, its decimals kept; a text stays what it is.",
			toText,
			gives(`text("A7")`, `"A7"`),
			gives(`text(100.50)`, `"100.50"`), gives(`text(7)`, `"7"`)),
		growing(transforms.GrowsToLength, define("numbers", "digits(number, length: integer) text",
			"Writes a whole number that is not negative with leading zeros, in exactly that many digits. It fails when the number has more.",
			digits,
			gives(`digits(42, 6)`, `"000042"`), fails(`digits(1000, 3)`, "more digits"), fails(`digits(1.5, 3)`, "no whole number"))),
	}
	return slices.Concat(out, roundFuncs(), listFuncs())
}

func roundFuncs() []transforms.Func {
	return []transforms.Func{
		define("numbers", "round(number, places, mode: rounding) number",
			"Gives the number with exactly that many decimals. The mode says how: half up (a five goes away from zero, as ROUNDED in COBOL), "+
				"half even, half down, up (away from zero), down (to zero), ceiling, floor, or exact, which fails when anything but zeros would be lost.",
			func(a *arguments) any { return rounded(a, rounding(slices.Index(roundings(), a.text(2)))) },
			gives(`round(2.345, 2, "half up")`, `2.35`), gives(`round(-2.345, 2, "half up")`, `-2.35`),
			gives(`round(2.345, 2, "half even")`, `2.34`), gives(`round(7, 2, "exact")`, `7.00`),
			fails(`round(2.345, 2, "exact")`, "decimals would be lost"), fails(`round(2.345, 2, "half upp")`, "there is no rounding")),
		define("numbers", "floor(number, places?) number",
			"Gives the greatest number with that many decimals (0 if not given) that is not greater.",
			func(a *arguments) any { return rounded(a, modeFloor) },
			gives(`floor(-1.5)`, `-2`), gives(`floor(1.239, 2)`, `1.23`)),
		define("numbers", "ceil(number, places?) number",
			"Gives the smallest number with that many decimals (0 if not given) that is not smaller.",
			func(a *arguments) any { return rounded(a, modeCeiling) },
			gives(`ceil(1.2)`, `2`), gives(`ceil(-1.239, 2)`, `-1.23`)),
		define("numbers", "truncate(number, places?) number",
			"Cuts off the decimals behind that many (0 if not given).",
			func(a *arguments) any { return rounded(a, modeDown) },
			gives(`truncate(-1.99)`, `-1`), gives(`truncate(1.999, 2)`, `1.99`)),
		define("numbers", "abs(number) number",
			"Takes the sign away.",
			func(a *arguments) any {
				x := a.number(0)
				return exact{new(big.Int).Abs(x.c), x.scale}.decimal(a)
			},
			gives(`abs(-12.50)`, `12.50`)),
		define("numbers", "sign(number) integer",
			"Gives -1, 0 or 1.",
			func(a *arguments) any { return a.number(0).c.Sign() },
			gives(`sign(-12.50)`, `-1`), gives(`sign(0.00)`, `0`)),
		define("numbers", "shift(number, places: integer) number",
			"Moves the decimal point to the right, or to the left if places is negative: from a currency's main unit to its smallest and back.",
			shift,
			gives(`shift(12.34, 2)`, `1234`), gives(`shift(1234, -2)`, `12.34`), gives(`shift(12.345, 2)`, `1234.5`)),
	}
}

func listFuncs() []transforms.Func {
	return []transforms.Func{
		define("numbers", "sum(numbers) number",
			"Adds the numbers of an array; of an empty one it is 0.",
			func(a *arguments) any {
				total := exact{c: new(big.Int)}
				for _, x := range a.numbers(0) {
					total, x = align(total, x)
					total.c.Add(total.c, x.c)
				}
				return total.decimal(a)
			},
			gives(`sum([0.1, 0.2])`, `0.3`), gives(`sum([])`, `0`)),
		define("numbers", "min(numbers) number",
			"Gives the smallest number of an array, which must not be empty.",
			func(a *arguments) any { return extreme(a, -1) },
			gives(`min([3, 1.5, 2])`, `1.5`), fails(`min([])`, "no numbers")),
		define("numbers", "max(numbers) number",
			"Gives the greatest number of an array, which must not be empty.",
			func(a *arguments) any { return extreme(a, 1) },
			gives(`max([3, 1.5, 2])`, `3`)),
	}
}

func rounded(a *arguments, mode rounding) any {
	x, places := a.number(0), 0
	if a.given(1) {
		places = a.integer(1, 0, maxPlaces)
	}
	if mode < 0 {
		return a.fail("there is no such mode")
	}
	y, lossless := x.rescale(places, mode)
	if !lossless {
		return a.fail("decimals would be lost")
	}
	return y.decimal(a)
}

func shift(a *arguments) any {
	x, places := a.number(0), a.integer(1, -maxPlaces, maxPlaces)
	x.scale -= places
	if x.scale < 0 {
		x, _ = x.rescale(0, modeExact)
	}
	return x.decimal(a)
}

func extreme(a *arguments, sign int) any {
	list := a.numbers(0)
	if len(list) == 0 {
		return a.fail("there are no numbers")
	}
	best := list[0]
	for _, x := range list[1:] {
		if l, r := align(x, best); l.c.Cmp(r.c) == sign {
			best = x
		}
	}
	return best.decimal(a)
}

func (x exact) text(a *arguments) any {
	d, ok := x.decimal(a).(transforms.Decimal)
	if !ok {
		return nil
	}
	return d.String()
}

func digits(a *arguments) any {
	x, length := a.number(0), a.integer(1, 1, maxPad)
	whole, lossless := x.rescale(0, modeExact)
	switch {
	case !a.ok():
		return nil
	case !lossless:
		return a.fail("number is no whole number")
	case whole.c.Sign() < 0:
		return a.fail("number is negative")
	}
	s := whole.c.String()
	if len(s) > length {
		return a.fail("number has more digits")
	}
	return strings.Repeat("0", length-len(s)) + s
}

func toText(a *arguments) any {
	switch v := a.values[0].(type) {
	case string:
		return v
	case float64:
		return a.float(v).text(a)
	default:
		return a.number(0).text(a)
	}
}

// float gives the shortest decimal that stands for a floating-point number.
func (a *arguments) float(v float64) exact {
	if d, err := transforms.ParseDecimal(strconv.FormatFloat(v, 'g', -1, 64)); err == nil {
		if c, scale := d.Parts(); c != nil {
			return exact{c, scale}
		}
	}
	a.fail(a.params[0].name + " has too many digits or is no number")
	return exact{c: new(big.Int)}
}

func toNumber(a *arguments) any {
	switch v := a.values[0].(type) {
	case transforms.Decimal:
		return v
	case int:
		return transforms.DecimalFromInt(int64(v))
	case float64:
		return a.float(v).decimal(a)
	}
	s := strings.Trim(a.text(0), " ")
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		sign, s = "-", rest
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	if strings.Trim(s, "0123456789.") != "" || s == "" || strings.Count(s, ".") > 1 || s == "." {
		return a.fail("text is no number")
	}
	d, err := transforms.ParseDecimal(sign + s)
	if err != nil {
		return a.fail("text is no number")
	}
	return d
}
