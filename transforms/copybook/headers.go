// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"lintel/specs"
)

// header reads a sentence that does not begin with a level number: the headers of a program fragment are
// skipped, everything else is refused. It reports whether reading goes on.
func (p *parser) header(ws []token) bool {
	t := &ws[0]
	second := ""
	if len(ws) > 1 {
		second = ws[1].upper
	}
	switch {
	case second == "DIVISION" && t.is("PROCEDURE"):
		p.warnAt(codeProcedure, t.pos(), "the text from PROCEDURE DIVISION on is not read", "keep only the data descriptions in the copybook")
		return false
	case second == "DIVISION" && (t.is("IDENTIFICATION") || t.is("ID") || t.is("ENVIRONMENT") || t.is("DATA")):
		p.inIdentification = !t.is("DATA")
	case second == "SECTION" && (t.is("FILE") || t.is("WORKING-STORAGE") || t.is("LOCAL-STORAGE") || t.is("LINKAGE") ||
		t.is("CONFIGURATION") || t.is("INPUT-OUTPUT")):
	case t.is("FD"), t.is("SD"):
		p.inIdentification = false
	case t.is("PROGRAM-ID"), t.is("AUTHOR"), t.is("INSTALLATION"), t.is("DATE-WRITTEN"), t.is("DATE-COMPILED"), t.is("SECURITY"),
		t.is("SOURCE-COMPUTER"), t.is("OBJECT-COMPUTER"), t.is("FILE-CONTROL"), t.is("I-O-CONTROL"), t.is("SELECT"), t.is("REPOSITORY"):
		p.inIdentification = true
	case t.is("SPECIAL-NAMES"), t.is("DECIMAL-POINT"), t.is("CURRENCY"):
		p.specialNames(ws)
	case second == "SECTION" && (t.is("REPORT") || t.is("SCREEN") || t.is("COMMUNICATION")), t.is("RD"), t.is("CD"):
		p.errorAt(codeDivision, t.pos(), fmt.Sprintf("%s describes no record", t.upper), "keep only the data descriptions in the copybook")
		return false
	case len(ws) == 1 && (t.is("EJECT") || t.is("SKIP1") || t.is("SKIP2") || t.is("SKIP3")):
	case p.plainParagraph(t):
	default:
		p.errorAt(codeEntry, t.pos(), fmt.Sprintf("an entry must begin with a level number, not with %s", describe(t)),
			"check the format and the margins; every entry begins with a level number and ends with a period")
	}
	return true
}

// plainParagraph accepts the text behind PROGRAM-ID. and AUTHOR. and the like, which is an entry of its own: one word or two that
// stand where no entry was seen before.
func (p *parser) plainParagraph(t *token) bool {
	return len(p.entries) == 0 && p.inIdentification && t.kind == word
}

// specialNames honors what changes the meaning of pictures and literals.
func (p *parser) specialNames(ws []token) {
	for i := range ws {
		switch {
		case ws[i].is("COMMA") && i > 0 && (ws[i-1].is("IS") || ws[i-1].is("DECIMAL-POINT")):
			p.o.DecimalComma = true
		case ws[i].is("CURRENCY"):
			p.currency(ws[i+1:])
		}
	}
}

func (p *parser) currency(ws []token) {
	for i := range ws {
		t := &ws[i]
		if t.kind == literal {
			if i+1 < len(ws) && (ws[i+1].is("PICTURE") || ws[i+1].is("WITH")) {
				p.errorAt(codeUnsupported, ws[i+1].pos(), "a currency sign with a picture symbol of its own is not supported", "edit such fields as text (PIC X)")
				return
			}
			if p.checkCurrency(t.text, t.pos()) {
				p.o.Currency = strings.ToUpper(t.text)
			}
			return
		}
		if !t.is("SIGN") && !t.is("IS") {
			break
		}
	}
}

// checkCurrency refuses currency signs that could not be told from other picture symbols.
func (p *parser) checkCurrency(sign string, pos specs.Pos) bool {
	if utf8.RuneCountInString(sign) == 1 && !strings.ContainsAny(strings.ToUpper(sign), "0123456789ABCDEGNPRSUVXZ*+-/,.;()\"=' ") {
		return true
	}
	p.errorAt(codeCurrency, pos, fmt.Sprintf("%q cannot be a currency sign", clip(sign)), "a currency sign is one character that is no other symbol of pictures")
	return false
}
