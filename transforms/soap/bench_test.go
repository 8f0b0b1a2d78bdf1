// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"lintel/transforms"
)

// claimXML is what somebody writes by hand to read the reply with encoding/xml.
type claimXML struct {
	Body struct {
		Response struct {
			Claim struct {
				Version  int    `xml:"version,attr"`
				ClaimID  string `xml:"ClaimID"`
				Status   string `xml:"Status"`
				Reported string `xml:"Reported"`
				Claimant struct {
					Type string `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
					Name string `xml:"Name"`
					Born string `xml:"Born"`
				} `xml:"Claimant"`
				Vehicle *struct {
					Plate string `xml:"Plate"`
				} `xml:"Vehicle"`
				Payment []struct {
					On     string `xml:"On"`
					Amount struct {
						Currency string `xml:"currency,attr"`
						Value    string `xml:",chardata"`
					} `xml:"Amount"`
				} `xml:"Payment"`
				Remark string `xml:"Remark"`
				Tags   string `xml:"Tags"`
			} `xml:"Claim"`
		} `xml:"GetClaimResponse"`
	} `xml:"Body"`
}

// claimReplyOf is a reply with so many payments.
func claimReplyOf(t testing.TB, payments int) (f *Format, msg []byte) {
	t.Helper()
	f = claimReply(t)
	var list strings.Builder
	for i := range payments {
		if i > 0 {
			list.WriteByte(',')
		}
		fmt.Fprintf(&list, `{"on":"2026-01-%02d","amount":{"currency":"EUR","value":%d.50}}`, 1+i%28, 100+i)
	}
	json := strings.Replace(claimJSON, `[{"on":"2026-01-03","amount":{"currency":"EUR","value":1200.50}}]`, "["+list.String()+"]", 1)
	msg, err := f.EncodeJSON(nil, []byte(json))
	if err != nil {
		t.Fatal(err)
	}
	return f, msg
}

// BenchmarkReader reads replies of 2 and 5 kB, all values captured, turn by turn with encoding/xml into
// structs: ratio is the time of this package over that of encoding/xml.
func BenchmarkReader(b *testing.B) {
	for _, payments := range []int{10, 32} {
		f, msg := claimReplyOf(b, payments)
		b.Run(fmt.Sprintf("%d", len(msg)), func(b *testing.B) {
			wanted := everything(f.typ, 4)
			r, _ := f.Reader(wanted)
			var slots transforms.Slots
			var ours, theirs time.Duration
			b.ReportAllocs()
			b.SetBytes(int64(len(msg)))
			for b.Loop() {
				start := time.Now()
				for range 10 {
					slots.Reset(wanted.Size)
					if err := r.Read(msg, &slots, 0); err != nil {
						b.Fatal(err)
					}
				}
				ours += time.Since(start)
				b.StopTimer()
				start = time.Now()
				for range 10 {
					var c claimXML
					if err := xml.Unmarshal(msg, &c); err != nil || len(c.Body.Response.Claim.Payment) != payments {
						b.Fatal(err)
					}
				}
				theirs += time.Since(start)
				b.StartTimer()
			}
			b.ReportMetric(float64(ours)/float64(theirs), "ratio")
		})
	}
}

// TestAllocations: what reading allocates does not depend on the size of the message.
func TestAllocations(t *testing.T) {
	count := func(payments int) float64 {
		f, msg := claimReplyOf(t, payments)
		wanted := everything(f.typ, 4)
		r, _ := f.Reader(wanted)
		var slots transforms.Slots
		return testing.AllocsPerRun(200, func() {
			slots.Reset(wanted.Size)
			if err := r.Read(msg, &slots, 0); err != nil {
				t.Fatal(err)
			}
		})
	}
	few, many := count(2), count(200)
	if many > few+1 || many > 6 {
		t.Errorf("%v allocations for 2 payments, %v for 200", few, many)
	}
}
