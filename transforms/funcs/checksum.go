// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lintel/transforms"
)

// maxNumber bounds the text that a checksum is made of, in characters.
const maxNumber = 200

func checksumFuncs() []transforms.Func { return slices.Concat(ibanFuncs(), luhnFuncs(), weightFuncs()) }

func ibanFuncs() []transforms.Func {
	return []transforms.Func{
		define("checksums", "isIBAN(text) boolean",
			"Tells whether the text is an IBAN: a country of the IBAN registry, that country's length and right check digits (ISO 13616). Blanks between groups are allowed.",
			func(a *arguments) any { return validIBAN(strings.ReplaceAll(a.text(0), " ", "")) },
			gives(`isIBAN("DE89 3704 0044 0532 0130 00")`, `true`), gives(`isIBAN("DE88370400440532013000")`, `false`),
			gives(`isIBAN("DE8937040044053201300")`, `false`)),
		define("checksums", "iban(country, account) text",
			"Makes the IBAN of a national account number (BBAN) with its check digits. It fails when the country is not in the IBAN registry or the length is not that country's.",
			makeIBAN,
			gives(`iban("GB", "WEST12345698765432")`, `"GB82WEST12345698765432"`), fails(`iban("DE", "123")`, "account has not the length")),
		define("checksums", "mod97(text) integer",
			"Gives the remainder by 97, letters taken as 10 to 35 (ISO 7064).",
			func(a *arguments) any { return a.mod97(0) },
			gives(`mod97("3214282912345698765432161182")`, `1`)),
		define("checksums", "mod97Digits(text) text",
			"Gives the two check digits of ISO 7064 mod 97-10 that are put behind the text, as in LEI codes.",
			func(a *arguments) any { return fmt.Sprintf("%02d", 98-a.mod97(0)*100%97) },
			gives(`mod97Digits("794")`, `"44"`), gives(`mod97("79444")`, `1`)),
	}
}

func luhnFuncs() []transforms.Func {
	return []transforms.Func{
		define("checksums", "isLuhn(digits) boolean",
			"Tells whether the last digit is the right check digit by Luhn (ISO/IEC 7812), as in card numbers.",
			func(a *arguments) any {
				d := a.digits(0)
				return len(d) > 1 && luhn(d)%10 == 0
			},
			gives(`isLuhn("4111111111111111")`, `true`), gives(`isLuhn("4111111111111112")`, `false`)),
		define("checksums", "luhnDigit(digits) text", "Gives the check digit by Luhn that is put behind the digits.",
			func(a *arguments) any { return strconv.Itoa((10 - luhn(a.digits(0)+"0")%10) % 10) },
			gives(`luhnDigit("7992739871")`, `"3"`)),
	}
}

func weightFuncs() []transforms.Func {
	const doc = " The weights, joined by commas, are for the digits from the right and begin again when they are used up."
	return []transforms.Func{
		define("checksums", "mod10(digits, weights) integer", "Multiplies every digit with its weight and gives the last digit of the sum."+doc,
			func(a *arguments) any { return a.weighted() % 10 },
			gives(`mod10("4006381333931", "1,3")`, `0`)),
		define("checksums", "mod10Digit(digits, weights) text", "Gives the digit that makes the weighted sum a multiple of 10, as in EAN codes."+doc,
			func(a *arguments) any { return strconv.Itoa((10 - a.weighted()%10) % 10) },
			gives(`mod10Digit("400638133393", "3,1")`, `"1"`)),
		define("checksums", "mod11(digits, weights) integer", "Multiplies every digit with its weight and gives the remainder of the sum by 11."+doc,
			func(a *arguments) any { return a.weighted() % 11 },
			gives(`mod11("030640615", "2,3,4,5,6,7,8,9,10")`, `9`)),
		define("checksums", "mod11Digit(digits, weights) text",
			"Gives what makes the weighted sum a multiple of 11: a digit, or X for ten, as in ISBN-10. Where a bank has another rule for ten or eleven, use mod11."+doc,
			func(a *arguments) any {
				if d := (11 - a.weighted()%11) % 11; d < 10 {
					return strconv.Itoa(d)
				}
				return "X"
			},
			gives(`mod11Digit("030640615", "2,3,4,5,6,7,8,9,10")`, `"2"`), gives(`mod11Digit("097522980", "2,3,4,5,6,7,8,9,10")`, `"X"`)),
	}
}

// digits gives an argument that is made of digits.
func (a *arguments) digits(i int) string {
	s := a.text(i)
	if a.ok() && (!isDigits(s) || len(s) > maxNumber) {
		a.fail(a.params[i].name + " is not made of 1 to 200 digits")
	}
	if !a.ok() {
		return ""
	}
	return s
}

// luhn adds the digits, every second one from the right doubled.
func luhn(digits string) int {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum
}

// weighted is the sum of the digits of the first argument by the weights of the second.
func (a *arguments) weighted() int {
	digits, text := a.digits(0), a.text(1)
	weights, ok := parseWeights(text)
	if a.ok() && !ok {
		a.fail("weights are no numbers from 0 to 99, joined by commas")
	}
	if !a.ok() {
		return 0
	}
	sum := 0
	for i := range len(digits) {
		sum += int(digits[len(digits)-1-i]-'0') * weights[i%len(weights)]
	}
	return sum
}

func parseWeights(s string) ([]int, bool) {
	if len(s) > 3*maxNumber {
		return nil, false
	}
	var weights []int
	for _, w := range strings.Split(s, ",") {
		w = strings.TrimSpace(w)
		if !isDigits(w) || len(w) > 2 {
			return nil, false
		}
		weights = append(weights, atoi(w))
	}
	return weights, true
}

func checkWeights(value any) (string, string) {
	s, isText := value.(string)
	if _, ok := parseWeights(s); isText && !ok {
		return "weights are no numbers", `write numbers from 0 to 99, joined by commas: "2,3,4,5,6,7"`
	}
	return "", ""
}

// mod97 gives the remainder of an argument of digits and letters.
func (a *arguments) mod97(i int) int {
	s := a.text(i)
	r, ok := mod97(s)
	if a.ok() && (!ok || len(s) > maxNumber) {
		a.fail(a.params[i].name + " is not made of 1 to 200 digits and letters")
	}
	return r
}

func mod97(s string) (int, bool) {
	r := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			r = (10*r + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			r = (100*r + int(c-'A') + 10) % 97
		case c >= 'a' && c <= 'z':
			r = (100*r + int(c-'a') + 10) % 97
		default:
			return 0, false
		}
	}
	return r, s != ""
}
