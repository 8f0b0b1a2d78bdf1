// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// handwritten is what a Go programmer would write by hand for the benchmark's one operation:
// net/http, encoding/json with a struct, a pool of TCP connections, and code for each field. It
// checks the lengths and digits it needs, and has no contract, breaker, metrics or log.
type handwritten struct {
	address string
	idle    chan net.Conn
}

type quote struct {
	Customer string      `json:"customer"`
	Name     string      `json:"name"`
	Street   string      `json:"street"`
	City     string      `json:"city"`
	Postcode string      `json:"postcode"`
	Country  string      `json:"country"`
	Product  string      `json:"product"`
	Tariff   int         `json:"tariff"`
	Sum      json.Number `json:"sum"`
	Premium  json.Number `json:"premium"`
	Discount json.Number `json:"discount"`
	Rate     json.Number `json:"rate"`
	Term     int         `json:"term"`
	Age      int         `json:"age"`
	Children int         `json:"children"`
	Smoker   string      `json:"smoker"`
	Risk     int         `json:"risk"`
	Channel  string      `json:"channel"`
	Agent    int         `json:"agent"`
	Note     string      `json:"note"`
}

const quoteSize = 210

var errDoesNotFit = errors.New("value does not fit")

func newHandwritten(address string) *handwritten {
	return &handwritten{address: address, idle: make(chan net.Conn, 256)}
}

func (h *handwritten) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/quotes" {
		http.NotFound(w, r)
		return
	}
	var q quote
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&q); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	frame := make([]byte, 4, 4+quoteSize)
	frame, err := q.encode(frame)
	if err != nil {
		http.Error(w, "unprocessable", http.StatusUnprocessableEntity)
		return
	}
	binary.BigEndian.PutUint32(frame, uint32(len(frame)))
	reply, err := h.exchange(frame)
	if err != nil {
		http.Error(w, "bad gateway", http.StatusBadGateway)
		return
	}
	var back quote
	if err := back.decode(reply); err != nil {
		http.Error(w, "bad gateway", http.StatusBadGateway)
		return
	}
	out, err := json.Marshal(&back)
	if err != nil {
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(out)))
	_, _ = w.Write(out)
}

func (h *handwritten) exchange(frame []byte) ([]byte, error) {
	var c net.Conn
	select {
	case c = <-h.idle:
	default:
		var err error
		if c, err = net.Dial("tcp", h.address); err != nil {
			return nil, err
		}
	}
	_ = c.SetDeadline(time.Now().Add(25 * time.Second))
	if _, err := c.Write(frame); err != nil {
		_ = c.Close()
		return nil, err
	}
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		_ = c.Close()
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(head[:])) - 4
	if n < 0 || n > 1<<20 {
		_ = c.Close()
		return nil, errDoesNotFit
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(c, body); err != nil {
		_ = c.Close()
		return nil, err
	}
	select {
	case h.idle <- c:
	default:
		_ = c.Close()
	}
	return body, nil
}

func (h *handwritten) close() {
	for {
		select {
		case c := <-h.idle:
			_ = c.Close()
		default:
			return
		}
	}
}

func (q *quote) encode(b []byte) ([]byte, error) {
	var err error
	text := func(s string, n int) {
		if len(s) > n {
			err = errDoesNotFit
			return
		}
		for i := range len(s) {
			if s[i] >= 0x80 {
				err = errDoesNotFit
				return
			}
			b = append(b, toEBCDIC[s[i]])
		}
		for range n - len(s) {
			b = append(b, 0x40)
		}
	}
	zoned := func(v, n int) {
		if v < 0 {
			err = errDoesNotFit
			return
		}
		at := len(b)
		for range n {
			b = append(b, 0)
		}
		for i := n - 1; i >= 0; i-- {
			b[at+i] = 0xF0 + byte(v%10)
			v /= 10
		}
		if v != 0 {
			err = errDoesNotFit
		}
	}
	packed := func(v int64, n int) {
		sign := byte(0x0C)
		if v < 0 {
			sign, v = 0x0D, -v
		}
		at := len(b)
		for range n {
			b = append(b, 0)
		}
		b[at+n-1] = byte(v%10)<<4 | sign
		v /= 10
		for i := n - 2; i >= 0; i-- {
			b[at+i] = byte(v%10) | byte(v/10%10)<<4
			v /= 100
		}
		if v != 0 {
			err = errDoesNotFit
		}
	}
	scaled := func(n json.Number, scale int) int64 {
		v, e := parseScaled(string(n), scale)
		if e != nil {
			err = e
		}
		return v
	}
	text(q.Customer, 10)
	text(q.Name, 30)
	text(q.Street, 30)
	text(q.City, 20)
	text(q.Postcode, 10)
	text(q.Country, 2)
	text(q.Product, 8)
	if q.Tariff < 0 || q.Tariff > 9999 {
		return nil, errDoesNotFit
	}
	b = binary.BigEndian.AppendUint16(b, uint16(q.Tariff))
	packed(scaled(q.Sum, 2), 6)
	packed(scaled(q.Premium, 2), 5)
	zoned(int(scaled(q.Discount, 1)), 3)
	rate := int(scaled(q.Rate, 3))
	zone := byte(0xC0)
	if rate < 0 {
		zone, rate = 0xD0, -rate
	}
	zoned(rate, 5)
	b[len(b)-1] = zone | b[len(b)-1]&0x0F
	zoned(q.Term, 2)
	zoned(q.Age, 3)
	zoned(q.Children, 2)
	text(q.Smoker, 1)
	if q.Risk < -99999999 || q.Risk > 99999999 {
		return nil, errDoesNotFit
	}
	b = binary.BigEndian.AppendUint32(b, uint32(int32(q.Risk)))
	text(q.Channel, 4)
	zoned(q.Agent, 8)
	text(q.Note, 20)
	text("", 25)
	return b, err
}

// parseScaled reads a decimal with at most scale decimals as an integer of that scale.
func parseScaled(s string, scale int) (int64, error) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > scale {
		return 0, errDoesNotFit
	}
	for len(frac) < scale {
		frac += "0"
	}
	return strconv.ParseInt(whole+frac, 10, 64)
}

func (q *quote) decode(b []byte) error {
	if len(b) < quoteSize-25 {
		return errDoesNotFit
	}
	var err error
	text := func(n int) string {
		raw := b[:n]
		b = b[n:]
		for len(raw) > 0 && raw[len(raw)-1] == 0x40 {
			raw = raw[:len(raw)-1]
		}
		out := make([]byte, len(raw))
		for i, c := range raw {
			out[i] = fromEBCDIC[c]
		}
		return string(out)
	}
	zoned := func(n int) int {
		v := 0
		for i, c := range b[:n] {
			d := int(c & 0x0F)
			if d > 9 || c < 0xC0 || i < n-1 && c < 0xF0 {
				err = errDoesNotFit
			}
			v = v*10 + d
		}
		if b[n-1]&0xF0 == 0xD0 {
			v = -v
		}
		b = b[n:]
		return v
	}
	packed := func(n int) int64 {
		var v int64
		for i, c := range b[:n] {
			hi, lo := int64(c>>4), int64(c&0x0F)
			if hi > 9 || i < n-1 && lo > 9 {
				err = errDoesNotFit
			}
			v = v*10 + hi
			if i < n-1 {
				v = v*10 + lo
			}
		}
		if b[n-1]&0x0F == 0x0D {
			v = -v
		}
		b = b[n:]
		return v
	}
	q.Customer, q.Name, q.Street, q.City, q.Postcode = text(10), text(30), text(30), text(20), text(10)
	q.Country, q.Product = text(2), text(8)
	q.Tariff = int(binary.BigEndian.Uint16(b))
	b = b[2:]
	q.Sum, q.Premium = formatScaled(packed(6), 2), formatScaled(packed(5), 2)
	q.Discount, q.Rate = formatScaled(int64(zoned(3)), 1), formatScaled(int64(zoned(5)), 3)
	q.Term, q.Age, q.Children = zoned(2), zoned(3), zoned(2)
	q.Smoker = text(1)
	q.Risk = int(int32(binary.BigEndian.Uint32(b)))
	b = b[4:]
	q.Channel = text(4)
	q.Agent = zoned(8)
	q.Note = text(20)
	return err
}

func formatScaled(v int64, scale int) json.Number {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	s := strconv.FormatInt(v, 10)
	for len(s) <= scale {
		s = "0" + s
	}
	return json.Number(sign + s[:len(s)-scale] + "." + s[len(s)-scale:])
}

// toEBCDIC and fromEBCDIC are code page 037 for the characters of ASCII.
var toEBCDIC, fromEBCDIC = ebcdicTables()

func ebcdicTables() (to [128]byte, from [256]byte) {
	const rows = "" +
		"\x40 \x4B.\x4C<\x4D(\x4E+\x4F|\x50&\x5A!\x5B$\x5C*\x5D)\x5E;\x60-\x61/\x6B,\x6C%\x6D_\x6E>\x6F?\x79`\x7A:\x7B#\x7C@\x7D'\x7E=\x7F\""
	for i := 0; i < len(rows); i += 2 {
		to[rows[i+1]], from[rows[i]] = rows[i], rows[i+1]
	}
	run := func(first byte, chars string) {
		for i := range len(chars) {
			to[chars[i]], from[first+byte(i)] = first+byte(i), chars[i]
		}
	}
	run(0x81, "abcdefghi")
	run(0x91, "jklmnopqr")
	run(0xA2, "stuvwxyz")
	run(0xC1, "ABCDEFGHI")
	run(0xD1, "JKLMNOPQR")
	run(0xE2, "STUVWXYZ")
	run(0xF0, "0123456789")
	return to, from
}
