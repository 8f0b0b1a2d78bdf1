// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"strings"
	"testing"
	"time"

	"lintel/transforms"
)

// TestIBAN takes the example numbers of the IBAN registry.
func TestIBAN(t *testing.T) {
	for _, s := range []string{
		"AD1200012030200359100100", "AE070331234567890123456", "AT611904300234573201", "BE68539007547034", "BG80BNBG96611020345678",
		"BR1800360305000010009795493C1", "CH9300762011623852957", "CY17002001280000001200527600", "CZ6508000000192000145399", "DE89370400440532013000",
		"DK5000400440116243", "EE382200221020145685", "ES9121000418450200051332", "FI2112345600000785", "FR1420041010050500013M02606",
		"GB29NWBK60161331926819", "GI75NWBK000000007099453", "GR1601101250000000012300695", "HR1210010051863000160", "HU42117730161111101800000000",
		"IE29AIBK93115212345678", "IL620108000000099999999", "IS140159260076545510730339", "IT60X0542811101000000123456", "KZ86125KZT5004100100",
		"LI21088100002324013AA", "LT121000011101001000", "LU280019400644750000", "LV80BANK0000435195001", "MC5811222000010123456789030",
		"MT84MALT011000012345MTLCAST001S", "NL91ABNA0417164300", "NO9386011117947", "PL61109010140000071219812874", "PT50000201231234567890154",
		"RO49AAAA1B31007593840000", "SA0380000000608010167519", "SE4550000000058398257466", "SI56263300012039086", "SK3112000000198742637541",
		"SM86U0322509800000000270100", "TN5910006035183598478831", "TR330006100519786457841326", "VG96VPVG0000012345678901",
	} {
		if !validIBAN(s) {
			t.Errorf("%s is one", s)
		}
		a := newCall("iban(country, account) text", s[:2], s[4:])
		if got := makeIBAN(a); got != s {
			t.Errorf("%s is made as %v, %s", s, got, a.reason)
		}
		for i := range s {
			// Any other character at any place is found out.
			other := s[:i] + string('0'+(s[i]-'0'+1)%10) + s[i+1:]
			if s[i] >= '0' && s[i] <= '9' && validIBAN(other) {
				t.Errorf("%s is none", other)
			}
		}
	}
	for _, s := range []string{"", "DE", "DE8", "XX89370400440532013000", "de89370400440532013000", "DE8937040044053201300", "DE893704004405320130000", "DEA9370400440532013000"} {
		if validIBAN(s) {
			t.Errorf("%q is none", s)
		}
	}
}

// newCall makes the arguments of a call.
func newCall(signature string, values ...any) *arguments {
	name, params, _ := parseSignature(signature)
	return &arguments{name: name, params: params, values: values}
}

// TestRounding takes the table of java.math.RoundingMode.
func TestRounding(t *testing.T) {
	numbers := []string{"5.5", "2.5", "1.6", "1.1", "1.0", "-1.0", "-1.1", "-1.6", "-2.5", "-5.5"}
	for word, want := range map[string]string{
		"up":        "6 3 2 2 1 -1 -2 -2 -3 -6",
		"down":      "5 2 1 1 1 -1 -1 -1 -2 -5",
		"ceiling":   "6 3 2 2 1 -1 -1 -1 -2 -5",
		"floor":     "5 2 1 1 1 -1 -2 -2 -3 -6",
		"half up":   "6 3 2 1 1 -1 -1 -2 -3 -6",
		"half down": "5 2 2 1 1 -1 -1 -2 -2 -5",
		"half even": "6 2 2 1 1 -1 -1 -2 -2 -6",
		"exact":     "- - - - 1 -1 - - - -",
	} {
		c := &transforms.Compiler{Funcs: All()}
		var got []string
		for _, n := range numbers {
			s, err := c.Evaluate(`round(` + n + `, 0, "` + word + `")`)
			if err != nil {
				s = "-"
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", word, got, want)
		}
	}
}

// TestCalendar compares with the time package, over the ends of months and leap years.
func TestCalendar(t *testing.T) {
	c := &transforms.Compiler{Funcs: All()}
	for d := time.Date(1899, 12, 25, 0, 0, 0, 0, time.UTC); d.Year() < 1905; d = d.AddDate(0, 0, 13) {
		for expression, want := range map[string]string{
			`formatDate("` + d.Format(time.DateOnly) + `", "yyyyDDD")`:                   d.Format(`"2006002"`),
			`date("` + d.Format("2006002") + `", "yyyyDDD")`:                             d.Format(`"2006-01-02"`),
			`addDays("` + d.Format(time.DateOnly) + `", 400)`:                            d.AddDate(0, 0, 400).Format(`"2006-01-02"`),
			`date("` + d.Format("020106") + `", "ddMMyy", 1850)`:                         d.Format(`"2006-01-02"`),
			`formatDate(addDays("` + d.Format(time.DateOnly) + `", -400), "dd/MM/yyyy")`: d.AddDate(0, 0, -400).Format(`"02/01/2006"`),
		} {
			if expression == "" || d.Year() >= 1950 {
				continue
			}
			if got, err := c.Evaluate(expression); err != nil || got != want {
				t.Errorf("%s = %s, %v; want %s", expression, got, err, want)
			}
		}
	}
	for _, bad := range []string{`addDays("9999-12-31", 1)`, `addDays("0001-01-01", -1)`, `addMonths("9999-12-31", 1)`, `weekday("2023-02-29")`, `date("00000000", "yyyyMMdd")`} {
		if got, err := c.Evaluate(bad); err == nil {
			t.Errorf("%s = %s", bad, got)
		}
	}
}

// TestPictures lists what is no picture.
func TestPictures(t *testing.T) {
	for _, bad := range []string{"", "y", "yyyy", "yyyyMM", "yyyydd", "MMdd", "yyyyMMddDDD", "yyyyMMddyyyy", "ss", "HHss", "mmss", "HHmmSSS", "yyyymmdd", "yyyyMMddhh", "yyyyMMddTT", "yyyyMMdd\n", strings.Repeat("-", 80)} {
		if _, problem := parsePicture(bad); problem == "" && bad != "HH" {
			t.Errorf("%q is taken for a picture", bad)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, f := range All(Sample()) {
		if f.Name != "lookup" {
			continue
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.Call("currencies", "USD", "name"); err != nil {
				b.Fatal(err)
			}
		}
	}
}
