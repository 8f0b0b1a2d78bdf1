// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"lintel/specs"
)

const (
	mediaJSON    = "application/json"
	mediaProblem = "application/problem+json"
)

// mediaPlan says in which media types an operation answers.
type mediaPlan struct {
	// byStatus are its responses: exact statuses, then classes, then the default.
	byStatus []statusMedia
	// offers are the media types of success, in the order of the contract; none where it has no body.
	offers []string
}

// statusMedia is how the responses with a status are sent.
type statusMedia struct {
	from, to int
	answerForm
}

func compileMedia(op *specs.Operation) mediaPlan {
	var m mediaPlan
	for _, r := range op.Responses {
		s := statusMedia{answerForm: compileAnswer(r)}
		switch n, err := strconv.Atoi(r.Status); {
		case err == nil:
			s.from, s.to = n, n
		case strings.HasSuffix(r.Status, "XX"):
			s.from = int(r.Status[0]-'0') * 100
			s.to = s.from + 99
		default:
			s.from, s.to = 0, 999
		}
		if len(s.types) == 0 {
			continue
		}
		m.byStatus = append(m.byStatus, s)
		if s.from < 300 && s.to >= 200 {
			for _, t := range s.types {
				if !slices.Contains(m.offers, t.media) {
					m.offers = append(m.offers, t.media)
				}
			}
		}
	}
	slices.SortStableFunc(m.byStatus, func(a, b statusMedia) int { return (a.to - a.from) - (b.to - b.from) })
	return m
}

// acceptable refuses a call whose caller takes no answer that there could be, before anything is done.
// Who takes problems gets the answer nevertheless: RFC 9110, 12.5.1 leaves that to the server.
func (c *call) acceptable() error {
	accept, offers := c.r.Header["Accept"], c.route.media.offers
	if len(offers) == 0 || takesAll(accept, offers[0]) {
		return nil
	}
	ranges := acceptRanges(accept)
	if len(ranges) == 0 || weigh(ranges, mediaProblem) > 0 {
		return nil
	}
	for _, offer := range offers {
		if weigh(ranges, offer) > 0 {
			return nil
		}
	}
	return &fault{kind: kindNotAcceptable, detail: "The answer can only be " + strings.Join(offers, " or ") + "."}
}

// takesAll tells without a closer look that a caller takes what comes first.
func takesAll(accept []string, offer string) bool {
	return len(accept) == 0 || len(accept) == 1 && (accept[0] == "*/*" || accept[0] == offer)
}

// contentType sets the media type of an answer with a body.
func (c *call) contentType(h http.Header, form *answerForm, body []byte) {
	if form == nil {
		h["Content-Type"] = contentJSON[:]
		return
	}
	types, best := form.types, 0
	if len(types) > 1 {
		h["Vary"] = append(h["Vary"][:len(h["Vary"]):len(h["Vary"])], "Accept")
		if accept := c.r.Header["Accept"]; !takesAll(accept, types[0].media) {
			ranges, most := acceptRanges(accept), 0
			for i := range types {
				if q := weigh(ranges, types[i].media); q > most {
					best, most = i, q
				}
			}
		}
	}
	h["Content-Type"] = types[best].header[:]
	if form.kind == specs.MediaMultipart {
		h["Content-Type"] = []string{types[best].media + `; boundary="` + boundaryOf(body) + `"`}
	}
}

// of is how an answer with a status is sent; nil where the contract names no media type for it.
func (m *mediaPlan) of(status int) *answerForm {
	for i := range m.byStatus {
		if s := &m.byStatus[i]; s.from <= status && status <= s.to {
			return &s.answerForm
		}
	}
	return nil
}

// acceptRange is one media range of Accept with its weight in thousandths.
type acceptRange struct {
	media  string
	weight int
}

// acceptRanges reads Accept (RFC 9110, 12.5.1). Parameters other than q are not looked at: JSON has none.
// What cannot be read is left out.
func acceptRanges(accept []string) []acceptRange {
	var out []acceptRange
	for _, header := range accept {
		for item := range strings.SplitSeq(header, ",") {
			media, params, _ := strings.Cut(item, ";")
			media = strings.ToLower(strings.TrimSpace(media))
			kind, sub, ok := strings.Cut(media, "/")
			weight := acceptWeight(params)
			if !ok || kind == "" || sub == "" || weight < 0 {
				continue
			}
			out = append(out, acceptRange{media, weight})
		}
	}
	return out
}

// acceptWeight reads the weight among parameters: 1000 without one, -1 if it cannot be read.
func acceptWeight(params string) int {
	for p := range strings.SplitSeq(params, ";") {
		if name, text, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(name, "q") {
			whole, part, _ := strings.Cut(text, ".")
			if len(whole) != 1 || len(part) > 3 {
				return -1
			}
			n, err := strconv.ParseUint(whole+part+"000"[len(part):], 10, 16)
			if err != nil || n > 1000 {
				return -1
			}
			return int(n)
		}
	}
	return 1000
}

// weigh gives the weight of a media type: that of the most specific range that has it.
func weigh(ranges []acceptRange, media string) int {
	kind, _, _ := strings.Cut(media, "/")
	weight, rank := 0, 0
	for _, r := range ranges {
		fits := 0
		switch {
		case r.media == media:
			fits = 3
		case strings.HasSuffix(r.media, "/*") && r.media[:len(r.media)-2] == kind:
			fits = 2
		case r.media == "*/*":
			fits = 1
		}
		if fits > rank || fits > 0 && fits == rank && r.weight > weight {
			weight, rank = r.weight, fits
		}
	}
	return weight
}
