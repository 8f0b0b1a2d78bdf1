// SPDX-License-Identifier: Apache-2.0

package codepage_test

import (
	"fmt"

	"lintel/transforms/codepage"
)

func Example() {
	page, err := codepage.Lookup("cp1047")
	if err != nil {
		fmt.Println(err)
		return
	}
	host, err := page.AppendEncode(nil, []byte("ACCT [42]"))
	fmt.Printf("% X %v\n", host, err)
	text, err := page.AppendDecode(nil, host)
	fmt.Printf("%s %v\n", text, err)
	_, err = page.AppendEncode(nil, []byte("5 €"))
	fmt.Println(err)
	// Output:
	// C1 C3 C3 E3 40 AD F4 F2 BD <nil>
	// ACCT [42] <nil>
	// character U+20AC at byte 2 of the text is not in code page cp1047
}

func ExampleLookup() {
	_, err := codepage.Lookup("cp1074")
	fmt.Println(err)
	// Output: unknown code page "cp1074"; did you mean cp1047, cp1025, cp1026?
}

func ExamplePage_EncodeInto() {
	page, _ := codepage.Lookup("cp939")
	field := make([]byte, 8)
	text := []byte("A日本語")
	n, used, err := page.EncodeInto(field, text)
	page.Pad(field[n:])
	fmt.Printf("% X, left over: %s %v\n", field, text[used:], err)
	// Output: C1 0E 45 62 45 66 0F 40, left over: 語 <nil>
}

func ExamplePage_Substitute() {
	page, _ := codepage.Lookup("cp037")
	text, replaced, err := page.Substitute(nil, []byte("5 € – Dvořák"), codepage.Substitutes{
		Texts:   map[rune]string{'€': "EUR", '–': "-"},
		Default: '?',
	})
	fmt.Println(string(text), replaced, err)
	// Output: 5 EUR - Dvo?ák 3 <nil>
}
