// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The codecs of the benchmark records, one call a field.

func (h *hand) decodeMixed(dst, msg []byte) ([]byte, error) {
	var err error
	if len(msg) != 200 {
		return dst, errHand
	}
	dst = append(dst, `{"recType":`...)
	dst = h.text(dst, msg[0:2])
	dst = append(dst, `,"acctNo":`...)
	dst = h.text(dst, msg[2:12])
	dst = append(dst, `,"custName":`...)
	dst = h.text(dst, msg[12:42])
	dst = append(dst, `,"street":`...)
	dst = h.text(dst, msg[42:72])
	dst = append(dst, `,"city":`...)
	dst = h.text(dst, msg[72:92])
	dst = append(dst, `,"country":`...)
	dst = h.text(dst, msg[92:94])
	dst = append(dst, `,"balance":`...)
	if dst, err = h.packed(dst, msg[94:101], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"limitAmt":`...)
	if dst, err = h.packed(dst, msg[101:107], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"rate":`...)
	if dst, err = h.packed(dst, msg[107:110], 3); err != nil {
		return dst, err
	}
	dst = append(dst, `,"available":`...)
	if dst, err = h.zoned(dst, msg[110:123], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"openDate":`...)
	if dst, err = h.zoned(dst, msg[123:131], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"branch":`...)
	dst = h.half(dst, msg[131:133])
	dst = append(dst, `,"seqNo":`...)
	dst = h.word(dst, msg[133:137])
	dst = append(dst, `,"phone":`...)
	dst = h.text(dst, msg[137:153])
	dst = append(dst, `,"currencyCode":`...)
	dst = h.text(dst, msg[153:156])
	dst = append(dst, `,"statusFlag":`...)
	dst = h.text(dst, msg[156:157])
	dst = append(dst, `,"txnCount":`...)
	if dst, err = h.zoned(dst, msg[157:164], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"fees":`...)
	if dst, err = h.zoned(dst, msg[164:171], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"expo":`...)
	dst = h.half(dst, msg[171:173])
	dst = append(dst, `,"remark":`...)
	dst = h.text(dst, msg[173:200])
	return append(dst, '}'), nil
}

func (h *hand) encodeMixed(dst []byte, d *jsontext.Decoder, b *bytes.Buffer, doc []byte) ([]byte, error) {
	if err := reset(d, b, doc); err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(dst, blankMixed...)
	rec := dst[start:]
	seen := make(flags, 20)
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return dst, err
		}
		member := name.String()
		tok, err := d.ReadToken()
		if err != nil {
			return dst, err
		}
		switch member {
		case "recType":
			err = seen.once(0, h.putText(rec[0:2], tok))
		case "acctNo":
			err = seen.once(1, h.putText(rec[2:12], tok))
		case "custName":
			err = seen.once(2, h.putText(rec[12:42], tok))
		case "street":
			err = seen.once(3, h.putText(rec[42:72], tok))
		case "city":
			err = seen.once(4, h.putText(rec[72:92], tok))
		case "country":
			err = seen.once(5, h.putText(rec[92:94], tok))
		case "balance":
			err = seen.once(6, h.putPacked(rec[94:101], tok, 2, true))
		case "limitAmt":
			err = seen.once(7, h.putPacked(rec[101:107], tok, 2, true))
		case "rate":
			err = seen.once(8, h.putPacked(rec[107:110], tok, 3, false))
		case "available":
			err = seen.once(9, h.putZoned(rec[110:123], tok, 2, true))
		case "openDate":
			err = seen.once(10, h.putZoned(rec[123:131], tok, 0, false))
		case "branch":
			err = seen.once(11, h.putBinary(rec[131:133], tok, 9999))
		case "seqNo":
			err = seen.once(12, h.putBinary(rec[133:137], tok, 999999999))
		case "phone":
			err = seen.once(13, h.putText(rec[137:153], tok))
		case "currencyCode":
			err = seen.once(14, h.putText(rec[153:156], tok))
		case "statusFlag":
			err = seen.once(15, h.putText(rec[156:157], tok))
		case "txnCount":
			err = seen.once(16, h.putZoned(rec[157:164], tok, 0, false))
		case "fees":
			err = seen.once(17, h.putZoned(rec[164:171], tok, 2, true))
		case "expo":
			err = seen.once(18, h.putBinary(rec[171:173], tok, 9999))
		case "remark":
			err = seen.once(19, h.putText(rec[173:200], tok))
		default:
			err = errHand
		}
		if err != nil {
			return dst, err
		}
	}
	_, err := d.ReadToken()
	return dst, err
}

var blankMixed = strings.Repeat("\x40", 200)

func bookMixed() string {
	return `01 R.
05 REC-TYPE PIC X(2).
05 ACCT-NO PIC X(10).
05 CUST-NAME PIC X(30).
05 STREET PIC X(30).
05 CITY PIC X(20).
05 COUNTRY PIC X(2).
05 BALANCE PIC S9(11)V99 COMP-3.
05 LIMIT-AMT PIC S9(9)V99 COMP-3.
05 RATE PIC 9(2)V9(3) COMP-3.
05 AVAILABLE PIC S9(11)V99.
05 OPEN-DATE PIC 9(8).
05 BRANCH PIC 9(4) COMP.
05 SEQ-NO PIC S9(9) COMP.
05 PHONE PIC X(16).
05 CURRENCY-CODE PIC X(3).
05 STATUS-FLAG PIC X.
05 TXN-COUNT PIC 9(7).
05 FEES PIC S9(5)V99.
05 EXPO PIC S9(4) COMP.
05 REMARK PIC X(27).
`
}

func docMixed() string {
	return `{"recType":"A","acctNo":"ABCDEFG","custName":"ABCDEFGH IJKLMNOP QRST","street":"ABCDEFGH IJKLMNOP QRST","city":"ABCDEFGH IJKLMN","country":"A","balance":-1234567890.50,"limitAmt":12345678.50,"rate":4.125,"available":-1234567890.50,"openDate":1234567,"branch":4711,"seqNo":-4711,"phone":"ABCDEFGH IJK","currencyCode":"AB","statusFlag":"A","txnCount":123456,"fees":1234.50,"expo":-4711,"remark":"ABCDEFGH IJKLMNOP QR"}`
}

func (h *hand) decodeDisplay(dst, msg []byte) ([]byte, error) {
	var err error
	if len(msg) != 1004 {
		return dst, errHand
	}
	dst = append(dst, `{"text00":`...)
	dst = h.text(dst, msg[0:20])
	dst = append(dst, `,"text01":`...)
	dst = h.text(dst, msg[20:40])
	dst = append(dst, `,"text02":`...)
	dst = h.text(dst, msg[40:60])
	dst = append(dst, `,"text03":`...)
	dst = h.text(dst, msg[60:80])
	dst = append(dst, `,"text04":`...)
	dst = h.text(dst, msg[80:100])
	dst = append(dst, `,"text05":`...)
	dst = h.text(dst, msg[100:120])
	dst = append(dst, `,"text06":`...)
	dst = h.text(dst, msg[120:140])
	dst = append(dst, `,"text07":`...)
	dst = h.text(dst, msg[140:160])
	dst = append(dst, `,"text08":`...)
	dst = h.text(dst, msg[160:180])
	dst = append(dst, `,"text09":`...)
	dst = h.text(dst, msg[180:200])
	dst = append(dst, `,"text10":`...)
	dst = h.text(dst, msg[200:220])
	dst = append(dst, `,"text11":`...)
	dst = h.text(dst, msg[220:240])
	dst = append(dst, `,"text12":`...)
	dst = h.text(dst, msg[240:260])
	dst = append(dst, `,"text13":`...)
	dst = h.text(dst, msg[260:280])
	dst = append(dst, `,"text14":`...)
	dst = h.text(dst, msg[280:300])
	dst = append(dst, `,"text15":`...)
	dst = h.text(dst, msg[300:320])
	dst = append(dst, `,"text16":`...)
	dst = h.text(dst, msg[320:340])
	dst = append(dst, `,"text17":`...)
	dst = h.text(dst, msg[340:360])
	dst = append(dst, `,"text18":`...)
	dst = h.text(dst, msg[360:380])
	dst = append(dst, `,"text19":`...)
	dst = h.text(dst, msg[380:400])
	dst = append(dst, `,"text20":`...)
	dst = h.text(dst, msg[400:420])
	dst = append(dst, `,"text21":`...)
	dst = h.text(dst, msg[420:440])
	dst = append(dst, `,"text22":`...)
	dst = h.text(dst, msg[440:460])
	dst = append(dst, `,"text23":`...)
	dst = h.text(dst, msg[460:480])
	dst = append(dst, `,"text24":`...)
	dst = h.text(dst, msg[480:500])
	dst = append(dst, `,"num00":`...)
	if dst, err = h.zoned(dst, msg[500:509], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num01":`...)
	if dst, err = h.zoned(dst, msg[509:518], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num02":`...)
	if dst, err = h.zoned(dst, msg[518:527], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num03":`...)
	if dst, err = h.zoned(dst, msg[527:536], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num04":`...)
	if dst, err = h.zoned(dst, msg[536:545], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num05":`...)
	if dst, err = h.zoned(dst, msg[545:554], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num06":`...)
	if dst, err = h.zoned(dst, msg[554:563], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num07":`...)
	if dst, err = h.zoned(dst, msg[563:572], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num08":`...)
	if dst, err = h.zoned(dst, msg[572:581], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num09":`...)
	if dst, err = h.zoned(dst, msg[581:590], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num10":`...)
	if dst, err = h.zoned(dst, msg[590:599], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num11":`...)
	if dst, err = h.zoned(dst, msg[599:608], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num12":`...)
	if dst, err = h.zoned(dst, msg[608:617], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num13":`...)
	if dst, err = h.zoned(dst, msg[617:626], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num14":`...)
	if dst, err = h.zoned(dst, msg[626:635], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num15":`...)
	if dst, err = h.zoned(dst, msg[635:644], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num16":`...)
	if dst, err = h.zoned(dst, msg[644:653], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num17":`...)
	if dst, err = h.zoned(dst, msg[653:662], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num18":`...)
	if dst, err = h.zoned(dst, msg[662:671], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"num19":`...)
	if dst, err = h.zoned(dst, msg[671:680], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt00":`...)
	if dst, err = h.zoned(dst, msg[680:689], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt01":`...)
	if dst, err = h.zoned(dst, msg[689:698], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt02":`...)
	if dst, err = h.zoned(dst, msg[698:707], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt03":`...)
	if dst, err = h.zoned(dst, msg[707:716], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt04":`...)
	if dst, err = h.zoned(dst, msg[716:725], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt05":`...)
	if dst, err = h.zoned(dst, msg[725:734], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt06":`...)
	if dst, err = h.zoned(dst, msg[734:743], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt07":`...)
	if dst, err = h.zoned(dst, msg[743:752], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt08":`...)
	if dst, err = h.zoned(dst, msg[752:761], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt09":`...)
	if dst, err = h.zoned(dst, msg[761:770], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt10":`...)
	if dst, err = h.zoned(dst, msg[770:779], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt11":`...)
	if dst, err = h.zoned(dst, msg[779:788], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt12":`...)
	if dst, err = h.zoned(dst, msg[788:797], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt13":`...)
	if dst, err = h.zoned(dst, msg[797:806], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt14":`...)
	if dst, err = h.zoned(dst, msg[806:815], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt15":`...)
	if dst, err = h.zoned(dst, msg[815:824], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt16":`...)
	if dst, err = h.zoned(dst, msg[824:833], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt17":`...)
	if dst, err = h.zoned(dst, msg[833:842], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt18":`...)
	if dst, err = h.zoned(dst, msg[842:851], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt19":`...)
	if dst, err = h.zoned(dst, msg[851:860], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt20":`...)
	if dst, err = h.zoned(dst, msg[860:869], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt21":`...)
	if dst, err = h.zoned(dst, msg[869:878], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt22":`...)
	if dst, err = h.zoned(dst, msg[878:887], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt23":`...)
	if dst, err = h.zoned(dst, msg[887:896], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt24":`...)
	if dst, err = h.zoned(dst, msg[896:905], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt25":`...)
	if dst, err = h.zoned(dst, msg[905:914], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt26":`...)
	if dst, err = h.zoned(dst, msg[914:923], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt27":`...)
	if dst, err = h.zoned(dst, msg[923:932], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt28":`...)
	if dst, err = h.zoned(dst, msg[932:941], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt29":`...)
	if dst, err = h.zoned(dst, msg[941:950], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt30":`...)
	if dst, err = h.zoned(dst, msg[950:959], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt31":`...)
	if dst, err = h.zoned(dst, msg[959:968], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt32":`...)
	if dst, err = h.zoned(dst, msg[968:977], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt33":`...)
	if dst, err = h.zoned(dst, msg[977:986], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt34":`...)
	if dst, err = h.zoned(dst, msg[986:995], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt35":`...)
	if dst, err = h.zoned(dst, msg[995:1004], 2, true); err != nil {
		return dst, err
	}
	return append(dst, '}'), nil
}

func (h *hand) encodeDisplay(dst []byte, d *jsontext.Decoder, b *bytes.Buffer, doc []byte) ([]byte, error) {
	if err := reset(d, b, doc); err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(dst, blankDisplay...)
	rec := dst[start:]
	seen := make(flags, 81)
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return dst, err
		}
		member := name.String()
		tok, err := d.ReadToken()
		if err != nil {
			return dst, err
		}
		switch member {
		case "text00":
			err = seen.once(0, h.putText(rec[0:20], tok))
		case "text01":
			err = seen.once(1, h.putText(rec[20:40], tok))
		case "text02":
			err = seen.once(2, h.putText(rec[40:60], tok))
		case "text03":
			err = seen.once(3, h.putText(rec[60:80], tok))
		case "text04":
			err = seen.once(4, h.putText(rec[80:100], tok))
		case "text05":
			err = seen.once(5, h.putText(rec[100:120], tok))
		case "text06":
			err = seen.once(6, h.putText(rec[120:140], tok))
		case "text07":
			err = seen.once(7, h.putText(rec[140:160], tok))
		case "text08":
			err = seen.once(8, h.putText(rec[160:180], tok))
		case "text09":
			err = seen.once(9, h.putText(rec[180:200], tok))
		case "text10":
			err = seen.once(10, h.putText(rec[200:220], tok))
		case "text11":
			err = seen.once(11, h.putText(rec[220:240], tok))
		case "text12":
			err = seen.once(12, h.putText(rec[240:260], tok))
		case "text13":
			err = seen.once(13, h.putText(rec[260:280], tok))
		case "text14":
			err = seen.once(14, h.putText(rec[280:300], tok))
		case "text15":
			err = seen.once(15, h.putText(rec[300:320], tok))
		case "text16":
			err = seen.once(16, h.putText(rec[320:340], tok))
		case "text17":
			err = seen.once(17, h.putText(rec[340:360], tok))
		case "text18":
			err = seen.once(18, h.putText(rec[360:380], tok))
		case "text19":
			err = seen.once(19, h.putText(rec[380:400], tok))
		case "text20":
			err = seen.once(20, h.putText(rec[400:420], tok))
		case "text21":
			err = seen.once(21, h.putText(rec[420:440], tok))
		case "text22":
			err = seen.once(22, h.putText(rec[440:460], tok))
		case "text23":
			err = seen.once(23, h.putText(rec[460:480], tok))
		case "text24":
			err = seen.once(24, h.putText(rec[480:500], tok))
		case "num00":
			err = seen.once(25, h.putZoned(rec[500:509], tok, 0, false))
		case "num01":
			err = seen.once(26, h.putZoned(rec[509:518], tok, 0, false))
		case "num02":
			err = seen.once(27, h.putZoned(rec[518:527], tok, 0, false))
		case "num03":
			err = seen.once(28, h.putZoned(rec[527:536], tok, 0, false))
		case "num04":
			err = seen.once(29, h.putZoned(rec[536:545], tok, 0, false))
		case "num05":
			err = seen.once(30, h.putZoned(rec[545:554], tok, 0, false))
		case "num06":
			err = seen.once(31, h.putZoned(rec[554:563], tok, 0, false))
		case "num07":
			err = seen.once(32, h.putZoned(rec[563:572], tok, 0, false))
		case "num08":
			err = seen.once(33, h.putZoned(rec[572:581], tok, 0, false))
		case "num09":
			err = seen.once(34, h.putZoned(rec[581:590], tok, 0, false))
		case "num10":
			err = seen.once(35, h.putZoned(rec[590:599], tok, 0, false))
		case "num11":
			err = seen.once(36, h.putZoned(rec[599:608], tok, 0, false))
		case "num12":
			err = seen.once(37, h.putZoned(rec[608:617], tok, 0, false))
		case "num13":
			err = seen.once(38, h.putZoned(rec[617:626], tok, 0, false))
		case "num14":
			err = seen.once(39, h.putZoned(rec[626:635], tok, 0, false))
		case "num15":
			err = seen.once(40, h.putZoned(rec[635:644], tok, 0, false))
		case "num16":
			err = seen.once(41, h.putZoned(rec[644:653], tok, 0, false))
		case "num17":
			err = seen.once(42, h.putZoned(rec[653:662], tok, 0, false))
		case "num18":
			err = seen.once(43, h.putZoned(rec[662:671], tok, 0, false))
		case "num19":
			err = seen.once(44, h.putZoned(rec[671:680], tok, 0, false))
		case "amt00":
			err = seen.once(45, h.putZoned(rec[680:689], tok, 2, true))
		case "amt01":
			err = seen.once(46, h.putZoned(rec[689:698], tok, 2, true))
		case "amt02":
			err = seen.once(47, h.putZoned(rec[698:707], tok, 2, true))
		case "amt03":
			err = seen.once(48, h.putZoned(rec[707:716], tok, 2, true))
		case "amt04":
			err = seen.once(49, h.putZoned(rec[716:725], tok, 2, true))
		case "amt05":
			err = seen.once(50, h.putZoned(rec[725:734], tok, 2, true))
		case "amt06":
			err = seen.once(51, h.putZoned(rec[734:743], tok, 2, true))
		case "amt07":
			err = seen.once(52, h.putZoned(rec[743:752], tok, 2, true))
		case "amt08":
			err = seen.once(53, h.putZoned(rec[752:761], tok, 2, true))
		case "amt09":
			err = seen.once(54, h.putZoned(rec[761:770], tok, 2, true))
		case "amt10":
			err = seen.once(55, h.putZoned(rec[770:779], tok, 2, true))
		case "amt11":
			err = seen.once(56, h.putZoned(rec[779:788], tok, 2, true))
		case "amt12":
			err = seen.once(57, h.putZoned(rec[788:797], tok, 2, true))
		case "amt13":
			err = seen.once(58, h.putZoned(rec[797:806], tok, 2, true))
		case "amt14":
			err = seen.once(59, h.putZoned(rec[806:815], tok, 2, true))
		case "amt15":
			err = seen.once(60, h.putZoned(rec[815:824], tok, 2, true))
		case "amt16":
			err = seen.once(61, h.putZoned(rec[824:833], tok, 2, true))
		case "amt17":
			err = seen.once(62, h.putZoned(rec[833:842], tok, 2, true))
		case "amt18":
			err = seen.once(63, h.putZoned(rec[842:851], tok, 2, true))
		case "amt19":
			err = seen.once(64, h.putZoned(rec[851:860], tok, 2, true))
		case "amt20":
			err = seen.once(65, h.putZoned(rec[860:869], tok, 2, true))
		case "amt21":
			err = seen.once(66, h.putZoned(rec[869:878], tok, 2, true))
		case "amt22":
			err = seen.once(67, h.putZoned(rec[878:887], tok, 2, true))
		case "amt23":
			err = seen.once(68, h.putZoned(rec[887:896], tok, 2, true))
		case "amt24":
			err = seen.once(69, h.putZoned(rec[896:905], tok, 2, true))
		case "amt25":
			err = seen.once(70, h.putZoned(rec[905:914], tok, 2, true))
		case "amt26":
			err = seen.once(71, h.putZoned(rec[914:923], tok, 2, true))
		case "amt27":
			err = seen.once(72, h.putZoned(rec[923:932], tok, 2, true))
		case "amt28":
			err = seen.once(73, h.putZoned(rec[932:941], tok, 2, true))
		case "amt29":
			err = seen.once(74, h.putZoned(rec[941:950], tok, 2, true))
		case "amt30":
			err = seen.once(75, h.putZoned(rec[950:959], tok, 2, true))
		case "amt31":
			err = seen.once(76, h.putZoned(rec[959:968], tok, 2, true))
		case "amt32":
			err = seen.once(77, h.putZoned(rec[968:977], tok, 2, true))
		case "amt33":
			err = seen.once(78, h.putZoned(rec[977:986], tok, 2, true))
		case "amt34":
			err = seen.once(79, h.putZoned(rec[986:995], tok, 2, true))
		case "amt35":
			err = seen.once(80, h.putZoned(rec[995:1004], tok, 2, true))
		default:
			err = errHand
		}
		if err != nil {
			return dst, err
		}
	}
	_, err := d.ReadToken()
	return dst, err
}

var blankDisplay = strings.Repeat("\x40", 1004)

func bookDisplay() string {
	return `01 R.
05 TEXT-00 PIC X(20).
05 TEXT-01 PIC X(20).
05 TEXT-02 PIC X(20).
05 TEXT-03 PIC X(20).
05 TEXT-04 PIC X(20).
05 TEXT-05 PIC X(20).
05 TEXT-06 PIC X(20).
05 TEXT-07 PIC X(20).
05 TEXT-08 PIC X(20).
05 TEXT-09 PIC X(20).
05 TEXT-10 PIC X(20).
05 TEXT-11 PIC X(20).
05 TEXT-12 PIC X(20).
05 TEXT-13 PIC X(20).
05 TEXT-14 PIC X(20).
05 TEXT-15 PIC X(20).
05 TEXT-16 PIC X(20).
05 TEXT-17 PIC X(20).
05 TEXT-18 PIC X(20).
05 TEXT-19 PIC X(20).
05 TEXT-20 PIC X(20).
05 TEXT-21 PIC X(20).
05 TEXT-22 PIC X(20).
05 TEXT-23 PIC X(20).
05 TEXT-24 PIC X(20).
05 NUM-00 PIC 9(9).
05 NUM-01 PIC 9(9).
05 NUM-02 PIC 9(9).
05 NUM-03 PIC 9(9).
05 NUM-04 PIC 9(9).
05 NUM-05 PIC 9(9).
05 NUM-06 PIC 9(9).
05 NUM-07 PIC 9(9).
05 NUM-08 PIC 9(9).
05 NUM-09 PIC 9(9).
05 NUM-10 PIC 9(9).
05 NUM-11 PIC 9(9).
05 NUM-12 PIC 9(9).
05 NUM-13 PIC 9(9).
05 NUM-14 PIC 9(9).
05 NUM-15 PIC 9(9).
05 NUM-16 PIC 9(9).
05 NUM-17 PIC 9(9).
05 NUM-18 PIC 9(9).
05 NUM-19 PIC 9(9).
05 AMT-00 PIC S9(7)V99.
05 AMT-01 PIC S9(7)V99.
05 AMT-02 PIC S9(7)V99.
05 AMT-03 PIC S9(7)V99.
05 AMT-04 PIC S9(7)V99.
05 AMT-05 PIC S9(7)V99.
05 AMT-06 PIC S9(7)V99.
05 AMT-07 PIC S9(7)V99.
05 AMT-08 PIC S9(7)V99.
05 AMT-09 PIC S9(7)V99.
05 AMT-10 PIC S9(7)V99.
05 AMT-11 PIC S9(7)V99.
05 AMT-12 PIC S9(7)V99.
05 AMT-13 PIC S9(7)V99.
05 AMT-14 PIC S9(7)V99.
05 AMT-15 PIC S9(7)V99.
05 AMT-16 PIC S9(7)V99.
05 AMT-17 PIC S9(7)V99.
05 AMT-18 PIC S9(7)V99.
05 AMT-19 PIC S9(7)V99.
05 AMT-20 PIC S9(7)V99.
05 AMT-21 PIC S9(7)V99.
05 AMT-22 PIC S9(7)V99.
05 AMT-23 PIC S9(7)V99.
05 AMT-24 PIC S9(7)V99.
05 AMT-25 PIC S9(7)V99.
05 AMT-26 PIC S9(7)V99.
05 AMT-27 PIC S9(7)V99.
05 AMT-28 PIC S9(7)V99.
05 AMT-29 PIC S9(7)V99.
05 AMT-30 PIC S9(7)V99.
05 AMT-31 PIC S9(7)V99.
05 AMT-32 PIC S9(7)V99.
05 AMT-33 PIC S9(7)V99.
05 AMT-34 PIC S9(7)V99.
05 AMT-35 PIC S9(7)V99.
`
}

func docDisplay() string {
	return `{"text00":"ABCDEFGH IJKLMN","text01":"ABCDEFGH IJKLMN","text02":"ABCDEFGH IJKLMN","text03":"ABCDEFGH IJKLMN","text04":"ABCDEFGH IJKLMN","text05":"ABCDEFGH IJKLMN","text06":"ABCDEFGH IJKLMN","text07":"ABCDEFGH IJKLMN","text08":"ABCDEFGH IJKLMN","text09":"ABCDEFGH IJKLMN","text10":"ABCDEFGH IJKLMN","text11":"ABCDEFGH IJKLMN","text12":"ABCDEFGH IJKLMN","text13":"ABCDEFGH IJKLMN","text14":"ABCDEFGH IJKLMN","text15":"ABCDEFGH IJKLMN","text16":"ABCDEFGH IJKLMN","text17":"ABCDEFGH IJKLMN","text18":"ABCDEFGH IJKLMN","text19":"ABCDEFGH IJKLMN","text20":"ABCDEFGH IJKLMN","text21":"ABCDEFGH IJKLMN","text22":"ABCDEFGH IJKLMN","text23":"ABCDEFGH IJKLMN","text24":"ABCDEFGH IJKLMN","num00":12345678,"num01":12345678,"num02":12345678,"num03":12345678,"num04":12345678,"num05":12345678,"num06":12345678,"num07":12345678,"num08":12345678,"num09":12345678,"num10":12345678,"num11":12345678,"num12":12345678,"num13":12345678,"num14":12345678,"num15":12345678,"num16":12345678,"num17":12345678,"num18":12345678,"num19":12345678,"amt00":-123456.50,"amt01":123456.50,"amt02":123456.50,"amt03":-123456.50,"amt04":123456.50,"amt05":123456.50,"amt06":-123456.50,"amt07":123456.50,"amt08":123456.50,"amt09":-123456.50,"amt10":123456.50,"amt11":123456.50,"amt12":-123456.50,"amt13":123456.50,"amt14":123456.50,"amt15":-123456.50,"amt16":123456.50,"amt17":123456.50,"amt18":-123456.50,"amt19":123456.50,"amt20":123456.50,"amt21":-123456.50,"amt22":123456.50,"amt23":123456.50,"amt24":-123456.50,"amt25":123456.50,"amt26":123456.50,"amt27":-123456.50,"amt28":123456.50,"amt29":123456.50,"amt30":-123456.50,"amt31":123456.50,"amt32":123456.50,"amt33":-123456.50,"amt34":123456.50,"amt35":123456.50}`
}

func (h *hand) decodePacked(dst, msg []byte) ([]byte, error) {
	var err error
	if len(msg) != 1000 {
		return dst, errHand
	}
	dst = append(dst, `{"amt000":`...)
	if dst, err = h.packed(dst, msg[0:5], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt001":`...)
	if dst, err = h.packed(dst, msg[5:10], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt002":`...)
	if dst, err = h.packed(dst, msg[10:15], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt003":`...)
	if dst, err = h.packed(dst, msg[15:20], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt004":`...)
	if dst, err = h.packed(dst, msg[20:25], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt005":`...)
	if dst, err = h.packed(dst, msg[25:30], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt006":`...)
	if dst, err = h.packed(dst, msg[30:35], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt007":`...)
	if dst, err = h.packed(dst, msg[35:40], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt008":`...)
	if dst, err = h.packed(dst, msg[40:45], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt009":`...)
	if dst, err = h.packed(dst, msg[45:50], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt010":`...)
	if dst, err = h.packed(dst, msg[50:55], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt011":`...)
	if dst, err = h.packed(dst, msg[55:60], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt012":`...)
	if dst, err = h.packed(dst, msg[60:65], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt013":`...)
	if dst, err = h.packed(dst, msg[65:70], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt014":`...)
	if dst, err = h.packed(dst, msg[70:75], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt015":`...)
	if dst, err = h.packed(dst, msg[75:80], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt016":`...)
	if dst, err = h.packed(dst, msg[80:85], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt017":`...)
	if dst, err = h.packed(dst, msg[85:90], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt018":`...)
	if dst, err = h.packed(dst, msg[90:95], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt019":`...)
	if dst, err = h.packed(dst, msg[95:100], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt020":`...)
	if dst, err = h.packed(dst, msg[100:105], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt021":`...)
	if dst, err = h.packed(dst, msg[105:110], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt022":`...)
	if dst, err = h.packed(dst, msg[110:115], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt023":`...)
	if dst, err = h.packed(dst, msg[115:120], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt024":`...)
	if dst, err = h.packed(dst, msg[120:125], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt025":`...)
	if dst, err = h.packed(dst, msg[125:130], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt026":`...)
	if dst, err = h.packed(dst, msg[130:135], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt027":`...)
	if dst, err = h.packed(dst, msg[135:140], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt028":`...)
	if dst, err = h.packed(dst, msg[140:145], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt029":`...)
	if dst, err = h.packed(dst, msg[145:150], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt030":`...)
	if dst, err = h.packed(dst, msg[150:155], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt031":`...)
	if dst, err = h.packed(dst, msg[155:160], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt032":`...)
	if dst, err = h.packed(dst, msg[160:165], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt033":`...)
	if dst, err = h.packed(dst, msg[165:170], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt034":`...)
	if dst, err = h.packed(dst, msg[170:175], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt035":`...)
	if dst, err = h.packed(dst, msg[175:180], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt036":`...)
	if dst, err = h.packed(dst, msg[180:185], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt037":`...)
	if dst, err = h.packed(dst, msg[185:190], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt038":`...)
	if dst, err = h.packed(dst, msg[190:195], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt039":`...)
	if dst, err = h.packed(dst, msg[195:200], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt040":`...)
	if dst, err = h.packed(dst, msg[200:205], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt041":`...)
	if dst, err = h.packed(dst, msg[205:210], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt042":`...)
	if dst, err = h.packed(dst, msg[210:215], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt043":`...)
	if dst, err = h.packed(dst, msg[215:220], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt044":`...)
	if dst, err = h.packed(dst, msg[220:225], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt045":`...)
	if dst, err = h.packed(dst, msg[225:230], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt046":`...)
	if dst, err = h.packed(dst, msg[230:235], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt047":`...)
	if dst, err = h.packed(dst, msg[235:240], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt048":`...)
	if dst, err = h.packed(dst, msg[240:245], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt049":`...)
	if dst, err = h.packed(dst, msg[245:250], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt050":`...)
	if dst, err = h.packed(dst, msg[250:255], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt051":`...)
	if dst, err = h.packed(dst, msg[255:260], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt052":`...)
	if dst, err = h.packed(dst, msg[260:265], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt053":`...)
	if dst, err = h.packed(dst, msg[265:270], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt054":`...)
	if dst, err = h.packed(dst, msg[270:275], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt055":`...)
	if dst, err = h.packed(dst, msg[275:280], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt056":`...)
	if dst, err = h.packed(dst, msg[280:285], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt057":`...)
	if dst, err = h.packed(dst, msg[285:290], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt058":`...)
	if dst, err = h.packed(dst, msg[290:295], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt059":`...)
	if dst, err = h.packed(dst, msg[295:300], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt060":`...)
	if dst, err = h.packed(dst, msg[300:305], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt061":`...)
	if dst, err = h.packed(dst, msg[305:310], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt062":`...)
	if dst, err = h.packed(dst, msg[310:315], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt063":`...)
	if dst, err = h.packed(dst, msg[315:320], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt064":`...)
	if dst, err = h.packed(dst, msg[320:325], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt065":`...)
	if dst, err = h.packed(dst, msg[325:330], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt066":`...)
	if dst, err = h.packed(dst, msg[330:335], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt067":`...)
	if dst, err = h.packed(dst, msg[335:340], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt068":`...)
	if dst, err = h.packed(dst, msg[340:345], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt069":`...)
	if dst, err = h.packed(dst, msg[345:350], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt070":`...)
	if dst, err = h.packed(dst, msg[350:355], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt071":`...)
	if dst, err = h.packed(dst, msg[355:360], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt072":`...)
	if dst, err = h.packed(dst, msg[360:365], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt073":`...)
	if dst, err = h.packed(dst, msg[365:370], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt074":`...)
	if dst, err = h.packed(dst, msg[370:375], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt075":`...)
	if dst, err = h.packed(dst, msg[375:380], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt076":`...)
	if dst, err = h.packed(dst, msg[380:385], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt077":`...)
	if dst, err = h.packed(dst, msg[385:390], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt078":`...)
	if dst, err = h.packed(dst, msg[390:395], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt079":`...)
	if dst, err = h.packed(dst, msg[395:400], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt080":`...)
	if dst, err = h.packed(dst, msg[400:405], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt081":`...)
	if dst, err = h.packed(dst, msg[405:410], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt082":`...)
	if dst, err = h.packed(dst, msg[410:415], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt083":`...)
	if dst, err = h.packed(dst, msg[415:420], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt084":`...)
	if dst, err = h.packed(dst, msg[420:425], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt085":`...)
	if dst, err = h.packed(dst, msg[425:430], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt086":`...)
	if dst, err = h.packed(dst, msg[430:435], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt087":`...)
	if dst, err = h.packed(dst, msg[435:440], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt088":`...)
	if dst, err = h.packed(dst, msg[440:445], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt089":`...)
	if dst, err = h.packed(dst, msg[445:450], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt090":`...)
	if dst, err = h.packed(dst, msg[450:455], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt091":`...)
	if dst, err = h.packed(dst, msg[455:460], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt092":`...)
	if dst, err = h.packed(dst, msg[460:465], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt093":`...)
	if dst, err = h.packed(dst, msg[465:470], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt094":`...)
	if dst, err = h.packed(dst, msg[470:475], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt095":`...)
	if dst, err = h.packed(dst, msg[475:480], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt096":`...)
	if dst, err = h.packed(dst, msg[480:485], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt097":`...)
	if dst, err = h.packed(dst, msg[485:490], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt098":`...)
	if dst, err = h.packed(dst, msg[490:495], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"amt099":`...)
	if dst, err = h.packed(dst, msg[495:500], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big00":`...)
	if dst, err = h.packed(dst, msg[500:508], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big01":`...)
	if dst, err = h.packed(dst, msg[508:516], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big02":`...)
	if dst, err = h.packed(dst, msg[516:524], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big03":`...)
	if dst, err = h.packed(dst, msg[524:532], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big04":`...)
	if dst, err = h.packed(dst, msg[532:540], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big05":`...)
	if dst, err = h.packed(dst, msg[540:548], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big06":`...)
	if dst, err = h.packed(dst, msg[548:556], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big07":`...)
	if dst, err = h.packed(dst, msg[556:564], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big08":`...)
	if dst, err = h.packed(dst, msg[564:572], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big09":`...)
	if dst, err = h.packed(dst, msg[572:580], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big10":`...)
	if dst, err = h.packed(dst, msg[580:588], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big11":`...)
	if dst, err = h.packed(dst, msg[588:596], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big12":`...)
	if dst, err = h.packed(dst, msg[596:604], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big13":`...)
	if dst, err = h.packed(dst, msg[604:612], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big14":`...)
	if dst, err = h.packed(dst, msg[612:620], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big15":`...)
	if dst, err = h.packed(dst, msg[620:628], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big16":`...)
	if dst, err = h.packed(dst, msg[628:636], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big17":`...)
	if dst, err = h.packed(dst, msg[636:644], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big18":`...)
	if dst, err = h.packed(dst, msg[644:652], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big19":`...)
	if dst, err = h.packed(dst, msg[652:660], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big20":`...)
	if dst, err = h.packed(dst, msg[660:668], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big21":`...)
	if dst, err = h.packed(dst, msg[668:676], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big22":`...)
	if dst, err = h.packed(dst, msg[676:684], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big23":`...)
	if dst, err = h.packed(dst, msg[684:692], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big24":`...)
	if dst, err = h.packed(dst, msg[692:700], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big25":`...)
	if dst, err = h.packed(dst, msg[700:708], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big26":`...)
	if dst, err = h.packed(dst, msg[708:716], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big27":`...)
	if dst, err = h.packed(dst, msg[716:724], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big28":`...)
	if dst, err = h.packed(dst, msg[724:732], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big29":`...)
	if dst, err = h.packed(dst, msg[732:740], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big30":`...)
	if dst, err = h.packed(dst, msg[740:748], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big31":`...)
	if dst, err = h.packed(dst, msg[748:756], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big32":`...)
	if dst, err = h.packed(dst, msg[756:764], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big33":`...)
	if dst, err = h.packed(dst, msg[764:772], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big34":`...)
	if dst, err = h.packed(dst, msg[772:780], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big35":`...)
	if dst, err = h.packed(dst, msg[780:788], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big36":`...)
	if dst, err = h.packed(dst, msg[788:796], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big37":`...)
	if dst, err = h.packed(dst, msg[796:804], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big38":`...)
	if dst, err = h.packed(dst, msg[804:812], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big39":`...)
	if dst, err = h.packed(dst, msg[812:820], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big40":`...)
	if dst, err = h.packed(dst, msg[820:828], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big41":`...)
	if dst, err = h.packed(dst, msg[828:836], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big42":`...)
	if dst, err = h.packed(dst, msg[836:844], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big43":`...)
	if dst, err = h.packed(dst, msg[844:852], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big44":`...)
	if dst, err = h.packed(dst, msg[852:860], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big45":`...)
	if dst, err = h.packed(dst, msg[860:868], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big46":`...)
	if dst, err = h.packed(dst, msg[868:876], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big47":`...)
	if dst, err = h.packed(dst, msg[876:884], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big48":`...)
	if dst, err = h.packed(dst, msg[884:892], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"big49":`...)
	if dst, err = h.packed(dst, msg[892:900], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"text0":`...)
	dst = h.text(dst, msg[900:910])
	dst = append(dst, `,"text1":`...)
	dst = h.text(dst, msg[910:920])
	dst = append(dst, `,"text2":`...)
	dst = h.text(dst, msg[920:930])
	dst = append(dst, `,"text3":`...)
	dst = h.text(dst, msg[930:940])
	dst = append(dst, `,"text4":`...)
	dst = h.text(dst, msg[940:950])
	dst = append(dst, `,"text5":`...)
	dst = h.text(dst, msg[950:960])
	dst = append(dst, `,"text6":`...)
	dst = h.text(dst, msg[960:970])
	dst = append(dst, `,"text7":`...)
	dst = h.text(dst, msg[970:980])
	dst = append(dst, `,"text8":`...)
	dst = h.text(dst, msg[980:990])
	dst = append(dst, `,"text9":`...)
	dst = h.text(dst, msg[990:1000])
	return append(dst, '}'), nil
}

func (h *hand) encodePacked(dst []byte, d *jsontext.Decoder, b *bytes.Buffer, doc []byte) ([]byte, error) {
	if err := reset(d, b, doc); err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(dst, blankPacked...)
	rec := dst[start:]
	seen := make(flags, 160)
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return dst, err
		}
		member := name.String()
		tok, err := d.ReadToken()
		if err != nil {
			return dst, err
		}
		switch member {
		case "amt000":
			err = seen.once(0, h.putPacked(rec[0:5], tok, 2, true))
		case "amt001":
			err = seen.once(1, h.putPacked(rec[5:10], tok, 2, true))
		case "amt002":
			err = seen.once(2, h.putPacked(rec[10:15], tok, 2, true))
		case "amt003":
			err = seen.once(3, h.putPacked(rec[15:20], tok, 2, true))
		case "amt004":
			err = seen.once(4, h.putPacked(rec[20:25], tok, 2, true))
		case "amt005":
			err = seen.once(5, h.putPacked(rec[25:30], tok, 2, true))
		case "amt006":
			err = seen.once(6, h.putPacked(rec[30:35], tok, 2, true))
		case "amt007":
			err = seen.once(7, h.putPacked(rec[35:40], tok, 2, true))
		case "amt008":
			err = seen.once(8, h.putPacked(rec[40:45], tok, 2, true))
		case "amt009":
			err = seen.once(9, h.putPacked(rec[45:50], tok, 2, true))
		case "amt010":
			err = seen.once(10, h.putPacked(rec[50:55], tok, 2, true))
		case "amt011":
			err = seen.once(11, h.putPacked(rec[55:60], tok, 2, true))
		case "amt012":
			err = seen.once(12, h.putPacked(rec[60:65], tok, 2, true))
		case "amt013":
			err = seen.once(13, h.putPacked(rec[65:70], tok, 2, true))
		case "amt014":
			err = seen.once(14, h.putPacked(rec[70:75], tok, 2, true))
		case "amt015":
			err = seen.once(15, h.putPacked(rec[75:80], tok, 2, true))
		case "amt016":
			err = seen.once(16, h.putPacked(rec[80:85], tok, 2, true))
		case "amt017":
			err = seen.once(17, h.putPacked(rec[85:90], tok, 2, true))
		case "amt018":
			err = seen.once(18, h.putPacked(rec[90:95], tok, 2, true))
		case "amt019":
			err = seen.once(19, h.putPacked(rec[95:100], tok, 2, true))
		case "amt020":
			err = seen.once(20, h.putPacked(rec[100:105], tok, 2, true))
		case "amt021":
			err = seen.once(21, h.putPacked(rec[105:110], tok, 2, true))
		case "amt022":
			err = seen.once(22, h.putPacked(rec[110:115], tok, 2, true))
		case "amt023":
			err = seen.once(23, h.putPacked(rec[115:120], tok, 2, true))
		case "amt024":
			err = seen.once(24, h.putPacked(rec[120:125], tok, 2, true))
		case "amt025":
			err = seen.once(25, h.putPacked(rec[125:130], tok, 2, true))
		case "amt026":
			err = seen.once(26, h.putPacked(rec[130:135], tok, 2, true))
		case "amt027":
			err = seen.once(27, h.putPacked(rec[135:140], tok, 2, true))
		case "amt028":
			err = seen.once(28, h.putPacked(rec[140:145], tok, 2, true))
		case "amt029":
			err = seen.once(29, h.putPacked(rec[145:150], tok, 2, true))
		case "amt030":
			err = seen.once(30, h.putPacked(rec[150:155], tok, 2, true))
		case "amt031":
			err = seen.once(31, h.putPacked(rec[155:160], tok, 2, true))
		case "amt032":
			err = seen.once(32, h.putPacked(rec[160:165], tok, 2, true))
		case "amt033":
			err = seen.once(33, h.putPacked(rec[165:170], tok, 2, true))
		case "amt034":
			err = seen.once(34, h.putPacked(rec[170:175], tok, 2, true))
		case "amt035":
			err = seen.once(35, h.putPacked(rec[175:180], tok, 2, true))
		case "amt036":
			err = seen.once(36, h.putPacked(rec[180:185], tok, 2, true))
		case "amt037":
			err = seen.once(37, h.putPacked(rec[185:190], tok, 2, true))
		case "amt038":
			err = seen.once(38, h.putPacked(rec[190:195], tok, 2, true))
		case "amt039":
			err = seen.once(39, h.putPacked(rec[195:200], tok, 2, true))
		case "amt040":
			err = seen.once(40, h.putPacked(rec[200:205], tok, 2, true))
		case "amt041":
			err = seen.once(41, h.putPacked(rec[205:210], tok, 2, true))
		case "amt042":
			err = seen.once(42, h.putPacked(rec[210:215], tok, 2, true))
		case "amt043":
			err = seen.once(43, h.putPacked(rec[215:220], tok, 2, true))
		case "amt044":
			err = seen.once(44, h.putPacked(rec[220:225], tok, 2, true))
		case "amt045":
			err = seen.once(45, h.putPacked(rec[225:230], tok, 2, true))
		case "amt046":
			err = seen.once(46, h.putPacked(rec[230:235], tok, 2, true))
		case "amt047":
			err = seen.once(47, h.putPacked(rec[235:240], tok, 2, true))
		case "amt048":
			err = seen.once(48, h.putPacked(rec[240:245], tok, 2, true))
		case "amt049":
			err = seen.once(49, h.putPacked(rec[245:250], tok, 2, true))
		case "amt050":
			err = seen.once(50, h.putPacked(rec[250:255], tok, 2, true))
		case "amt051":
			err = seen.once(51, h.putPacked(rec[255:260], tok, 2, true))
		case "amt052":
			err = seen.once(52, h.putPacked(rec[260:265], tok, 2, true))
		case "amt053":
			err = seen.once(53, h.putPacked(rec[265:270], tok, 2, true))
		case "amt054":
			err = seen.once(54, h.putPacked(rec[270:275], tok, 2, true))
		case "amt055":
			err = seen.once(55, h.putPacked(rec[275:280], tok, 2, true))
		case "amt056":
			err = seen.once(56, h.putPacked(rec[280:285], tok, 2, true))
		case "amt057":
			err = seen.once(57, h.putPacked(rec[285:290], tok, 2, true))
		case "amt058":
			err = seen.once(58, h.putPacked(rec[290:295], tok, 2, true))
		case "amt059":
			err = seen.once(59, h.putPacked(rec[295:300], tok, 2, true))
		case "amt060":
			err = seen.once(60, h.putPacked(rec[300:305], tok, 2, true))
		case "amt061":
			err = seen.once(61, h.putPacked(rec[305:310], tok, 2, true))
		case "amt062":
			err = seen.once(62, h.putPacked(rec[310:315], tok, 2, true))
		case "amt063":
			err = seen.once(63, h.putPacked(rec[315:320], tok, 2, true))
		case "amt064":
			err = seen.once(64, h.putPacked(rec[320:325], tok, 2, true))
		case "amt065":
			err = seen.once(65, h.putPacked(rec[325:330], tok, 2, true))
		case "amt066":
			err = seen.once(66, h.putPacked(rec[330:335], tok, 2, true))
		case "amt067":
			err = seen.once(67, h.putPacked(rec[335:340], tok, 2, true))
		case "amt068":
			err = seen.once(68, h.putPacked(rec[340:345], tok, 2, true))
		case "amt069":
			err = seen.once(69, h.putPacked(rec[345:350], tok, 2, true))
		case "amt070":
			err = seen.once(70, h.putPacked(rec[350:355], tok, 2, true))
		case "amt071":
			err = seen.once(71, h.putPacked(rec[355:360], tok, 2, true))
		case "amt072":
			err = seen.once(72, h.putPacked(rec[360:365], tok, 2, true))
		case "amt073":
			err = seen.once(73, h.putPacked(rec[365:370], tok, 2, true))
		case "amt074":
			err = seen.once(74, h.putPacked(rec[370:375], tok, 2, true))
		case "amt075":
			err = seen.once(75, h.putPacked(rec[375:380], tok, 2, true))
		case "amt076":
			err = seen.once(76, h.putPacked(rec[380:385], tok, 2, true))
		case "amt077":
			err = seen.once(77, h.putPacked(rec[385:390], tok, 2, true))
		case "amt078":
			err = seen.once(78, h.putPacked(rec[390:395], tok, 2, true))
		case "amt079":
			err = seen.once(79, h.putPacked(rec[395:400], tok, 2, true))
		case "amt080":
			err = seen.once(80, h.putPacked(rec[400:405], tok, 2, true))
		case "amt081":
			err = seen.once(81, h.putPacked(rec[405:410], tok, 2, true))
		case "amt082":
			err = seen.once(82, h.putPacked(rec[410:415], tok, 2, true))
		case "amt083":
			err = seen.once(83, h.putPacked(rec[415:420], tok, 2, true))
		case "amt084":
			err = seen.once(84, h.putPacked(rec[420:425], tok, 2, true))
		case "amt085":
			err = seen.once(85, h.putPacked(rec[425:430], tok, 2, true))
		case "amt086":
			err = seen.once(86, h.putPacked(rec[430:435], tok, 2, true))
		case "amt087":
			err = seen.once(87, h.putPacked(rec[435:440], tok, 2, true))
		case "amt088":
			err = seen.once(88, h.putPacked(rec[440:445], tok, 2, true))
		case "amt089":
			err = seen.once(89, h.putPacked(rec[445:450], tok, 2, true))
		case "amt090":
			err = seen.once(90, h.putPacked(rec[450:455], tok, 2, true))
		case "amt091":
			err = seen.once(91, h.putPacked(rec[455:460], tok, 2, true))
		case "amt092":
			err = seen.once(92, h.putPacked(rec[460:465], tok, 2, true))
		case "amt093":
			err = seen.once(93, h.putPacked(rec[465:470], tok, 2, true))
		case "amt094":
			err = seen.once(94, h.putPacked(rec[470:475], tok, 2, true))
		case "amt095":
			err = seen.once(95, h.putPacked(rec[475:480], tok, 2, true))
		case "amt096":
			err = seen.once(96, h.putPacked(rec[480:485], tok, 2, true))
		case "amt097":
			err = seen.once(97, h.putPacked(rec[485:490], tok, 2, true))
		case "amt098":
			err = seen.once(98, h.putPacked(rec[490:495], tok, 2, true))
		case "amt099":
			err = seen.once(99, h.putPacked(rec[495:500], tok, 2, true))
		case "big00":
			err = seen.once(100, h.putPacked(rec[500:508], tok, 2, true))
		case "big01":
			err = seen.once(101, h.putPacked(rec[508:516], tok, 2, true))
		case "big02":
			err = seen.once(102, h.putPacked(rec[516:524], tok, 2, true))
		case "big03":
			err = seen.once(103, h.putPacked(rec[524:532], tok, 2, true))
		case "big04":
			err = seen.once(104, h.putPacked(rec[532:540], tok, 2, true))
		case "big05":
			err = seen.once(105, h.putPacked(rec[540:548], tok, 2, true))
		case "big06":
			err = seen.once(106, h.putPacked(rec[548:556], tok, 2, true))
		case "big07":
			err = seen.once(107, h.putPacked(rec[556:564], tok, 2, true))
		case "big08":
			err = seen.once(108, h.putPacked(rec[564:572], tok, 2, true))
		case "big09":
			err = seen.once(109, h.putPacked(rec[572:580], tok, 2, true))
		case "big10":
			err = seen.once(110, h.putPacked(rec[580:588], tok, 2, true))
		case "big11":
			err = seen.once(111, h.putPacked(rec[588:596], tok, 2, true))
		case "big12":
			err = seen.once(112, h.putPacked(rec[596:604], tok, 2, true))
		case "big13":
			err = seen.once(113, h.putPacked(rec[604:612], tok, 2, true))
		case "big14":
			err = seen.once(114, h.putPacked(rec[612:620], tok, 2, true))
		case "big15":
			err = seen.once(115, h.putPacked(rec[620:628], tok, 2, true))
		case "big16":
			err = seen.once(116, h.putPacked(rec[628:636], tok, 2, true))
		case "big17":
			err = seen.once(117, h.putPacked(rec[636:644], tok, 2, true))
		case "big18":
			err = seen.once(118, h.putPacked(rec[644:652], tok, 2, true))
		case "big19":
			err = seen.once(119, h.putPacked(rec[652:660], tok, 2, true))
		case "big20":
			err = seen.once(120, h.putPacked(rec[660:668], tok, 2, true))
		case "big21":
			err = seen.once(121, h.putPacked(rec[668:676], tok, 2, true))
		case "big22":
			err = seen.once(122, h.putPacked(rec[676:684], tok, 2, true))
		case "big23":
			err = seen.once(123, h.putPacked(rec[684:692], tok, 2, true))
		case "big24":
			err = seen.once(124, h.putPacked(rec[692:700], tok, 2, true))
		case "big25":
			err = seen.once(125, h.putPacked(rec[700:708], tok, 2, true))
		case "big26":
			err = seen.once(126, h.putPacked(rec[708:716], tok, 2, true))
		case "big27":
			err = seen.once(127, h.putPacked(rec[716:724], tok, 2, true))
		case "big28":
			err = seen.once(128, h.putPacked(rec[724:732], tok, 2, true))
		case "big29":
			err = seen.once(129, h.putPacked(rec[732:740], tok, 2, true))
		case "big30":
			err = seen.once(130, h.putPacked(rec[740:748], tok, 2, true))
		case "big31":
			err = seen.once(131, h.putPacked(rec[748:756], tok, 2, true))
		case "big32":
			err = seen.once(132, h.putPacked(rec[756:764], tok, 2, true))
		case "big33":
			err = seen.once(133, h.putPacked(rec[764:772], tok, 2, true))
		case "big34":
			err = seen.once(134, h.putPacked(rec[772:780], tok, 2, true))
		case "big35":
			err = seen.once(135, h.putPacked(rec[780:788], tok, 2, true))
		case "big36":
			err = seen.once(136, h.putPacked(rec[788:796], tok, 2, true))
		case "big37":
			err = seen.once(137, h.putPacked(rec[796:804], tok, 2, true))
		case "big38":
			err = seen.once(138, h.putPacked(rec[804:812], tok, 2, true))
		case "big39":
			err = seen.once(139, h.putPacked(rec[812:820], tok, 2, true))
		case "big40":
			err = seen.once(140, h.putPacked(rec[820:828], tok, 2, true))
		case "big41":
			err = seen.once(141, h.putPacked(rec[828:836], tok, 2, true))
		case "big42":
			err = seen.once(142, h.putPacked(rec[836:844], tok, 2, true))
		case "big43":
			err = seen.once(143, h.putPacked(rec[844:852], tok, 2, true))
		case "big44":
			err = seen.once(144, h.putPacked(rec[852:860], tok, 2, true))
		case "big45":
			err = seen.once(145, h.putPacked(rec[860:868], tok, 2, true))
		case "big46":
			err = seen.once(146, h.putPacked(rec[868:876], tok, 2, true))
		case "big47":
			err = seen.once(147, h.putPacked(rec[876:884], tok, 2, true))
		case "big48":
			err = seen.once(148, h.putPacked(rec[884:892], tok, 2, true))
		case "big49":
			err = seen.once(149, h.putPacked(rec[892:900], tok, 2, true))
		case "text0":
			err = seen.once(150, h.putText(rec[900:910], tok))
		case "text1":
			err = seen.once(151, h.putText(rec[910:920], tok))
		case "text2":
			err = seen.once(152, h.putText(rec[920:930], tok))
		case "text3":
			err = seen.once(153, h.putText(rec[930:940], tok))
		case "text4":
			err = seen.once(154, h.putText(rec[940:950], tok))
		case "text5":
			err = seen.once(155, h.putText(rec[950:960], tok))
		case "text6":
			err = seen.once(156, h.putText(rec[960:970], tok))
		case "text7":
			err = seen.once(157, h.putText(rec[970:980], tok))
		case "text8":
			err = seen.once(158, h.putText(rec[980:990], tok))
		case "text9":
			err = seen.once(159, h.putText(rec[990:1000], tok))
		default:
			err = errHand
		}
		if err != nil {
			return dst, err
		}
	}
	_, err := d.ReadToken()
	return dst, err
}

var blankPacked = strings.Repeat("\x40", 1000)

func bookPacked() string {
	return `01 R.
05 AMT-000 PIC S9(7)V99 COMP-3.
05 AMT-001 PIC S9(7)V99 COMP-3.
05 AMT-002 PIC S9(7)V99 COMP-3.
05 AMT-003 PIC S9(7)V99 COMP-3.
05 AMT-004 PIC S9(7)V99 COMP-3.
05 AMT-005 PIC S9(7)V99 COMP-3.
05 AMT-006 PIC S9(7)V99 COMP-3.
05 AMT-007 PIC S9(7)V99 COMP-3.
05 AMT-008 PIC S9(7)V99 COMP-3.
05 AMT-009 PIC S9(7)V99 COMP-3.
05 AMT-010 PIC S9(7)V99 COMP-3.
05 AMT-011 PIC S9(7)V99 COMP-3.
05 AMT-012 PIC S9(7)V99 COMP-3.
05 AMT-013 PIC S9(7)V99 COMP-3.
05 AMT-014 PIC S9(7)V99 COMP-3.
05 AMT-015 PIC S9(7)V99 COMP-3.
05 AMT-016 PIC S9(7)V99 COMP-3.
05 AMT-017 PIC S9(7)V99 COMP-3.
05 AMT-018 PIC S9(7)V99 COMP-3.
05 AMT-019 PIC S9(7)V99 COMP-3.
05 AMT-020 PIC S9(7)V99 COMP-3.
05 AMT-021 PIC S9(7)V99 COMP-3.
05 AMT-022 PIC S9(7)V99 COMP-3.
05 AMT-023 PIC S9(7)V99 COMP-3.
05 AMT-024 PIC S9(7)V99 COMP-3.
05 AMT-025 PIC S9(7)V99 COMP-3.
05 AMT-026 PIC S9(7)V99 COMP-3.
05 AMT-027 PIC S9(7)V99 COMP-3.
05 AMT-028 PIC S9(7)V99 COMP-3.
05 AMT-029 PIC S9(7)V99 COMP-3.
05 AMT-030 PIC S9(7)V99 COMP-3.
05 AMT-031 PIC S9(7)V99 COMP-3.
05 AMT-032 PIC S9(7)V99 COMP-3.
05 AMT-033 PIC S9(7)V99 COMP-3.
05 AMT-034 PIC S9(7)V99 COMP-3.
05 AMT-035 PIC S9(7)V99 COMP-3.
05 AMT-036 PIC S9(7)V99 COMP-3.
05 AMT-037 PIC S9(7)V99 COMP-3.
05 AMT-038 PIC S9(7)V99 COMP-3.
05 AMT-039 PIC S9(7)V99 COMP-3.
05 AMT-040 PIC S9(7)V99 COMP-3.
05 AMT-041 PIC S9(7)V99 COMP-3.
05 AMT-042 PIC S9(7)V99 COMP-3.
05 AMT-043 PIC S9(7)V99 COMP-3.
05 AMT-044 PIC S9(7)V99 COMP-3.
05 AMT-045 PIC S9(7)V99 COMP-3.
05 AMT-046 PIC S9(7)V99 COMP-3.
05 AMT-047 PIC S9(7)V99 COMP-3.
05 AMT-048 PIC S9(7)V99 COMP-3.
05 AMT-049 PIC S9(7)V99 COMP-3.
05 AMT-050 PIC S9(7)V99 COMP-3.
05 AMT-051 PIC S9(7)V99 COMP-3.
05 AMT-052 PIC S9(7)V99 COMP-3.
05 AMT-053 PIC S9(7)V99 COMP-3.
05 AMT-054 PIC S9(7)V99 COMP-3.
05 AMT-055 PIC S9(7)V99 COMP-3.
05 AMT-056 PIC S9(7)V99 COMP-3.
05 AMT-057 PIC S9(7)V99 COMP-3.
05 AMT-058 PIC S9(7)V99 COMP-3.
05 AMT-059 PIC S9(7)V99 COMP-3.
05 AMT-060 PIC S9(7)V99 COMP-3.
05 AMT-061 PIC S9(7)V99 COMP-3.
05 AMT-062 PIC S9(7)V99 COMP-3.
05 AMT-063 PIC S9(7)V99 COMP-3.
05 AMT-064 PIC S9(7)V99 COMP-3.
05 AMT-065 PIC S9(7)V99 COMP-3.
05 AMT-066 PIC S9(7)V99 COMP-3.
05 AMT-067 PIC S9(7)V99 COMP-3.
05 AMT-068 PIC S9(7)V99 COMP-3.
05 AMT-069 PIC S9(7)V99 COMP-3.
05 AMT-070 PIC S9(7)V99 COMP-3.
05 AMT-071 PIC S9(7)V99 COMP-3.
05 AMT-072 PIC S9(7)V99 COMP-3.
05 AMT-073 PIC S9(7)V99 COMP-3.
05 AMT-074 PIC S9(7)V99 COMP-3.
05 AMT-075 PIC S9(7)V99 COMP-3.
05 AMT-076 PIC S9(7)V99 COMP-3.
05 AMT-077 PIC S9(7)V99 COMP-3.
05 AMT-078 PIC S9(7)V99 COMP-3.
05 AMT-079 PIC S9(7)V99 COMP-3.
05 AMT-080 PIC S9(7)V99 COMP-3.
05 AMT-081 PIC S9(7)V99 COMP-3.
05 AMT-082 PIC S9(7)V99 COMP-3.
05 AMT-083 PIC S9(7)V99 COMP-3.
05 AMT-084 PIC S9(7)V99 COMP-3.
05 AMT-085 PIC S9(7)V99 COMP-3.
05 AMT-086 PIC S9(7)V99 COMP-3.
05 AMT-087 PIC S9(7)V99 COMP-3.
05 AMT-088 PIC S9(7)V99 COMP-3.
05 AMT-089 PIC S9(7)V99 COMP-3.
05 AMT-090 PIC S9(7)V99 COMP-3.
05 AMT-091 PIC S9(7)V99 COMP-3.
05 AMT-092 PIC S9(7)V99 COMP-3.
05 AMT-093 PIC S9(7)V99 COMP-3.
05 AMT-094 PIC S9(7)V99 COMP-3.
05 AMT-095 PIC S9(7)V99 COMP-3.
05 AMT-096 PIC S9(7)V99 COMP-3.
05 AMT-097 PIC S9(7)V99 COMP-3.
05 AMT-098 PIC S9(7)V99 COMP-3.
05 AMT-099 PIC S9(7)V99 COMP-3.
05 BIG-00 PIC S9(13)V99 COMP-3.
05 BIG-01 PIC S9(13)V99 COMP-3.
05 BIG-02 PIC S9(13)V99 COMP-3.
05 BIG-03 PIC S9(13)V99 COMP-3.
05 BIG-04 PIC S9(13)V99 COMP-3.
05 BIG-05 PIC S9(13)V99 COMP-3.
05 BIG-06 PIC S9(13)V99 COMP-3.
05 BIG-07 PIC S9(13)V99 COMP-3.
05 BIG-08 PIC S9(13)V99 COMP-3.
05 BIG-09 PIC S9(13)V99 COMP-3.
05 BIG-10 PIC S9(13)V99 COMP-3.
05 BIG-11 PIC S9(13)V99 COMP-3.
05 BIG-12 PIC S9(13)V99 COMP-3.
05 BIG-13 PIC S9(13)V99 COMP-3.
05 BIG-14 PIC S9(13)V99 COMP-3.
05 BIG-15 PIC S9(13)V99 COMP-3.
05 BIG-16 PIC S9(13)V99 COMP-3.
05 BIG-17 PIC S9(13)V99 COMP-3.
05 BIG-18 PIC S9(13)V99 COMP-3.
05 BIG-19 PIC S9(13)V99 COMP-3.
05 BIG-20 PIC S9(13)V99 COMP-3.
05 BIG-21 PIC S9(13)V99 COMP-3.
05 BIG-22 PIC S9(13)V99 COMP-3.
05 BIG-23 PIC S9(13)V99 COMP-3.
05 BIG-24 PIC S9(13)V99 COMP-3.
05 BIG-25 PIC S9(13)V99 COMP-3.
05 BIG-26 PIC S9(13)V99 COMP-3.
05 BIG-27 PIC S9(13)V99 COMP-3.
05 BIG-28 PIC S9(13)V99 COMP-3.
05 BIG-29 PIC S9(13)V99 COMP-3.
05 BIG-30 PIC S9(13)V99 COMP-3.
05 BIG-31 PIC S9(13)V99 COMP-3.
05 BIG-32 PIC S9(13)V99 COMP-3.
05 BIG-33 PIC S9(13)V99 COMP-3.
05 BIG-34 PIC S9(13)V99 COMP-3.
05 BIG-35 PIC S9(13)V99 COMP-3.
05 BIG-36 PIC S9(13)V99 COMP-3.
05 BIG-37 PIC S9(13)V99 COMP-3.
05 BIG-38 PIC S9(13)V99 COMP-3.
05 BIG-39 PIC S9(13)V99 COMP-3.
05 BIG-40 PIC S9(13)V99 COMP-3.
05 BIG-41 PIC S9(13)V99 COMP-3.
05 BIG-42 PIC S9(13)V99 COMP-3.
05 BIG-43 PIC S9(13)V99 COMP-3.
05 BIG-44 PIC S9(13)V99 COMP-3.
05 BIG-45 PIC S9(13)V99 COMP-3.
05 BIG-46 PIC S9(13)V99 COMP-3.
05 BIG-47 PIC S9(13)V99 COMP-3.
05 BIG-48 PIC S9(13)V99 COMP-3.
05 BIG-49 PIC S9(13)V99 COMP-3.
05 TEXT-0 PIC X(10).
05 TEXT-1 PIC X(10).
05 TEXT-2 PIC X(10).
05 TEXT-3 PIC X(10).
05 TEXT-4 PIC X(10).
05 TEXT-5 PIC X(10).
05 TEXT-6 PIC X(10).
05 TEXT-7 PIC X(10).
05 TEXT-8 PIC X(10).
05 TEXT-9 PIC X(10).
`
}

func docPacked() string {
	return `{"amt000":-123456.50,"amt001":123456.50,"amt002":123456.50,"amt003":-123456.50,"amt004":123456.50,"amt005":123456.50,"amt006":-123456.50,"amt007":123456.50,"amt008":123456.50,"amt009":-123456.50,"amt010":123456.50,"amt011":123456.50,"amt012":-123456.50,"amt013":123456.50,"amt014":123456.50,"amt015":-123456.50,"amt016":123456.50,"amt017":123456.50,"amt018":-123456.50,"amt019":123456.50,"amt020":123456.50,"amt021":-123456.50,"amt022":123456.50,"amt023":123456.50,"amt024":-123456.50,"amt025":123456.50,"amt026":123456.50,"amt027":-123456.50,"amt028":123456.50,"amt029":123456.50,"amt030":-123456.50,"amt031":123456.50,"amt032":123456.50,"amt033":-123456.50,"amt034":123456.50,"amt035":123456.50,"amt036":-123456.50,"amt037":123456.50,"amt038":123456.50,"amt039":-123456.50,"amt040":123456.50,"amt041":123456.50,"amt042":-123456.50,"amt043":123456.50,"amt044":123456.50,"amt045":-123456.50,"amt046":123456.50,"amt047":123456.50,"amt048":-123456.50,"amt049":123456.50,"amt050":123456.50,"amt051":-123456.50,"amt052":123456.50,"amt053":123456.50,"amt054":-123456.50,"amt055":123456.50,"amt056":123456.50,"amt057":-123456.50,"amt058":123456.50,"amt059":123456.50,"amt060":-123456.50,"amt061":123456.50,"amt062":123456.50,"amt063":-123456.50,"amt064":123456.50,"amt065":123456.50,"amt066":-123456.50,"amt067":123456.50,"amt068":123456.50,"amt069":-123456.50,"amt070":123456.50,"amt071":123456.50,"amt072":-123456.50,"amt073":123456.50,"amt074":123456.50,"amt075":-123456.50,"amt076":123456.50,"amt077":123456.50,"amt078":-123456.50,"amt079":123456.50,"amt080":123456.50,"amt081":-123456.50,"amt082":123456.50,"amt083":123456.50,"amt084":-123456.50,"amt085":123456.50,"amt086":123456.50,"amt087":-123456.50,"amt088":123456.50,"amt089":123456.50,"amt090":-123456.50,"amt091":123456.50,"amt092":123456.50,"amt093":-123456.50,"amt094":123456.50,"amt095":123456.50,"amt096":-123456.50,"amt097":123456.50,"amt098":123456.50,"amt099":-123456.50,"big00":123456789012.50,"big01":123456789012.50,"big02":-123456789012.50,"big03":123456789012.50,"big04":123456789012.50,"big05":-123456789012.50,"big06":123456789012.50,"big07":123456789012.50,"big08":-123456789012.50,"big09":123456789012.50,"big10":123456789012.50,"big11":-123456789012.50,"big12":123456789012.50,"big13":123456789012.50,"big14":-123456789012.50,"big15":123456789012.50,"big16":123456789012.50,"big17":-123456789012.50,"big18":123456789012.50,"big19":123456789012.50,"big20":-123456789012.50,"big21":123456789012.50,"big22":123456789012.50,"big23":-123456789012.50,"big24":123456789012.50,"big25":123456789012.50,"big26":-123456789012.50,"big27":123456789012.50,"big28":123456789012.50,"big29":-123456789012.50,"big30":123456789012.50,"big31":123456789012.50,"big32":-123456789012.50,"big33":123456789012.50,"big34":123456789012.50,"big35":-123456789012.50,"big36":123456789012.50,"big37":123456789012.50,"big38":-123456789012.50,"big39":123456789012.50,"big40":123456789012.50,"big41":-123456789012.50,"big42":123456789012.50,"big43":123456789012.50,"big44":-123456789012.50,"big45":123456789012.50,"big46":123456789012.50,"big47":-123456789012.50,"big48":123456789012.50,"big49":123456789012.50,"text0":"ABCDEFG","text1":"ABCDEFG","text2":"ABCDEFG","text3":"ABCDEFG","text4":"ABCDEFG","text5":"ABCDEFG","text6":"ABCDEFG","text7":"ABCDEFG","text8":"ABCDEFG","text9":"ABCDEFG"}`
}

func (h *hand) decodeList(dst, msg []byte) ([]byte, error) {
	if len(msg) < 22 {
		return dst, errHand
	}
	dst = append(dst, `{"head":`...)
	dst = h.text(dst, msg[:20])
	n := int(int16(uint16(msg[20])<<8 | uint16(msg[21])))
	if n < 0 || n > 500 || len(msg) != 22+n*64 {
		return dst, errHand
	}
	dst = append(dst, `,"listCount":`...)
	dst = h.half(dst, msg[20:22])
	dst = append(dst, `,"entries":[`...)
	var err error
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = h.decodeEntry(dst, msg[22+i*64:][:64]); err != nil {
			return dst, err
		}
	}
	return append(dst, "]}"...), nil
}

func (h *hand) decodeEntry(dst, e []byte) ([]byte, error) {
	var err error
	dst = append(dst, `{"id":`...)
	dst = h.text(dst, e[0:12])
	dst = append(dst, `,"kind":`...)
	dst = h.text(dst, e[12:14])
	dst = append(dst, `,"amount":`...)
	if dst, err = h.zoned(dst, e[14:27], 2, true); err != nil {
		return dst, err
	}
	dst = append(dst, `,"balance":`...)
	if dst, err = h.packed(dst, e[27:34], 2); err != nil {
		return dst, err
	}
	dst = append(dst, `,"booked":`...)
	if dst, err = h.zoned(dst, e[34:42], 0, false); err != nil {
		return dst, err
	}
	dst = append(dst, `,"party":`...)
	dst = h.text(dst, e[42:52])
	dst = append(dst, `,"reference":`...)
	dst = h.text(dst, e[52:64])
	return append(dst, '}'), nil
}

func (h *hand) encodeList(dst []byte, d *jsontext.Decoder, b *bytes.Buffer, doc []byte) ([]byte, error) {
	if err := reset(d, b, doc); err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(dst, blankHead...)
	n := 0
	seen := make(flags, 3)
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return dst, err
		}
		member := name.String()
		tok, err := d.ReadToken()
		if err != nil {
			return dst, err
		}
		switch member {
		case "head":
			err = seen.once(0, h.putText(dst[start:start+20], tok))
		case "listCount":
			err = seen.once(1, h.putBinary(dst[start+20:start+22], tok, 500))
		case "entries":
			if err := seen.once(2, nil); err != nil {
				return dst, err
			}
			for d.PeekKind() != ']' {
				dst = append(dst, blankEntry...)
				if err := h.encodeEntry(dst[len(dst)-64:], d); err != nil {
					return dst, err
				}
				if n++; n > 500 {
					return dst, errHand
				}
			}
			_, err = d.ReadToken()
		default:
			err = errHand
		}
		if err != nil {
			return dst, err
		}
	}
	dst[start+20], dst[start+21] = byte(n>>8), byte(n)
	_, err := d.ReadToken()
	return dst, err
}

func (h *hand) encodeEntry(rec []byte, d *jsontext.Decoder) error {
	if tok, err := d.ReadToken(); err != nil || tok.Kind() != '{' {
		return errHand
	}
	seen := make(flags, 7)
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		member := name.String()
		tok, err := d.ReadToken()
		if err != nil {
			return err
		}
		switch member {
		case "id":
			err = seen.once(0, h.putText(rec[0:12], tok))
		case "kind":
			err = seen.once(1, h.putText(rec[12:14], tok))
		case "amount":
			err = seen.once(2, h.putZoned(rec[14:27], tok, 2, true))
		case "balance":
			err = seen.once(3, h.putPacked(rec[27:34], tok, 2, true))
		case "booked":
			err = seen.once(4, h.putZoned(rec[34:42], tok, 0, false))
		case "party":
			err = seen.once(5, h.putText(rec[42:52], tok))
		case "reference":
			err = seen.once(6, h.putText(rec[52:64], tok))
		default:
			err = errHand
		}
		if err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

var (
	blankHead  = strings.Repeat("\x40", 22)
	blankEntry = strings.Repeat("\x40", 64)
)

func bookList() string {
	return `01 R.
05 HEAD PIC X(20).
05 LIST-COUNT PIC S9(4) COMP.
05 ENTRIES OCCURS 0 TO 500 DEPENDING ON LIST-COUNT.
10 ID PIC X(12).
10 KIND PIC X(2).
10 AMOUNT PIC S9(11)V99.
10 BALANCE PIC S9(11)V99 COMP-3.
10 BOOKED PIC 9(8).
10 PARTY PIC X(10).
10 REFERENCE PIC X(12).
`
}

func docList() string {
	var b strings.Builder
	b.WriteString(`{"head":"LIST OF MOVEMENTS","listCount":500,"entries":[`)
	for i := range 500 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"TX%08d","kind":"TF","amount":%d.%02d,"balance":-%d.50,"booked":20240131,"party":"0000%04d","reference":"INVOICE %d"}`,
			i, i*37+1, i%100, i*1001+5, i, i)
	}
	return b.String() + "]}"
}
