// SPDX-License-Identifier: Apache-2.0

package copybook

import "lintel/specs"

// Rules lists every finding code of this package with its cause and its cure.
func Rules() []specs.Rule {
	var out []specs.Rule
	for _, part := range [][]specs.Rule{sourceRules(), copyRules(), entryRules(), pictureRulesList(), structureRules()} {
		out = append(out, part...)
	}
	return out
}

// withHints gives findings without a hint of their own the cure of their rule.
func withHints(found specs.Findings) specs.Findings {
	var cures map[string]string
	for i := range found {
		if found[i].Hint != "" {
			continue
		}
		if cures == nil {
			cures = map[string]string{}
			for _, r := range Rules() {
				cures[r.Code] = r.Cure
			}
		}
		found[i].Hint = cures[found[i].Code]
	}
	return found
}

func sourceRules() []specs.Rule {
	return []specs.Rule{
		{Code: codeFileSize, Title: "copybook too large", Cause: "A copybook, the first or a copied one, has more bytes than the limit of file size.", Cure: "Copy only the record that is needed, or raise the limit."},
		{Code: codeNotText, Title: "copybook is not ASCII text", Cause: "The bytes look like EBCDIC: blanks are X'40'.", Cure: "Set the encoding of the copybook, for example cp037, or transfer it as text."},
		{Code: codeDecode, Title: "copybook does not fit its encoding", Cause: "An encoding is set for copybooks, and the bytes are not valid in it.", Cure: "Set the encoding the file really has."},
		{Code: codeFormat, Title: "fixed or free format", Cause: "The format is found automatically, and some lines look like fixed form while others look like free form.", Cure: "Set the format to fixed or free. If the book is shifted by a column, set its margins."},
		{Code: codeIndicator, Title: "unknown indicator", Cause: "In fixed form the indicator column (7) holds something other than a blank, * / - D or $.", Cure: "Set the left margin if the book is shifted, or free format."},
		{Code: codeOpenLiteral, Title: "literal not closed", Cause: "A literal has no closing quote on its line, and the next line does not continue it.", Cure: "Close the quote, or continue the literal with - in the indicator column."},
		{Code: codeContinuation, Title: "wrong continuation", Cause: "A line with - in the indicator column is empty, or does not begin with the quote of the literal it continues.", Cure: "Begin the continuation of a literal with its quote; remove empty continuation lines."},
		{Code: codeConditional, Title: "conditional compilation", Cause: "The book holds >>IF, >>EVALUATE, >>DEFINE, $IF or the like, which decide what belongs to it.", Cure: "Keep the lines that apply to the host and remove the directives."},
		{Code: codeCharacter, Title: "control character", Cause: "A control character stands in the text.", Cure: "Remove it, or set the encoding of the book."},
		{Code: codeAfterEnd, Title: "text behind the end of the file", Cause: "Text follows the end-of-file mark Ctrl-Z (X'1A').", Cure: "Remove the mark, or what follows it."},
		{Code: codeNotUTF8, Title: "character is not UTF-8", Cause: "A byte is no UTF-8 and was read as ISO 8859-1. Reported once a file. Only literals and comments can be affected.", Cure: "Save the book as UTF-8, or set its encoding."},
		{Code: codeBeyondMargin, Title: "code behind the right margin", Cause: "In fixed form, text behind column 72 is not read, but this text looks like a part of an entry.", Cure: "Move it to the left, or set the right margin or free format."},
		{Code: codeSequenceArea, Title: "code in the sequence area", Cause: "In fixed form, columns 1 to 6 are not read, but a level number stands there.", Cure: "Set free format, or the left margin if the book is shifted."},
		{Code: codeDebugLine, Title: "debugging line skipped", Cause: "A line with D in the indicator column, or >>D, is a comment unless the program is compiled for debugging.", Cure: "If the line belongs to the record, take away the D."},
		{Code: codeEmpty, Title: "no entry in the book", Cause: "The book holds no data description entry at all.", Cure: "Check that the file is a copybook, and its format."},
		{Code: codeHexLiteral, Title: "wrong hexadecimal literal", Cause: "A literal X'..', NX'..' or the like holds other characters than hexadecimal digits, or not whole bytes.", Cure: "Write two digits a byte, four a national character."},
		{Code: codeCurrency, Title: "wrong currency sign", Cause: "CURRENCY SIGN, or the option for it, is not one character, or one that means something else in pictures.", Cure: "Use one character that is no other symbol of pictures."},
		{Code: codeMargins, Title: "wrong margins", Cause: "The right margin is not right of the indicator column.", Cure: "Correct the margins that are set for copybooks."},
		{Code: codeProcedure, Title: "program text skipped", Cause: "The book goes on with PROCEDURE DIVISION; nothing from there on is read.", Cure: "Keep only the data descriptions in the copybook."},
		{Code: CodeMore, Title: "more findings", Cause: "A book gives more errors, or more warnings, than are listed; the rest is counted.", Cure: "Cure the first ones. If nearly every line has a finding, check the format, the margins and the encoding of the book."},
	}
}

func copyRules() []specs.Rule {
	return []specs.Rule{
		{Code: codeCopySyntax, Title: "wrong COPY statement", Cause: "COPY has no name, no period, or something that does not belong to it; or EXEC has no END-EXEC.", Cure: "Write COPY name, then REPLACING if needed, then a period."},
		{Code: codeCopyNotFound, Title: "copied book not found", Cause: "COPY names a book that is neither beside the copying book nor on the search path.", Cure: "Put the book there, or add its folder to the search path."},
		{Code: codeCopyCycle, Title: "book copies itself", Cause: "A book copies itself, directly or through others.", Cure: "Remove the COPY that closes the circle."},
		{Code: codeCopyDepth, Title: "COPY nested too deep", Cause: "Copied books copy others, deeper than the limit of copy depth.", Cure: "Raise the limit if that is meant."},
		{Code: codeCopyRead, Title: "copied book cannot be read", Cause: "The file was found, but reading it failed.", Cure: "Check the file and its permissions."},
		{Code: codeReplaceSyntax, Title: "wrong REPLACING", Cause: "REPLACING or REPLACE is not made of pairs ==old== BY ==new==, the text to replace is empty, or LEADING and TRAILING do not name a part of one word.", Cure: "Write ==old== BY ==new== for every pair."},
		{Code: codeReplaceUnused, Title: "replacing without effect", Cause: "The text to replace does not occur in the book.", Cure: "Replacing compares whole words. Parts of words need LEADING, TRAILING or a tag in colons such as :TAG:."},
		{Code: codeTag, Title: "tag not replaced", Cause: "A data-name holds a colon: usually a tag such as :TAG: that a COPY REPLACING was meant to replace.", Cure: "Give a replacing for the tag."},
		{Code: codeWords, Title: "too many words", Cause: "The book and what it copies hold more words than the limit, or replacing makes more.", Cure: "Check for books that copy each other many times, or raise the limit."},
	}
}

func entryRules() []specs.Rule {
	return []specs.Rule{
		{Code: codeEntry, Title: "not a data description entry", Cause: "A sentence begins with something other than a level number or the header of a division, section or file.", Cure: "Check the format and the margins, and the period of the entry before."},
		{Code: codeLevel, Title: "wrong level number", Cause: "An entry begins with a number that is no level: 01 to 49, 66, 77, 78 and 88 are.", Cure: "Correct the level number."},
		{Code: codePeriod, Title: "period missing", Cause: "An entry does not end with a period before the next one or the end of the book.", Cure: "End every entry with a period."},
		{Code: codeName, Title: "wrong data-name", Cause: "A name holds a character no name may hold, has no letter, or is longer than 63 characters.", Cure: "Use letters, digits, hyphens, and _ @ # $."},
		{Code: codeClause, Title: "unknown clause", Cause: "A word in an entry begins no clause.", Cure: "Check the spelling; a picture must have no blanks; a text value needs quotes."},
		{Code: codeOperand, Title: "clause incomplete", Cause: "A clause lacks a word it needs, or has another in its place.", Cure: "Complete the clause."},
		{Code: codeTwice, Title: "clause given twice", Cause: "An entry has the same clause twice.", Cure: "Remove one of them."},
		{Code: codeUnsupported, Title: "clause without a fixed layout", Cause: "A clause or usage describes storage that has no fixed bytes, or that is not supported: DYNAMIC, ANY LENGTH, TYPE, UNBOUNDED tables, decimal floats, objects, EXEC statements.", Cure: "Describe the bytes of the message with PICTURE, OCCURS and REDEFINES."},
		{Code: codeLiteral, Title: "wrong literal", Cause: "Where a value is expected stands no literal, figurative constant or known constant.", Cure: "Put text in quotes; write numbers with digits, one decimal point and a sign in front."},
		{Code: codeItems, Title: "too many entries", Cause: "The book has more entries than the limit of items.", Cure: "Split the book, or raise the limit."},
		{Code: codeDivision, Title: "section without records", Cause: "The book holds a REPORT, SCREEN or COMMUNICATION section.", Cure: "Keep only the data descriptions in the copybook."},
	}
}

func pictureRulesList() []specs.Rule {
	return []specs.Rule{
		{Code: codePicture, Title: "wrong picture", Cause: "A picture holds a symbol it may not hold, or symbols in an order that means nothing.", Cure: "Correct the picture."},
		{Code: codePictureSize, Title: "picture too long", Cause: "A repetition or the whole picture is longer than any item, or an edited picture longer than allowed.", Cure: "Correct the repetition."},
		{Code: codeDigits, Title: "too many digits", Cause: "A number has more digits than the dialect allows: 31 for zos, 38 for gnucobol.", Cure: "Set the dialect of the compiler that takes such numbers."},
		{Code: codeUsagePicture, Title: "usage and picture do not fit", Cause: "The usage needs another kind of picture, or none; or a binary number has more digits than the dialect stores.", Cure: "Correct the usage or the picture, or set the dialect."},
		{Code: codeNoPicture, Title: "item without picture", Cause: "An item has neither a picture nor a usage that gives it a size, and no items below it.", Cure: "Add PIC, or check the level numbers of the entries behind it."},
		{Code: codeGroupPicture, Title: "group with picture", Cause: "An entry has a picture and entries with higher level numbers below it.", Cure: "Correct the level numbers, or remove the picture."},
		{Code: codeSignClause, Title: "SIGN without a signed number", Cause: "SIGN stands at an item that is no signed number in DISPLAY or NATIONAL.", Cure: "Remove it, or add S to the picture."},
		{Code: codeJustified, Title: "JUSTIFIED without text", Cause: "JUSTIFIED stands at a number or a group.", Cure: "Remove it, or put it to the items."},
		{Code: codeBlankZero, Title: "BLANK WHEN ZERO without a number", Cause: "BLANK WHEN ZERO stands at a group, at text, at a signed or suppressed (*) number, or at one that is not in DISPLAY.", Cure: "Remove it."},
		{Code: codeDialect, Title: "usage foreign to the dialect", Cause: "Enterprise COBOL for z/OS does not know the usage. It is laid out as other compilers do.", Cure: "Set the dialect of the host that made the copybook."},
	}
}

func structureRules() []specs.Rule {
	return []specs.Rule{
		{Code: codeNesting, Title: "item below level 77", Cause: "An entry of level 02 to 49 follows a level 77 item, which can have nothing below it.", Cure: "Use level 01 for a group."},
		{Code: codeUnevenLevel, Title: "uneven level numbers", Cause: "An item has another level number than its siblings; it is taken as their sibling, as Enterprise COBOL does.", Cure: "Give the items of a group one level number."},
		{Code: codeRedefines, Title: "wrong REDEFINES", Cause: "The redefined item does not stand directly before in the same group, has another level number, is a table, or (zos) holds OCCURS DEPENDING ON.", Cure: "Put the redefining item directly behind the redefined one or behind others that redefine it."},
		{Code: codeRedefinesSize, Title: "redefinition longer than its object", Cause: "A redefining item has more bytes than the item it redefines; the longest of them counts.", Cure: "Check that it is meant: everything behind it moves."},
		{Code: codeRedefinesSync, Title: "redefinition not aligned", Cause: "A redefining item is SYNCHRONIZED, but the redefined one does not begin on its boundary.", Cure: "Align the redefined item, or remove SYNCHRONIZED."},
		{Code: codeOccurs, Title: "wrong OCCURS", Cause: "OCCURS has TO without DEPENDING ON, a minimum above its maximum, or no entry at all.", Cure: "Correct the numbers, or name the counter."},
		{Code: codeOccursLevel, Title: "table at level 01 or 77", Cause: "OCCURS stands at level 01 or 77.", Cure: "Put the table below a level 01 entry."},
		{Code: codeDepending, Title: "counter not found", Cause: "DEPENDING ON names no item of the book, or more than one.", Cure: "Correct the name, or qualify it with OF."},
		{Code: codeDependingBad, Title: "counter cannot count", Cause: "The counter is no integer, or stands in a table.", Cure: "Use an elementary numeric item without decimals, in front of the table."},
		{Code: codeDependingOther, Title: "counter in another record", Cause: "The counter stands in another level 01: the message does not hold it.", Cure: "Put the counter into the record of the table."},
		{Code: codeDependingOrder, Title: "counter behind its table", Cause: "The counter stands behind the table it counts, so that its place would depend on its own value.", Cure: "Put it in front of the table."},
		{Code: codeRenames, Title: "wrong RENAMES", Cause: "A level 66 entry names no item, an ambiguous one, one in a table, or a range that runs backwards.", Cure: "Name items of the record in front of it, in their order."},
		{Code: codeCondition, Title: "wrong condition-name", Cause: "A level 88 entry has no name, no value, an empty range, another clause, or no item in front of it.", Cure: "Write 88 name VALUE literal."},
		{Code: codeConditionKind, Title: "condition-name does not fit its item", Cause: "A value of a level 88 entry is text for a number or the reverse, or longer than the item.", Cure: "Check value and picture."},
		{Code: codeConstant, Title: "wrong constant", Cause: "A level 78 entry has no name, no literal, an expression, or a name that is taken.", Cure: "Write 78 name VALUE literal."},
		{Code: codeValue, Title: "VALUE does not fit", Cause: "A VALUE clause has text for a number, more digits, or (warning) more characters than the item.", Cure: "Check value and picture."},
		{Code: codeValuePlace, Title: "VALUE at a redefinition", Cause: "A VALUE clause stands at an item that redefines another; it is not used.", Cure: "Put it at the item that is redefined."},
		{Code: codeSameName, Title: "same name twice", Cause: "Two items of one group, or two records, have one name; no qualification tells them apart.", Cure: "Rename one of them."},
		{Code: codeRecordSize, Title: "record too long", Cause: "A record is longer than the limit of record size.", Cure: "Check OCCURS and the repetitions of pictures, or raise the limit."},
		{Code: codeOverride, Title: "override without an item", Cause: "A dialect is given for a record or an item that the book does not hold, or that more than one item may be meant by.", Cure: "Write the path from the record on, with every group if needed."},
		{Code: codeKey, Title: "unknown key", Cause: "ASCENDING or DESCENDING KEY names no item of its table. Keys do not change the layout.", Cure: "Check the name."},
	}
}
