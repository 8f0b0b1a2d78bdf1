// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"fmt"
	"strings"
)

// ibanLengths are the lengths of IBANs by country, from the IBAN registry of ISO 13616.
const ibanLengths = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 " +
	"EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 " +
	"KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 " +
	"PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 " +
	"VG24 XK20 YE30"

// ibanLength is the length of the IBANs of a country; 0 if it has none.
func ibanLength(country string) int {
	if len(country) != 2 || country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' || country[1] > 'Z' {
		return 0
	}
	i := strings.Index(ibanLengths, country)
	if i < 0 {
		return 0
	}
	return atoi(ibanLengths[i+2 : i+4])
}

func validIBAN(s string) bool {
	if len(s) < 5 || len(s) != ibanLength(s[:2]) || !isDigits(s[2:4]) || strings.ToUpper(s) != s {
		return false
	}
	r, ok := mod97(s[4:] + s[:4])
	return ok && r == 1 && s[2:4] >= "02" && s[2:4] <= "98"
}

func makeIBAN(a *arguments) any {
	country, account := a.text(0), a.text(1)
	length := ibanLength(country)
	switch {
	case !a.ok():
		return nil
	case length == 0:
		return a.fail("country is not in the IBAN registry")
	case len(account) != length-4:
		return a.fail("account has not the length that the country's IBANs need")
	}
	r, ok := mod97(account + country + "00")
	if !ok || strings.ToUpper(account) != account {
		return a.fail("account is not made of digits and capital letters")
	}
	return fmt.Sprintf("%s%02d%s", country, 98-r, account)
}
