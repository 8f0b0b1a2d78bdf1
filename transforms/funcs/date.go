// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lintel/transforms"
)

// maxDays bounds how far a date can be moved: further than all years there are.
const maxDays = 4_000_000

// secondsPerDay is exact: days are taken as UTC has them, without leap seconds.
const secondsPerDay = 24 * 60 * 60

const isoDate = "yyyy-MM-dd"

func dateFuncs() []transforms.Func {
	out := slices.Concat(readDateFuncs(), writeDateFuncs(), calendarFuncs())
	for i := range out {
		if strings.Contains(out[i].Signature, "picture") {
			out[i] = checksPicture(out[i])
		}
	}
	return out
}

// checksPicture has a function check at load what a picture that is written out asks for.
func checksPicture(f transforms.Func) transforms.Func {
	before := f.Check
	f.Check = func(args []transforms.FuncArg) *transforms.FuncMistake {
		if m := before(args); m != nil || len(args) < 2 || !args[1].Known {
			return m
		}
		text, _ := args[1].Value.(string)
		p, problem := parsePicture(text)
		if problem != "" {
			return nil
		}
		wrong := func(message, hint string) *transforms.FuncMistake {
			return &transforms.FuncMistake{Arg: 1, Message: f.Name + ": " + message, Hint: hint}
		}
		switch {
		case !fitsPicture(f.Name, p):
			return wrong("picture has other parts than a "+f.Name, "date reads a day, time a time of day, dateTime both")
		case p.short && !strings.Contains(f.Signature, "century"):
			return wrong("yy cannot be used here", "write yyyy")
		case p.short && len(args) < 3:
			return wrong("century is absent, and the picture has yy", "add the first of the hundred years that are meant: "+f.Name+"(..., \""+text+"\", 1950)")
		}
		return nil
	}
	return f
}

// fitsPicture tells that the picture has the parts that the function of that name gives.
func fitsPicture(name string, p picture) bool {
	switch name {
	case "date":
		return p.date && !p.clock
	case "time":
		return p.clock && !p.date
	case "dateTime":
		return p.date && p.clock
	}
	return true
}

const pictureDoc = "A picture is made of yyyy, yy, MM, dd, DDD (day of the year), HH, mm, ss, S (one to nine digits of a second) and separators. " +
	"With yy, century says which years are meant: it is the first of the hundred."

func readDateFuncs() []transforms.Func {
	return []transforms.Func{
		define("dates", "date(text, picture, century?: integer) text",
			"Reads a day by its picture and gives it as yyyy-MM-dd. "+pictureDoc,
			func(a *arguments) any { return convert(a, isoDate) },
			gives(`date("20240131", "yyyyMMdd")`, `"2024-01-31"`), gives(`date("31.01.2024", "dd.MM.yyyy")`, `"2024-01-31"`),
			gives(`date("24060", "yyDDD", 1950)`, `"2024-02-29"`), gives(`date("500131", "yyMMdd", 1950)`, `"1950-01-31"`),
			fails(`date("20240231", "yyyyMMdd")`, "no date"), fails(`date("240131", "yyMMdd")`, "century is absent")),
		define("dates", "time(text, picture) text",
			"Reads a time of day by its picture and gives it as HH:mm:ss.",
			func(a *arguments) any { return convert(a, "HH:mm:ss") },
			gives(`time("142503", "HHmmss")`, `"14:25:03"`), gives(`time("1425", "HHmm")`, `"14:25:00"`), fails(`time("256000", "HHmmss")`, "no time")),
		define("dates", "dateTime(text, picture, century?: integer) text",
			"Reads a day with a time of day by their picture and gives them as yyyy-MM-ddTHH:mm:ss, with the parts of a second that the picture has. It knows nothing of time zones.",
			func(a *arguments) any { return convert(a, "yyyy-MM-ddTHH:mm:ss") },
			gives(`dateTime("20240131142503", "yyyyMMddHHmmss")`, `"2024-01-31T14:25:03"`),
			gives(`dateTime("2024-01-31-14.25.03.123456", "yyyy-MM-dd-HH.mm.ss.SSSSSS")`, `"2024-01-31T14:25:03.123456"`)),
		define("dates", "isDate(text, picture, century?: integer) boolean",
			"Tells whether the text is a day or time by the picture.",
			func(a *arguments) any {
				p, century := a.picture(1, 2)
				_, ok := p.read(a.text(0), century)
				return ok
			},
			gives(`isDate("20240230", "yyyyMMdd")`, `false`), gives(`isDate("2024366", "yyyyDDD")`, `true`)),
	}
}

func writeDateFuncs() []transforms.Func {
	return []transforms.Func{
		define("dates", "formatDate(date, picture, century?: integer) text",
			"Writes a day (yyyy-MM-dd), a time (HH:mm:ss) or both (yyyy-MM-ddTHH:mm:ss, with or without a zone, which is dropped) by a picture. "+
				"It fails when the picture asks for what the value does not have, or has no room for parts of a second.",
			formatDate,
			gives(`formatDate("2024-01-31", "yyyyMMdd")`, `"20240131"`), gives(`formatDate("2024-02-29", "yyyyDDD")`, `"2024060"`),
			gives(`formatDate("2024-01-31T14:25:03.000Z", "yyMMddHHmmss", 1950)`, `"240131142503"`),
			gives(`formatDate("14:25:03", "HHmmss")`, `"142503"`),
			fails(`formatDate("2024-01-31", "HHmm")`, "no time of day"), fails(`formatDate("1949-12-31", "yyMMdd", 1950)`, "outside")),
		define("dates", "atOffset(dateTime, offset) text",
			"Gives the day and time of a moment (as exchange.time is) at an offset from UTC: Z, +01:00. Daylight saving is not known to it.",
			atOffset,
			gives(`atOffset("2024-01-31T23:30:00.000Z", "+01:00")`, `"2024-02-01T00:30:00.000+01:00"`)),
	}
}

func calendarFuncs() []transforms.Func {
	return []transforms.Func{
		define("dates", "addDays(date, days: integer) text", "Moves a day (yyyy-MM-dd) by a number of days, back if it is negative.",
			func(a *arguments) any {
				return a.day(a.date(0).AddDate(0, 0, a.integer(1, -maxDays, maxDays)))
			},
			gives(`addDays("2024-02-28", 2)`, `"2024-03-01"`), gives(`addDays("2024-01-01", -1)`, `"2023-12-31"`)),
		define("dates", "addMonths(date, months: integer) text",
			"Moves a day by a number of months. Where the month is shorter, it is the month's last day.",
			func(a *arguments) any {
				d, n := a.date(0), a.integer(1, -120_000, 120_000)
				first := time.Date(d.Year(), d.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
				last := first.AddDate(0, 1, -1).Day()
				return a.day(first.AddDate(0, 0, min(d.Day(), last)-1))
			},
			gives(`addMonths("2024-01-31", 1)`, `"2024-02-29"`), gives(`addMonths("2024-03-15", -12)`, `"2023-03-15"`)),
		define("dates", "daysBetween(from, to) integer", "Counts the days from one day to another; negative if the second is earlier.",
			func(a *arguments) any { return int((a.date(1).Unix() - a.date(0).Unix()) / secondsPerDay) },
			gives(`daysBetween("2024-02-01", "2024-03-01")`, `29`), gives(`daysBetween("2024-03-01", "2024-02-29")`, `-1`),
			gives(`daysBetween("0001-01-01", "9999-12-31")`, `3652058`)),
		define("dates", "weekday(date) integer", "Gives the day of the week: 1 is Monday, 7 is Sunday.",
			func(a *arguments) any { return (int(a.date(0).Weekday())+6)%7 + 1 },
			gives(`weekday("2024-02-29")`, `4`)),
		define("dates", "monthEnd(date) text", "Gives the last day of the month of a day.",
			func(a *arguments) any {
				d := a.date(0)
				return a.day(time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC))
			},
			gives(`monthEnd("2023-02-10")`, `"2023-02-28"`)),
	}
}

// picture gives the picture of one argument and the century of another.
func (a *arguments) picture(i, century int) (picture, int) {
	p, problem := parsePicture(a.text(i))
	first := 0
	if a.ok() && problem != "" {
		a.fail(problem)
	}
	if p.short && a.ok() {
		if century >= len(a.params) {
			a.fail("yy cannot be used here")
			return p, 0
		}
		first = a.integer(century, 1, 9900)
	}
	return p, first
}

// convert reads the first argument by the picture in the second and writes it as to says.
func convert(a *arguments, to string) any {
	p, century := a.picture(1, 2)
	out, _ := parsePicture(to)
	m, ok := p.read(a.text(0), century)
	what := "time"
	if out.date {
		what = "date"
	}
	if a.ok() && !ok {
		return a.fail("text is no " + what + " by its picture")
	}
	if a.ok() && (out.date != p.date || out.clock != p.clock) {
		return a.fail("picture has other parts than a " + a.name)
	}
	text, problem := out.write(m, 0)
	if a.ok() && problem != "" {
		return a.fail(problem)
	}
	if out.clock && m.fraction != "" {
		text += "." + m.fraction
	}
	return text
}

func formatDate(a *arguments) any {
	p, century := a.picture(1, 2)
	m, ok := parseISO(a.text(0))
	switch {
	case !a.ok():
		return nil
	case !ok:
		return a.fail("date is none of yyyy-MM-dd, HH:mm:ss and yyyy-MM-ddTHH:mm:ss")
	case p.lost(m):
		return a.fail("picture has no room for the parts of a second")
	}
	text, problem := p.write(m, century)
	if problem != "" {
		return a.fail(problem)
	}
	return text
}

// parseISO reads a day, a time of day, or both in the form of RFC 3339; a zone is dropped.
func parseISO(s string) (moment, bool) {
	s, _ = cutZone(s)
	layout := isoDate
	switch {
	case len(s) > 10:
		layout = "yyyy-MM-ddTHH:mm:ss"
	case len(s) > 2 && s[2] == ':':
		layout = "HH:mm:ss"
	}
	s, fraction, dotted := strings.Cut(s, ".")
	if dotted && (!isDigits(fraction) || len(fraction) > 9 || layout == isoDate) {
		return moment{}, false
	}
	p, _ := parsePicture(layout)
	m, ok := p.read(s, 0)
	m.fraction = fraction
	return m, ok
}

// cutZone takes Z or an offset from the end of a day with a time.
func cutZone(s string) (rest string, minutes int) {
	if rest, ok := strings.CutSuffix(s, "Z"); ok {
		return rest, 0
	}
	if len(s) > 16 {
		if minutes, ok := parseOffset(s[len(s)-6:]); ok {
			return s[:len(s)-6], minutes
		}
	}
	return s, 0
}

// parseOffset reads Z, +hh:mm or -hh:mm as minutes.
func parseOffset(s string) (int, bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' || !isDigits(s[1:3]) || !isDigits(s[4:]) {
		return 0, false
	}
	hours, minutes := atoi(s[1:3]), atoi(s[4:])
	total := 60*hours + minutes
	if s[0] == '-' {
		total = -total
	}
	return total, hours <= 14 && minutes < 60
}

func checkOffset(value any) (string, string) {
	s, isText := value.(string)
	if _, ok := parseOffset(s); isText && !ok {
		return fmt.Sprintf("%q is no offset", s), "write Z or an offset such as +01:00"
	}
	return "", ""
}

func atOffset(a *arguments) any {
	text, offset := a.text(0), a.text(1)
	to, ok := parseOffset(offset)
	if a.ok() && !ok {
		return a.fail("offset is none")
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if !a.ok() || err != nil {
		return a.fail("dateTime is no moment with a zone")
	}
	_, fraction, _ := strings.Cut(text[:len(text)-len(zoneOf(text))], ".")
	if fraction != "" {
		fraction = "." + fraction
	}
	t = t.UTC().Add(time.Duration(to) * time.Minute)
	if t.Year() < 1 || t.Year() > 9999 {
		return a.fail("result is outside of the years 1 to 9999")
	}
	return t.Format("2006-01-02T15:04:05") + fraction + offset
}

// zoneOf gives the end of a moment: Z or an offset.
func zoneOf(s string) string {
	if strings.HasSuffix(s, "Z") {
		return "Z"
	}
	return s[len(s)-6:]
}

// date reads a day, or the day of a moment, as midnight UTC.
func (a *arguments) date(i int) time.Time {
	s := a.text(i)
	m, ok := parseISO(s)
	if a.ok() && (!ok || !m.hasDay) {
		a.fail(a.params[i].name + " is no day in the form yyyy-MM-dd")
	}
	return m.day
}

// day writes a day.
func (a *arguments) day(t time.Time) any {
	if a.ok() && (t.Year() < 1 || t.Year() > 9999) {
		return a.fail("result is outside of the years 1 to 9999")
	}
	return t.Format(time.DateOnly)
}
