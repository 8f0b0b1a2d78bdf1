// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"testing"
)

func TestDecodeTolerant(t *testing.T) {
	c := compile(t, nested, Options{})
	for _, tt := range []struct{ text, json, bad, code string }{
		{"HH2101a202b03c99", `{"head":"HH","n":2,"grp":[{"k":1,"it":[{"amt":1,"tx":"a"}]},{"k":2,"it":[{"amt":2,"tx":"b"},{"amt":3,"tx":"c"}]}],"tail":99}`, "", ""},
		{"HH110!a9 ", `{"head":"HH","n":1,"grp":[{"k":1,"it":[{"amt":null,"tx":"a"}]}],"tail":null}`, "R.GRP(1).IT(1).AMT@4:f05a R.TAIL@7:f940 ", ""},
		{"HH099!!", `{"head":"HH","n":0,"grp":[],"tail":99}`, "R@5:5a5a ", ""},
		{"HH09", `{"head":"HH","n":0,"grp":[],"tail":null}`, "R.TAIL@3:f9 ", ""},
		{"HH9", "", "", "occurs"},
		{"HH!", "", "R.N@2:5a ", "counter"},
		{"HH3101a", "", "", "short"},
	} {
		js, bad, more, err := c.DecodeTolerant(nil, ebcdic(t, tt.text))
		list := ""
		for _, b := range bad {
			list += fmt.Sprintf("%s@%d:%x ", b.Field, b.Offset, b.Bytes)
		}
		if string(js) != tt.json || list != tt.bad || more != 0 || code(err) != tt.code {
			t.Errorf("%s: %s %s %v\nwant %s %s %s", tt.text, js, list, err, tt.json, tt.bad, tt.code)
		}
	}
	many := compile(t, "01 R.\n05 T OCCURS 1200 PIC 9.", Options{})
	_, bad, more, err := many.DecodeTolerant(nil, make([]byte, 1200))
	if err != nil || len(bad) != 1000 || more != 200 {
		t.Errorf("%d bad and %d more, %v", len(bad), more, err)
	}
	free := compile(t, "01 R.\n05 A PIC 9(2).\n05 B REDEFINES A PIC S9(3) COMP-3.", Options{})
	js, bad, _, err := free.DecodeTolerant(nil, unhex(t, "ffff"))
	if err != nil || string(js) != `{}` || len(bad) != 1 {
		t.Errorf("no alternative: %s %v %v", js, bad, err)
	}
}
