// SPDX-License-Identifier: Apache-2.0
//
// icudump prints the mapping tables of ICU converters as text, one mapping a line, for the Go program beside it.
//
//   stdin:   kind name        kind is S (single byte), M (EBCDIC mixed with SO/SI); name is the ICU converter
//   stdout:  V icu-version
//            P name           a converter begins
//            S bb flag cp     single byte bb stands for code point cp
//            D bbbb flag cp.. double byte bbbb stands for one or two code points
//
// flag is = when ICU converts the code point back to the same bytes without fallbacks, and > when it only decodes.
#include <stdio.h>
#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/uversion.h>

static UConverter *conv;

// decode converts n bytes strictly and returns the number of UTF-16 units, 0 when the bytes stand for nothing.
static int decode(const char *in, int n, UChar *out, int cap) {
  UErrorCode e = U_ZERO_ERROR;
  ucnv_reset(conv);
  int len = ucnv_toUChars(conv, out, cap, in, n, &e);
  return U_FAILURE(e) ? 0 : len;
}

static int encode(const UChar *in, int n, char *out, int cap) {
  UErrorCode e = U_ZERO_ERROR;
  ucnv_reset(conv);
  int len = ucnv_fromUChars(conv, out, cap, in, n, &e);
  return U_FAILURE(e) ? 0 : len;
}

static void print(const char *kind, const char *hex, const char *in, int n) {
  UChar u[8];
  char back[16];
  int len = decode(in, n, u, 8);
  if (len == 0) return;
  int m = encode(u, len, back, 16);
  printf("%s %s %s", kind, hex, m == n && memcmp(in, back, n) == 0 ? "=" : ">");
  for (int i = 0; i < len;) {
    UChar32 c;
    U16_NEXT(u, i, len, c);
    printf(" %04X", (unsigned)c);
  }
  printf("\n");
}

static int dump(char kind, const char *name) {
  UErrorCode e = U_ZERO_ERROR;
  conv = ucnv_open(name, &e);
  if (U_FAILURE(e)) {
    fprintf(stderr, "icudump: %s: %s\n", name, u_errorName(e));
    return 1;
  }
  ucnv_setToUCallBack(conv, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &e);
  ucnv_setFromUCallBack(conv, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL, &e);
  ucnv_setFallback(conv, 0);
  printf("P %s\n", name);
  char hex[8];
  for (int b = 0; b < 256; b++) {
    if (kind == 'M' && (b == 0x0E || b == 0x0F)) continue;
    char in[1] = {(char)b};
    snprintf(hex, sizeof hex, "%02X", b);
    print("S", hex, in, 1);
  }
  for (int w = 0x4040; kind == 'M' && w < 0xFF00; w++) {
    int hi = w >> 8, lo = w & 0xFF;  // pairs are 41..FE twice, and the blank 4040
    if (w != 0x4040 && (hi < 0x41 || lo < 0x41 || lo > 0xFE)) continue;
    char in[4] = {0x0E, (char)(w >> 8), (char)w, 0x0F};
    snprintf(hex, sizeof hex, "%04X", w);
    print("D", hex, in, 4);
  }
  ucnv_close(conv);
  return 0;
}

int main(void) {
  char kind, name[128];
  printf("V %s\n", U_ICU_VERSION);
  while (scanf(" %c %127s", &kind, name) == 2)
    if (dump(kind, name)) return 1;
  return 0;
}
